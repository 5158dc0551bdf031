#include "golden.hpp"

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstring>

namespace golden {
namespace {

// X[k][n] x 8192, all 64 entries spelled out.
constexpr int64_t kX[8][8] = {
    {8192, 8192, 8192, 8192, 8192, 8192, 8192, 8192},         {11363, 9633, 6437, 2260, -2260, -6437, -9633, -11363},
    {10703, 4433, -4433, -10703, -10703, -4433, 4433, 10703}, {9633, -2259, -11362, -6436, 6436, 11362, 2259, -9633},
    {8192, -8192, -8192, 8192, 8192, -8192, -8192, 8192},     {6437, -11362, 2261, 9633, -9633, -2261, 11362, -6437},
    {4433, -10704, 10704, -4433, -4433, 10704, -10704, 4433}, {2260, -6436, 9633, -11363, 11363, -9633, 6436, -2260},
};

int64_t floor_divide(int64_t a, int64_t b) {
    const int64_t q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

int64_t clamp(int64_t value, int64_t low, int64_t high) { return std::min(std::max(value, low), high); }

int64_t power_of_2(int exponent) { return int64_t(1) << exponent; }

void encode_block(const arguments& launch, const int x[8][8], int8_t q[64]) {
    int64_t t[8][8];
    for (int v = 0; v < 8; v++) {
        for (int c = 0; c < 8; c++) {
            int64_t sum = 0;
            for (int r = 0; r < 8; r++) {
                sum += kX[v][r] * x[r][c];
            }
            t[v][c] = floor_divide(sum + power_of_2(10), power_of_2(11));
        }
    }
    for (int u = 0; u < 8; u++) {
        for (int v = 0; v < 8; v++) {
            int64_t sum = 0;
            for (int c = 0; c < 8; c++) {
                sum += kX[u][c] * t[v][c];
            }
            const int s = launch.shifts[8 * u + v];
            const int64_t divisor = power_of_2(18 + s);
            const int64_t value = launch.truncate ? sum / divisor : floor_divide(sum + divisor / 2, divisor);
            q[8 * u + v] = int8_t(clamp(value, -128, 127));
        }
    }
}

void decode_block(const arguments& launch, const int8_t q[64], int y[8][8]) {
    int64_t t[8][8];
    for (int v = 0; v < 8; v++) {
        for (int x = 0; x < 8; x++) {
            int64_t sum = 0;
            for (int u = 0; u < 8; u++) {
                sum += kX[u][x] * (q[8 * u + v] * power_of_2(launch.shifts[8 * u + v]));
            }
            t[v][x] = clamp(floor_divide(sum + power_of_2(10), power_of_2(11)), -32768, 32767);
        }
    }
    for (int r = 0; r < 8; r++) {
        for (int x = 0; x < 8; x++) {
            int64_t sum = 0;
            for (int v = 0; v < 8; v++) {
                sum += kX[v][r] * t[v][x];
            }
            const int64_t low = launch.non_negative ? 0 : -128;
            y[r][x] = int(clamp(floor_divide(sum + power_of_2(17), power_of_2(18)), low, 127));
        }
    }
}

// Sum modulo 2^64 of the little-endian 64-bit words of `bytes`, filled up with zeros.
uint64_t sum_of_words(const uint8_t* bytes, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += uint64_t(bytes[i]) << (8 * (i % 8));
    }
    return sum;
}

uint64_t sum_of(const std::vector<uint64_t>& words) {
    uint64_t sum = 0;
    for (const uint64_t word : words) {
        sum += word;
    }
    return sum;
}

}  // namespace

uint32_t scale_index(const arguments& launch, uint32_t block, int row) {
    const uint64_t row_of_blocks = (uint64_t(launch.first_column) + block) / launch.blocks_per_row;
    const uint64_t rows_from_plane_start = launch.first_row + 8 * row_of_blocks + uint64_t(row);
    return uint32_t((launch.first_scale + rows_from_plane_start / launch.rows_per_scale) % launch.scale_count);
}

int quantise_to_8_bits(float x, float scale) {
    const volatile float product = x * scale;
    std::fesetround(FE_TONEAREST);
    return int(std::min(std::max(std::nearbyint(double(product)), -128.0), 127.0));
}

encoded encode(const arguments& launch, const std::vector<float>& blocks, const std::vector<float>& scales) {
    encoded out;
    for (uint32_t b = 0; b < launch.block_count; b++) {
        int x[8][8];
        for (int i = 0; i < 64; i++) {
            x[i / 8][i % 8] = quantise_to_8_bits(blocks[64 * size_t(b) + i], scales[scale_index(launch, b, i / 8)]);
        }
        int8_t q[64];
        encode_block(launch, x, q);
        if (b % 64 == 0) {
            out.offsets.push_back(uint32_t(out.values.size()));
        }
        uint64_t mask = 0;
        for (int k = 0; k < 64; k++) {
            if (q[k] != 0) {
                mask |= uint64_t(1) << k;
                out.values.push_back(uint8_t(q[k]));
            }
        }
        out.masks.push_back(mask);
    }
    out.offsets.push_back(uint32_t(out.values.size()));
    out.result.block_count = launch.block_count;
    out.result.value_bytes = uint32_t(out.values.size());
    out.result.mask_sum = sum_of(out.masks);
    out.result.data_sum = sum_of_words(out.values.data(), out.values.size());
    return out;
}

decoded decode(const arguments& launch, const std::vector<uint64_t>& masks, const std::vector<uint8_t>& values,
               const std::vector<float>& scales) {
    decoded out;
    size_t next = 0;
    for (uint32_t b = 0; b < launch.block_count; b++) {
        int8_t q[64];
        for (int k = 0; k < 64; k++) {
            q[k] = 0;
            if ((masks[b] >> k & 1) != 0) {
                q[k] = next < values.size() ? int8_t(values[next]) : int8_t(0);
                next++;
            }
        }
        int y[8][8];
        decode_block(launch, q, y);
        for (int i = 0; i < 64; i++) {
            const volatile float value = float(y[i / 8][i % 8]) * scales[scale_index(launch, b, i / 8)];
            out.blocks.push_back(float(value));
        }
    }
    std::vector<uint8_t> bytes(out.blocks.size() * sizeof(float));
    std::memcpy(bytes.data(), out.blocks.data(), bytes.size());
    out.result.status = next == values.size() ? 0 : 2;
    out.result.block_count = launch.block_count;
    out.result.value_bytes = uint32_t(next);
    out.result.mask_sum = sum_of(masks);
    out.result.data_sum = sum_of_words(bytes.data(), bytes.size());
    return out;
}

}  // namespace golden
