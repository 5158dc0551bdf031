#include <vector>

#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

void check_random(random_source& random, const golden::task& what, uint32_t density, const std::string& name) {
    const std::vector<uint64_t> masks = random_masks(random, what, density);
    check_decode(what, masks, random_values(random, what, masks), random_decode_scales(random, what), name);
}

void tails() {
    random_source random(2);
    for (const golden::method method : all_methods()) {
        for (const golden::type type : all_types()) {
            for (const uint32_t count : {1u, 7u, 8u, 9u, 63u, 64u, 65u, 129u}) {
                for (const uint32_t density : {0u, 5u, 64u}) {
                    check_random(random, random_task(random, method, type, count), density, "tail");
                }
            }
        }
    }
}

// What the encoder makes, given back.
void round_trips() {
    random_source random(3);
    for (const golden::method method : all_methods()) {
        for (const golden::type type : all_types()) {
            const golden::task what = random_task(random, method, type, 1 + below(random, 90));
            const std::vector<float> scales = random_encode_scales(random, what);
            const golden::encoded out = check_encode(what, random_data(random, what, scales), scales, "there");
            check_decode(what, out.masks, out.values, random_decode_scales(random, what), "and back");
        }
    }
}

// Streams at the corners of the arithmetic: every coefficient at an extreme, signs in many patterns, largest shifts.
void extremes() {
    for (uint64_t seed = 1; seed <= 8; seed++) {
        random_source random(seed);
        golden::task what = random_task(random, golden::method::jpeg_act, all_types()[seed % 4], 66);
        what.shifts.fill(7);
        const std::vector<uint64_t> masks(what.block_count, ~uint64_t(0));
        std::vector<uint8_t> values(size_t(what.block_count) * 64);
        for (size_t i = 0; i < values.size(); i++) {
            const uint32_t block = uint32_t(i / 64);
            const bool negative = block == 0 ? false : block == 1 ? true : (random() & 1) != 0;
            values[i] = negative ? 0x80 : 0x7f;
        }
        for (const bool non_negative : {false, true}) {
            what.non_negative = non_negative;
            check_decode(what, masks, values, std::vector<float>(what.scale_count, 0.5f), "extremes");
        }
    }
}

void shift_order() {
    golden::task what;
    what.block_count = 3;
    what.blocks_per_row = 3;
    const std::vector<uint64_t> masks(3, ~uint64_t(0));
    const std::vector<uint8_t> values(3 * 64, 1);
    for (size_t k = 0; k < 64; k++) {
        what.shifts.fill(1);
        what.shifts[k] = 6;
        check_decode(what, masks, values, {1.0f}, "shift of coefficient " + std::to_string(k));
    }
}

void every_small_scale() {
    for (const golden::method method : {golden::method::jpeg_act, golden::method::sfpr}) {
        for (const golden::type type : {golden::type::float32, golden::type::bfloat16}) {
            for (uint64_t size = 1; size <= 70; size++) {
                random_source random(size);
                golden::task what = random_task(random, method, type, 3);
                what.positions_per_scale = size;
                what.first_position = random() % size;
                what.scale_count = 1 + below(random, 40);
                what.first_scale = below(random, what.scale_count);
                check_random(random, what, 30, "scale of " + std::to_string(size) + " positions");
            }
        }
    }
}

// Masks that name more bytes than there are: the missing ones are zeros, the status says so, and no word past the last
// is read (the buffer ends at an inaccessible page). Bytes after value_bytes in the last word do not count either.
void too_few_values() {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_source random(seed);
        const golden::method method = seed % 2 != 0 ? golden::method::jpeg_act : golden::method::sfpr_zvc;
        const golden::task what = random_task(random, method, all_types()[seed / 2 % 4], 1 + below(random, 70));
        const std::vector<uint64_t> masks = random_masks(random, what, 1 + below(random, 64));
        std::vector<uint8_t> values = random_values(random, what, masks);
        if (values.empty()) {
            continue;
        }
        values.resize(below(random, uint32_t(values.size())));
        const golden::decoded out =
            check_decode(what, masks, values, random_decode_scales(random, what), "too few", 0xFF);
        require(!out.bytes_agree, "expected the status to tell");
    }
    golden::task what;
    what.block_count = 130;
    check_decode(what, std::vector<uint64_t>(130, ~uint64_t(0)), {}, {1.0f}, "no values at all");
    what.method = golden::method::sfpr;
    check_decode(what, {}, {}, {1.0f}, "no values at all");
}

// More bytes than the masks name: the rest is read, summed and dropped.
void too_many_values() {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_source random(seed);
        const golden::task what =
            random_task(random, golden::method::sfpr_zvc, all_types()[seed % 4], 1 + below(random, 70));
        const std::vector<uint64_t> masks = random_masks(random, what, below(random, 60));
        std::vector<uint8_t> values = random_values(random, what, masks);
        const size_t most = size_t(what.block_count) * 64;
        const size_t named = values.size();
        if (named == most) {
            continue;
        }
        values.resize(named + 1 + below(random, uint32_t(most - named)), 0x5A);
        const golden::decoded out = check_decode(what, masks, values, random_decode_scales(random, what), "too many");
        require(!out.bytes_agree && out.named_bytes == named, "expected the status to tell");
    }
}

// sfpr's last block may be cut anywhere; anything shorter is told.
void sfpr_tails() {
    golden::task what;
    what.method = golden::method::sfpr;
    what.block_count = 3;
    what.positions_per_scale = 1000;
    for (uint32_t bytes = 0; bytes <= 192; bytes++) {
        random_source random(bytes);
        std::vector<uint8_t> values = random_values(random, what, {});
        values.resize(bytes);
        const golden::decoded out = check_decode(what, {}, values, {0.25f}, "cut", 0xFF);
        require(out.bytes_agree == (bytes > 128), "whether the bytes reach into the last block");
    }
}

}  // namespace

std::vector<test> decode_tests() {
    return {
        {"decode_tails", tails},
        {"decode_round_trips", round_trips},
        {"decode_extremes", extremes},
        {"decode_shift_order", shift_order},
        {"decode_every_small_scale", every_small_scale},
        {"decode_too_few_values", too_few_values},
        {"decode_too_many_values", too_many_values},
        {"decode_sfpr_tails", sfpr_tails},
    };
}

}  // namespace testbench
