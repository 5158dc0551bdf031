#include <vector>

#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

golden::task any_task(random_source& random, uint32_t most_blocks) {
    return random_task(random, all_methods()[below(random, 4)], all_types()[below(random, 4)],
                       1 + below(random, most_blocks));
}

raw_descriptor bad_descriptor() {
    golden::task what;
    raw_descriptor d = describe(what, true);
    d[0] |= 0x80;
    return d;
}

// Tasks of all kinds in one launch, appended or not, with refused ones between them.
void encode_batches() {
    for (uint64_t seed = 1; seed <= 25; seed++) {
        random_source random(seed);
        encode_launch launch;
        const uint32_t count = 1 + below(random, 30);
        for (uint32_t i = 0; i < count; i++) {
            if (below(random, 8) == 0) {
                launch.add_bad(bad_descriptor());
                continue;
            }
            const golden::task what = any_task(random, 70);
            const std::vector<float> scales = random_encode_scales(random, what);
            encode_options options;
            options.append = below(random, 2) != 0;
            options.gap = below(random, 3);
            launch.add(what, random_data(random, what, scales), scales, options);
        }
        launch.run("seed " + std::to_string(seed));
    }
}

void decode_batches() {
    for (uint64_t seed = 1; seed <= 25; seed++) {
        random_source random(seed);
        decode_launch launch;
        const uint32_t count = 1 + below(random, 30);
        for (uint32_t i = 0; i < count; i++) {
            if (below(random, 8) == 0) {
                launch.add_bad(bad_descriptor());
                continue;
            }
            const golden::task what = any_task(random, 70);
            const std::vector<uint64_t> masks = random_masks(random, what, below(random, 65));
            decode_options options;
            options.gap = below(random, 3);
            launch.add(what, masks, random_values(random, what, masks), random_decode_scales(random, what), options);
        }
        launch.run("seed " + std::to_string(seed));
    }
}

// The parts of a tensor, appended, are its values in one piece when each part ends at a word.
void appended_parts() {
    random_source random(3);
    golden::task whole = random_task(random, golden::method::sfpr, golden::type::float32, 64 * 4);
    const std::vector<float> scales = random_encode_scales(random, whole);
    const std::vector<uint8_t> data = random_data(random, whole, scales);
    const golden::encoded expected = golden::encode(whole, data, scales);
    encode_launch launch;
    std::vector<uint8_t> together;
    for (uint32_t first = 0; first < whole.block_count; first += 64) {
        golden::task part = whole;
        part.block_count = 64;
        const uint64_t position = whole.first_position + 64 * uint64_t(first);
        part.first_position = position % whole.positions_per_scale;
        part.first_scale = uint32_t((whole.first_scale + position / whole.positions_per_scale) % whole.scale_count);
        encode_options options;
        options.append = true;
        const golden::encoded out = launch.add(
            part, {data.begin() + std::ptrdiff_t(first) * 256, data.begin() + std::ptrdiff_t(first + 64) * 256}, scales,
            options);
        together.insert(together.end(), out.values.begin(), out.values.end());
    }
    require(together == expected.values, "the golden model's parts");
    launch.run("parts");
}

// Values that do not fit are dropped at a word, told, and the next descriptor is not harmed.
void too_little_room() {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_source random(seed);
        encode_launch launch;
        for (uint32_t i = 0; i < 6; i++) {
            golden::task what = random_task(random, seed % 2 != 0 ? golden::method::jpeg_act : golden::method::sfpr,
                                            golden::type::float32, 1 + below(random, 150));
            const std::vector<float> scales = random_encode_scales(random, what);
            encode_options options;
            options.append = below(random, 2) != 0;
            options.capacity_words = below(random, what.block_count + 1);
            launch.add(what, random_data(random, what, scales), scales, options);
        }
        launch.run("seed " + std::to_string(seed));
    }
}

// With append, value_bytes may promise more than the buffer has left: the buffer's end counts.
void append_to_the_end() {
    for (const uint64_t declared : {uint64_t(100), uint64_t(1) << 40, ~uint64_t(0) / 64}) {
        for (const uint64_t left : {uint64_t(0), uint64_t(1), uint64_t(39), uint64_t(40)}) {
            random_source random(left);
            golden::task what;
            what.method = golden::method::sfpr;
            what.block_count = 40;
            encode_launch launch;
            encode_options options;
            options.append = true;
            const std::vector<uint8_t> data = random_data(random, what, {3.0f});
            launch.add(what, data, {3.0f}, options);
            options.capacity_words = left;
            options.declared_words = declared;
            launch.add(what, data, {3.0f}, options);
            launch.run("left " + std::to_string(left));
        }
    }
}

// As many descriptors as a launch takes, and one more.
void most_descriptors() {
    encode_launch launch;
    random_source random(6);
    golden::task what;
    what.method = golden::method::sfpr_zvc;
    what.type = golden::type::int8;
    encode_options options;
    options.append = true;
    for (uint32_t i = 0; i < 4096; i++) {
        launch.add(what, random_data(random, what, {}), {}, options);
    }
    launch.run("4096 descriptors");
}

}  // namespace

std::vector<test> batch_tests() {
    return {
        {"batch_encode", encode_batches},
        {"batch_decode", decode_batches},
        {"batch_appended_parts", appended_parts},
        {"batch_too_little_room", too_little_room},
        {"batch_append_to_the_end", append_to_the_end},
        {"batch_most_descriptors", most_descriptors},
    };
}

}  // namespace testbench
