#include <vector>

#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

std::string label(const char* what, uint64_t number) { return std::string(what) + " " + std::to_string(number); }

void tails() {
    random_source random(1);
    for (const uint32_t count : {1u, 2u, 7u, 8u, 9u, 63u, 64u, 65u, 127u, 128u, 129u}) {
        for (int round = 0; round < 3; round++) {
            const golden::arguments launch = random_launch(random, count);
            const std::vector<float> scales = random_scales(random, launch.scale_count);
            check_encode(launch, random_blocks(random, launch, scales), scales, label("blocks", count));
        }
    }
}

void random_launches() {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_source random(seed);
        const golden::arguments launch = random_launch(random, 1 + below(random, 100));
        const std::vector<float> scales = random_scales(random, launch.scale_count);
        check_encode(launch, random_blocks(random, launch, scales), scales, label("seed", seed));
    }
}

// Long enough to wrap every FIFO, start many tiles and send several full bursts of values.
void long_launch() {
    random_source random(7);
    golden::arguments launch = random_launch(random, 1200);
    launch.shifts.fill(0);
    const std::vector<float> scales(launch.scale_count, 1.0f);
    check_encode(launch, random_blocks(random, launch, scales), scales, "long");
}

// All blocks empty: no values at all, and the packer has nothing to flush.
void all_zero() {
    for (const uint32_t count : {1u, 64u, 70u}) {
        golden::arguments launch;
        launch.block_count = count;
        launch.blocks_per_row = 5;
        const golden::encoded out = check_encode(launch, std::vector<float>(size_t(count) * 64, 0.0f), {1.0f}, "zeros");
        require(out.values.empty(), "zeros: expected no values");
    }
}

// Every coefficient of every block non-zero: each block fills a word, and every burst is a full one.
void all_non_zero() {
    random_source random(11);
    std::vector<float> blocks;
    golden::arguments launch;
    while (blocks.size() < 128 * 64) {
        std::vector<float> block(64);
        for (auto& x : block) {
            x = float(int(below(random, 256)) - 128);
        }
        if (golden::encode(launch, block, {1.0f}).values.size() == 64) {
            blocks.insert(blocks.end(), block.begin(), block.end());
        }
    }
    for (const uint32_t count : {1u, 63u, 64u, 65u, 128u}) {
        launch.block_count = count;
        const golden::encoded out =
            check_encode(launch, std::vector<float>(blocks.begin(), blocks.begin() + count * 64), {1.0f}, "dense");
        require(out.values.size() == count * 64, "dense: expected every value");
    }
}

// The corners of the transform's range: each basis function at full swing, both signs, every shift, both roundings.
void extremes() {
    for (int sign = -1; sign <= 1; sign += 2) {
        golden::arguments launch;
        launch.block_count = 64;
        launch.blocks_per_row = 64;
        std::vector<float> blocks;
        for (int k = 0; k < 64; k++) {
            for (int i = 0; i < 64; i++) {
                const double angle_x = (i % 8 * 2 + 1) * (k / 8) * 0.19634954084936207;
                const double angle_y = (i / 8 * 2 + 1) * (k % 8) * 0.19634954084936207;
                blocks.push_back(sign * __builtin_cos(angle_x) * __builtin_cos(angle_y) >= 0 ? 127.0f : -128.0f);
            }
        }
        for (int shift = 0; shift <= 7; shift++) {
            launch.shifts.fill(uint8_t(shift));
            for (const bool truncate : {false, true}) {
                launch.truncate = truncate;
                check_encode(launch, blocks, {1.0f}, label("extreme, shift", uint64_t(shift)));
            }
        }
    }
}

// One shift at a time differs, so that a table read in the wrong order cannot pass.
void shift_order() {
    random_source random(13);
    golden::arguments launch;
    launch.block_count = 3;
    launch.blocks_per_row = 3;
    const std::vector<float> blocks = random_blocks(random, launch, {1.0f});
    for (int k = 0; k < 64; k++) {
        launch.shifts.fill(1);
        launch.shifts[k] = 4;
        check_encode(launch, blocks, {1.0f}, label("shift of coefficient", uint64_t(k)));
    }
}

// Every start within a small image, each row with a scale of its own, so that any slip in the stepping shows.
void starts() {
    random_source random(17);
    for (uint32_t height = 1; height <= 9; height++) {
        for (uint32_t scale_count = 1; scale_count <= 34; scale_count += 11) {
            golden::arguments launch;
            launch.block_count = 13;
            launch.blocks_per_row = 1 + below(random, 5);
            launch.rows_per_scale = height;
            launch.scale_count = scale_count;
            std::vector<float> scales;
            for (uint32_t i = 0; i < scale_count; i++) {
                scales.push_back(0.25f + float(i) * 0.125f);
            }
            for (uint32_t row = 0; row < height; row += 1 + height / 4) {
                launch.first_row = row;
                launch.first_column = below(random, launch.blocks_per_row);
                launch.first_scale = below(random, scale_count);
                check_encode(launch, std::vector<float>(13 * 64, 77.0f), scales, label("start, height", height));
            }
        }
    }
}

}  // namespace

std::vector<test> encode_tests() {
    return {
        {"encode_tails", tails},
        {"encode_random_launches", random_launches},
        {"encode_long_launch", long_launch},
        {"encode_all_zero", all_zero},
        {"encode_all_non_zero", all_non_zero},
        {"encode_extremes", extremes},
        {"encode_shift_order", shift_order},
        {"encode_starts", starts},
    };
}

}  // namespace testbench
