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

void encode_block(const task& what, const int x[8][8], int8_t q[64]) {
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
            const int s = what.shifts[8 * u + v];
            const int64_t divisor = power_of_2(18 + s);
            const int64_t value = what.truncate ? sum / divisor : floor_divide(sum + divisor / 2, divisor);
            q[8 * u + v] = int8_t(clamp(value, -128, 127));
        }
    }
}

void decode_block(const task& what, const int8_t q[64], int y[8][8]) {
    int64_t t[8][8];
    for (int v = 0; v < 8; v++) {
        for (int x = 0; x < 8; x++) {
            int64_t sum = 0;
            for (int u = 0; u < 8; u++) {
                sum += kX[u][x] * (q[8 * u + v] * power_of_2(what.shifts[8 * u + v]));
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
            const int64_t low = what.non_negative ? 0 : -128;
            y[r][x] = int(clamp(floor_divide(sum + power_of_2(17), power_of_2(18)), low, 127));
        }
    }
}

uint64_t sum_of(const std::vector<uint64_t>& words) {
    uint64_t sum = 0;
    for (const uint64_t word : words) {
        sum += word;
    }
    return sum;
}

uint32_t bits_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

float float_of(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// A binary number of 16 bits with `fraction_bits`, by its definition.
float value_of_short(uint32_t bits, int fraction_bits, int bias) {
    const int exponent_bits = 15 - fraction_bits;
    const int exponent = int(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
    const int fraction = int(bits) & ((1 << fraction_bits) - 1);
    double magnitude;
    if (exponent == (1 << exponent_bits) - 1) {
        // Infinity, or a NaN that keeps its fraction.
        return float_of((bits & 0x8000) << 16 | 0x7f800000 | uint32_t(fraction) << (23 - fraction_bits));
    }
    if (exponent == 0) {
        magnitude = std::ldexp(double(fraction), 1 - bias - fraction_bits);
    } else {
        magnitude = std::ldexp(double(fraction + (1 << fraction_bits)), exponent - bias - fraction_bits);
    }
    return float(std::copysign(magnitude, (bits & 0x8000) != 0 ? -1.0 : 1.0));
}

// The nearest such number to a float32 that is not NaN, halves to even: the unit of the last place first, then the
// library's rounding to whole units.
uint32_t short_of_value(float value, int fraction_bits, int bias) {
    const uint32_t sign = std::signbit(value) ? 0x8000 : 0;
    const uint32_t infinity = ((uint32_t(1) << (15 - fraction_bits)) - 1) << fraction_bits;
    const double magnitude = std::fabs(double(value));
    if (std::isinf(magnitude)) {
        return sign | infinity;
    }
    if (magnitude == 0) {
        return sign;
    }
    const int exponent = std::max(std::ilogb(magnitude), 1 - bias);
    std::fesetround(FE_TONEAREST);
    const uint32_t units = uint32_t(std::nearbyint(std::ldexp(magnitude, fraction_bits - exponent)));
    // `units` includes the leading one of a normal number, which adds one to the exponent below it.
    const uint32_t bits = (uint32_t(exponent + bias - 1) << fraction_bits) + units;
    return sign | std::min(bits, infinity);
}

// The scales that encode and decode read: one a row of each row of blocks, or one a run of elements.
uint64_t sum_of_scales(const task& what, const std::vector<float>& scales) {
    uint64_t sum = 0;
    if (!what.has_scales()) {
        return 0;
    }
    if (what.method == method::jpeg_act) {
        for (uint32_t b = 0; b < what.block_count; b++) {
            if (b == 0 || (uint64_t(what.first_column) + b) % what.blocks_per_row == 0) {
                for (int row = 0; row < 8; row++) {
                    sum += bits_of(scales[scale_index(what, b, 8 * row)]);
                }
            }
        }
        return sum;
    }
    for (uint64_t element = 0; element < uint64_t(what.block_count) * 64; element++) {
        if (element == 0 || (what.first_position + element) % what.positions_per_scale == 0) {
            sum += bits_of(scales[scale_index(what, uint32_t(element / 64), int(element % 64))]);
        }
    }
    return sum;
}

bool is_not_above_zero(float x) { return x <= 0; }

}  // namespace

uint64_t sum_of_words(const std::vector<uint8_t>& bytes) {
    uint64_t sum = 0;
    for (size_t i = 0; i < bytes.size(); i++) {
        sum += uint64_t(bytes[i]) << (8 * (i % 8));
    }
    return sum;
}

uint32_t scale_index(const task& what, uint32_t block, int element) {
    uint64_t position;
    if (what.method == method::jpeg_act) {
        const uint64_t row_of_blocks = (uint64_t(what.first_column) + block) / what.blocks_per_row;
        position = what.first_position + 8 * row_of_blocks + uint64_t(element / 8);
    } else {
        position = what.first_position + 64 * uint64_t(block) + uint64_t(element);
    }
    return uint32_t((what.first_scale + position / what.positions_per_scale) % what.scale_count);
}

float read_element(type type, const uint8_t* bytes) {
    uint32_t bits = 0;
    switch (type) {
        case type::float32: std::memcpy(&bits, bytes, 4); return float_of(bits);
        case type::float16: std::memcpy(&bits, bytes, 2); return value_of_short(bits, 10, 15);
        case type::bfloat16: std::memcpy(&bits, bytes, 2); return value_of_short(bits, 7, 127);
        default: return float(int8_t(bytes[0]));
    }
}

void write_element(type type, float value, uint8_t* bytes) {
    uint32_t bits;
    switch (type) {
        case type::float32: std::memcpy(bytes, &value, 4); break;
        case type::float16:
            bits = short_of_value(value, 10, 15);
            std::memcpy(bytes, &bits, 2);
            break;
        case type::bfloat16:
            bits = short_of_value(value, 7, 127);
            std::memcpy(bytes, &bits, 2);
            break;
        default: bytes[0] = uint8_t(int8_t(value));
    }
}

int quantise_to_8_bits(float x, float scale) {
    const volatile float product = x * scale;
    std::fesetround(FE_TONEAREST);
    return int(std::min(std::max(std::nearbyint(double(product)), -128.0), 127.0));
}

float encode_scale(uint32_t maximum_bits, float full_scale) {
    const volatile float range = 128.0f * full_scale;
    return maximum_bits < bits_of(std::ldexp(1.0f, -100)) || maximum_bits >= 0x7f800000
               ? 0.0f
               : range / float_of(maximum_bits);
}

float decode_scale(uint32_t maximum_bits, float full_scale) {
    const volatile float range = 128.0f * full_scale;
    return maximum_bits < bits_of(std::ldexp(1.0f, -100)) || maximum_bits >= 0x7f800000
               ? 0.0f
               : float_of(maximum_bits) / range;
}

encoded encode(const task& what, const std::vector<uint8_t>& data, const std::vector<float>& scales) {
    encoded out;
    for (uint32_t b = 0; b < what.block_count; b++) {
        int8_t q[64];
        int x[8][8];
        for (int i = 0; i < 64; i++) {
            const float element =
                read_element(what.type, data.data() + (64 * size_t(b) + size_t(i)) * what.element_bytes());
            int value;
            if (what.method == method::brc) {
                value = is_not_above_zero(element) ? 0 : 1;
            } else if (what.type == type::int8) {
                value = int(element);
            } else {
                value = quantise_to_8_bits(element, scales[scale_index(what, b, i)]);
            }
            x[i / 8][i % 8] = value;
            q[i] = int8_t(value);
        }
        if (what.method == method::jpeg_act) {
            encode_block(what, x, q);
        }
        if (b % 64 == 0) {
            out.tile_offsets.push_back(uint32_t(out.values.size()));
        }
        uint64_t mask = 0;
        for (int k = 0; k < 64; k++) {
            mask |= uint64_t(q[k] != 0 ? 1 : 0) << k;
            if (what.has_values() && (q[k] != 0 || !what.has_masks())) {
                out.values.push_back(uint8_t(q[k]));
            }
        }
        if (what.has_masks()) {
            out.masks.push_back(mask);
        }
    }
    out.tile_offsets.push_back(uint32_t(out.values.size()));
    out.mask_sum = sum_of(out.masks);
    out.value_sum = sum_of_words(out.values);
    out.data_sum = sum_of_words(data);
    out.scale_sum = sum_of_scales(what, scales);
    return out;
}

decoded decode(const task& what, const std::vector<uint64_t>& masks, const std::vector<uint8_t>& values,
               const std::vector<float>& scales) {
    decoded out;
    out.data.resize(what.data_bytes());
    size_t next = 0;
    for (uint32_t b = 0; b < what.block_count; b++) {
        int8_t q[64];
        for (int k = 0; k < 64; k++) {
            const bool named = !what.has_masks() || (masks[b] >> k & 1) != 0;
            q[k] = 0;
            if (named && what.has_values()) {
                q[k] = next < values.size() ? int8_t(values[next]) : int8_t(0);
                next++;
            } else if (named) {
                q[k] = 1;
            }
        }
        int y[8][8];
        for (int k = 0; k < 64; k++) {
            y[k / 8][k % 8] = q[k];
        }
        if (what.method == method::jpeg_act) {
            decode_block(what, q, y);
        }
        for (int i = 0; i < 64; i++) {
            const float integer = float(y[i / 8][i % 8]);
            const volatile float value = what.has_scales() ? integer * scales[scale_index(what, b, i)] : integer;
            write_element(what.type, value, out.data.data() + (64 * size_t(b) + size_t(i)) * what.element_bytes());
        }
    }
    out.named_bytes = next;
    out.bytes_agree = !what.has_values() || next == values.size() ||
                      (!what.has_masks() && next > values.size() && next - values.size() < 64);
    out.mask_sum = what.has_masks() ? sum_of(masks) : 0;
    out.value_sum = what.has_values() ? sum_of_words(values) : 0;
    out.data_sum = sum_of_words(out.data);
    out.scale_sum = sum_of_scales(what, scales);
    return out;
}

maxima maximum(const task& what, const std::vector<uint8_t>& data, const maxima& so_far) {
    maxima out = so_far;
    out.bits.resize(what.scale_count);
    for (uint32_t b = 0; b < what.block_count; b++) {
        for (int i = 0; i < 64; i++) {
            const float x = read_element(what.type, data.data() + (64 * size_t(b) + size_t(i)) * what.element_bytes());
            uint32_t& largest = out.bits[scale_index(what, b, i)];
            largest = std::max(largest, bits_of(x) & 0x7fffffff);
            out.negative = out.negative || x < 0;
        }
    }
    out.data_sum = sum_of_words(data);
    return out;
}

}  // namespace golden
