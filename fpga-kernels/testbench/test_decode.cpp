#include <vector>

#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

std::string label(const char* what, uint64_t number) { return std::string(what) + " " + std::to_string(number); }

// Masks of a given density (0 .. 64 ones on average in 64).
std::vector<uint64_t> random_masks(random_source& random, uint32_t count, uint32_t density) {
    std::vector<uint64_t> masks(count);
    for (auto& mask : masks) {
        for (int k = 0; k < 64; k++) {
            mask |= uint64_t(below(random, 64) < density ? 1 : 0) << k;
        }
    }
    return masks;
}

size_t ones_in(const std::vector<uint64_t>& masks) {
    size_t ones = 0;
    for (const uint64_t mask : masks) {
        ones += size_t(__builtin_popcountll(mask));
    }
    return ones;
}

std::vector<uint8_t> random_bytes(random_source& random, size_t count) {
    std::vector<uint8_t> bytes(count);
    for (auto& byte : bytes) {
        byte = uint8_t(random());
    }
    return bytes;
}

// Any masks and values, well beyond what an encoder makes; the counts agree.
void random_streams() {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_source random(seed);
        const golden::arguments launch = random_launch(random, 1 + below(random, 100));
        const std::vector<float> scales = random_scales(random, launch.scale_count);
        const std::vector<uint64_t> masks = random_masks(random, launch.block_count, below(random, 65));
        check_decode(launch, masks, random_bytes(random, ones_in(masks)), scales, label("seed", seed));
    }
}

void tails() {
    random_source random(2);
    for (const uint32_t count : {1u, 2u, 7u, 8u, 9u, 63u, 64u, 65u, 127u, 128u, 129u}) {
        for (const uint32_t density : {0u, 5u, 64u}) {
            const golden::arguments launch = random_launch(random, count);
            const std::vector<float> scales = random_scales(random, launch.scale_count);
            const std::vector<uint64_t> masks = random_masks(random, count, density);
            check_decode(launch, masks, random_bytes(random, ones_in(masks)), scales, label("blocks", count));
        }
    }
}

void long_launch() {
    random_source random(8);
    const golden::arguments launch = random_launch(random, 1200);
    const std::vector<float> scales = random_scales(random, launch.scale_count);
    const std::vector<uint64_t> masks = random_masks(random, launch.block_count, 33);
    check_decode(launch, masks, random_bytes(random, ones_in(masks)), scales, "long");
}

// What the encoder makes, given back.
void round_trips() {
    for (uint64_t seed = 100; seed <= 120; seed++) {
        random_source random(seed);
        const golden::arguments launch = random_launch(random, 1 + below(random, 90));
        const std::vector<float> scales = random_scales(random, launch.scale_count);
        const golden::encoded out =
            check_encode(launch, random_blocks(random, launch, scales), scales, label("encode, seed", seed));
        check_decode(launch, out.masks, out.values, scales, label("decode, seed", seed));
    }
}

// Streams at the corners of the arithmetic: every coefficient at an extreme, signs in many patterns, largest shifts.
void extremes() {
    for (uint64_t seed = 1; seed <= 8; seed++) {
        random_source random(seed);
        golden::arguments launch = random_launch(random, 66);
        launch.shifts.fill(7);
        const std::vector<uint64_t> masks(launch.block_count, ~uint64_t(0));
        std::vector<uint8_t> values(size_t(launch.block_count) * 64);
        for (size_t i = 0; i < values.size(); i++) {
            const uint32_t block = uint32_t(i / 64);
            const bool negative = block == 0 ? false : block == 1 ? true : (random() & 1) != 0;
            values[i] = negative ? 0x80 : 0x7f;
        }
        for (const bool non_negative : {false, true}) {
            launch.non_negative = non_negative;
            check_decode(launch, masks, values, std::vector<float>(launch.scale_count, 0.5f), label("seed", seed));
        }
    }
}

void shift_order() {
    random_source random(14);
    golden::arguments launch;
    launch.block_count = 3;
    launch.blocks_per_row = 3;
    const std::vector<uint64_t> masks(3, ~uint64_t(0));
    std::vector<uint8_t> values(3 * 64, 1);
    for (int k = 0; k < 64; k++) {
        launch.shifts.fill(1);
        launch.shifts[k] = 6;
        check_decode(launch, masks, values, {1.0f}, label("shift of coefficient", uint64_t(k)));
    }
}

// Masks that name more bytes than there are: the missing ones are zeros, the status says so, and no word past the last
// is read (the buffer ends at an inaccessible page). Bytes after value_bytes in the last word do not count either.
void too_few_values() {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_source random(seed);
        const golden::arguments launch = random_launch(random, 1 + below(random, 70));
        const std::vector<float> scales = random_scales(random, launch.scale_count);
        const std::vector<uint64_t> masks = random_masks(random, launch.block_count, 1 + below(random, 64));
        const size_t named = ones_in(masks);
        if (named == 0) {
            continue;
        }
        const std::vector<uint8_t> values = random_bytes(random, below(random, uint32_t(named)));
        const golden::decoded out = check_decode(launch, masks, values, scales, label("seed", seed), 0xFF);
        require(out.result.status == 2, "expected the status to tell");
    }
    golden::arguments launch;
    launch.block_count = 130;
    check_decode(launch, std::vector<uint64_t>(130, ~uint64_t(0)), {}, {1.0f}, "no values at all");
}

// More bytes than the masks name: the rest is read and dropped.
void too_many_values() {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_source random(seed);
        const golden::arguments launch = random_launch(random, 1 + below(random, 70));
        const std::vector<float> scales = random_scales(random, launch.scale_count);
        const std::vector<uint64_t> masks = random_masks(random, launch.block_count, below(random, 50));
        const size_t named = ones_in(masks), most = size_t(launch.block_count) * 64;
        if (named == most) {
            continue;
        }
        const size_t given = seed % 4 == 0 ? most : named + 1 + below(random, uint32_t(most - named));
        const golden::decoded out =
            check_decode(launch, masks, random_bytes(random, given), scales, label("seed", seed), 0xFF);
        require(out.result.status == 2, "expected the status to tell");
    }
}

}  // namespace

std::vector<test> decode_tests() {
    return {
        {"decode_random_streams", random_streams},
        {"decode_tails", tails},
        {"decode_long_launch", long_launch},
        {"decode_round_trips", round_trips},
        {"decode_extremes", extremes},
        {"decode_shift_order", shift_order},
        {"decode_too_few_values", too_few_values},
        {"decode_too_many_values", too_many_values},
    };
}

}  // namespace testbench
