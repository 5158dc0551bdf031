#include "launch.hpp"

#include <cmath>
#include <cstring>

#include "jpegact_decode.hpp"
#include "jpegact_encode.hpp"
#include "report.hpp"

namespace testbench {
namespace {

void require_report(const golden::report& got, const golden::report& expected, const std::string& name) {
    require(got.status == expected.status, name + ": status");
    require(got.block_count == expected.block_count, name + ": block count in the result");
    require(got.value_bytes == expected.value_bytes, name + ": value bytes in the result");
    require(got.mask_sum == expected.mask_sum, name + ": checksum of the masks");
    require(got.data_sum == expected.data_sum, name + ": checksum of the data");
}

// Byte equality with `expected`, zeros up to the end of its last word, and nothing written after it.
template <class T>
void require_written(const guarded_buffer& buffer, const std::vector<T>& expected, const std::string& what) {
    const size_t bytes = expected.size() * sizeof(T);
    const size_t end = (bytes + jpegact::kWordBytes - 1) / jpegact::kWordBytes * jpegact::kWordBytes;
    const auto* want = reinterpret_cast<const uint8_t*>(expected.data());
    for (size_t i = 0; i < bytes; i++) {
        if (buffer.bytes()[i] != want[i]) {
            throw failure(what + ": byte " + std::to_string(i) + " is " + std::to_string(buffer.bytes()[i]) + ", not " +
                          std::to_string(want[i]));
        }
    }
    for (size_t i = bytes; i < end; i++) {
        require(buffer.bytes()[i] == 0, what + ": the last word is not filled up with zeros");
    }
    require(buffer.is_untouched_from(end), what + ": written outside of its words");
}

float power_of_2(int exponent) { return std::ldexp(1.0f, exponent); }

}  // namespace

uint32_t below(random_source& random, uint32_t limit) { return uint32_t(random() % limit); }

uint64_t shift_word(const golden::arguments& launch, int index) {
    uint64_t word = 0;
    for (int k = 0; k < 16; k++) {
        word |= uint64_t(launch.shifts[16 * index + k]) << (4 * k);
    }
    return word;
}

golden::report read_report(const guarded_buffer& result, const std::string& name) {
    uint32_t word[16];
    std::memcpy(word, result.bytes(), sizeof word);
    require(word[0] == 0x4A413101, name + ": layout version in the result");
    for (int i = 8; i < 16; i++) {
        require(word[i] == 0, name + ": upper half of the result");
    }
    golden::report report;
    report.status = word[1];
    report.block_count = word[2];
    report.value_bytes = word[3];
    report.mask_sum = word[4] | uint64_t(word[5]) << 32;
    report.data_sum = word[6] | uint64_t(word[7]) << 32;
    return report;
}

golden::encoded check_encode(const golden::arguments& launch, const std::vector<float>& blocks,
                             const std::vector<float>& scales, const std::string& name) {
    const golden::encoded expected = golden::encode(launch, blocks, scales);
    guarded_buffer in(blocks);
    guarded_buffer table(scales);
    guarded_buffer masks((launch.block_count + 7) / 8), values(launch.block_count),
        offsets((expected.offsets.size() + 15) / 16), result(1);
    jpegact_encode(in.words(), table.words(), masks.words(), values.words(), offsets.words(), result.words(),
                   launch.block_count, launch.blocks_per_row, launch.rows_per_scale, launch.scale_count,
                   launch.first_column, launch.first_row, launch.first_scale, shift_word(launch, 0),
                   shift_word(launch, 1), shift_word(launch, 2), shift_word(launch, 3), launch.truncate ? 1 : 0);
    require_report(read_report(result, name), expected.result, name);
    require_written(masks, expected.masks, name + ": masks");
    require_written(values, expected.values, name + ": values");
    require_written(offsets, expected.offsets, name + ": offsets");
    require(result.is_untouched_from(jpegact::kWordBytes), name + ": more than one result word");
    return expected;
}

golden::decoded check_decode(const golden::arguments& launch, const std::vector<uint64_t>& masks,
                             const std::vector<uint8_t>& values, const std::vector<float>& scales,
                             const std::string& name, uint8_t fill) {
    const golden::decoded expected = golden::decode(launch, masks, values, scales);
    guarded_buffer mask_words(masks);
    guarded_buffer value_words(values, fill);
    guarded_buffer table(scales);
    guarded_buffer blocks(size_t(launch.block_count) * 4), result(1);
    jpegact_decode(mask_words.words(), value_words.words(), table.words(), blocks.words(), result.words(),
                   launch.block_count, uint32_t(values.size()), launch.blocks_per_row, launch.rows_per_scale,
                   launch.scale_count, launch.first_column, launch.first_row, launch.first_scale, shift_word(launch, 0),
                   shift_word(launch, 1), shift_word(launch, 2), shift_word(launch, 3), launch.non_negative ? 1 : 0);
    require_report(read_report(result, name), expected.result, name);
    require_written(blocks, expected.blocks, name + ": blocks");
    require(result.is_untouched_from(jpegact::kWordBytes), name + ": more than one result word");
    return expected;
}

golden::arguments random_launch(random_source& random, uint32_t block_count) {
    golden::arguments launch;
    launch.block_count = block_count;
    launch.blocks_per_row = 1 + below(random, below(random, 3) == 0 ? 2 * block_count : 9);
    launch.rows_per_scale = 1 + below(random, below(random, 3) == 0 ? 100 : 17);
    launch.scale_count = 1 + below(random, below(random, 3) == 0 ? 200 : 5);
    launch.first_column = below(random, launch.blocks_per_row);
    launch.first_row = below(random, launch.rows_per_scale);
    launch.first_scale = below(random, launch.scale_count);
    const uint32_t limit = 1 + below(random, 8);
    for (auto& shift : launch.shifts) {
        shift = uint8_t(below(random, limit));
    }
    launch.truncate = below(random, 2) != 0;
    launch.non_negative = below(random, 2) != 0;
    return launch;
}

std::vector<float> random_scales(random_source& random, uint32_t count) {
    std::vector<float> scales(count);
    for (auto& scale : scales) {
        const float mantissa = 1.0f + float(below(random, 1u << 23)) / float(1u << 23);
        switch (below(random, 6)) {
            case 0:
                scale = 0.0f;
                break;
            case 1:
                scale = mantissa * power_of_2(int(below(random, 180)) - 90);
                break;
            case 2:
                scale = power_of_2(int(below(random, 12)));
                break;
            default:
                scale = mantissa * 50.0f;
        }
    }
    return scales;
}

std::vector<float> random_blocks(random_source& random, const golden::arguments& launch,
                                 const std::vector<float>& scales) {
    std::vector<float> blocks(size_t(launch.block_count) * 64);
    for (uint32_t b = 0; b < launch.block_count; b++) {
        const uint32_t kind = below(random, 8);
        const float amplitude = float(1 + below(random, 160));
        const float phase = float(below(random, 628)) / 100.0f, slope = float(below(random, 300)) / 100.0f;
        for (int i = 0; i < 64; i++) {
            float q = 0;  // aimed at, before rounding
            switch (kind) {
                case 0:
                    break;
                case 1:
                    q = amplitude;
                    break;
                case 2:
                    q = (random() & 1) != 0 ? 127.0f : -128.0f;
                    break;
                case 3:
                    q = float(int(below(random, 513)) - 256) / 2.0f;  // halves
                    break;
                case 4:
                    q = std::nextafter(float(int(below(random, 257)) - 128) + 0.5f, (random() & 1) != 0 ? 1e9f : -1e9f);
                    break;
                case 5:
                    q = float(int(below(random, 2001)) - 1000);
                    break;
                default:
                    q = amplitude * std::sin(phase + slope * float(i / 8) + 0.3f * float(i % 8));
            }
            const float scale = scales[golden::scale_index(launch, b, i / 8)];
            const float x = scale == 0.0f ? q : q / scale;
            blocks[64 * size_t(b) + i] = std::isfinite(x) ? x : 0.0f;
        }
    }
    return blocks;
}

}  // namespace testbench
