#include "cases.hpp"

#include <cmath>
#include <cstring>

namespace testbench {
namespace {

float power_of_2(int exponent) { return std::ldexp(1.0f, exponent); }

// A bit pattern of the type that is neither infinite nor NaN.
void write_finite_pattern(random_source& random, golden::type type, uint8_t* bytes) {
    uint32_t bits = uint32_t(random());
    switch (type) {
        case golden::type::float32:
            bits = (bits & 0x7f800000) == 0x7f800000 ? bits ^ 0x40000000 : bits;
            std::memcpy(bytes, &bits, 4);
            break;
        case golden::type::float16:
            bits = (bits & 0x7c00) == 0x7c00 ? bits ^ 0x4000 : bits;
            std::memcpy(bytes, &bits, 2);
            break;
        case golden::type::bfloat16:
            bits = (bits & 0x7f80) == 0x7f80 ? bits ^ 0x4000 : bits;
            std::memcpy(bytes, &bits, 2);
            break;
        default: bytes[0] = uint8_t(bits);
    }
}

// Largest magnitude that does not round to infinity.
float largest_of(golden::type type) {
    return type == golden::type::float16 ? 65504.0f : type == golden::type::int8 ? 127.0f : 3.3e38f;
}

// What an element of a block of this kind is to become before rounding.
struct wave {
    uint32_t kind;
    float amplitude, phase, slope;
};

float aim(random_source& random, const wave& of, int i) {
    switch (of.kind) {
        case 0: return 0.0f;
        case 1: return of.amplitude;
        case 2: return (random() & 1) != 0 ? 127.0f : -128.0f;
        case 3: return float(int(below(random, 513)) - 256) / 2.0f;  // halves
        case 4: return std::nextafter(float(int(below(random, 257)) - 128) + 0.5f, (random() & 1) != 0 ? 1e9f : -1e9f);
        case 5: return float(int(below(random, 2001)) - 1000);
        default: return of.amplitude * std::sin(of.phase + of.slope * float(i / 8) + 0.3f * float(i % 8));
    }
}

}  // namespace

uint32_t below(random_source& random, uint32_t limit) { return uint32_t(random() % limit); }

const std::vector<golden::method>& all_methods() {
    static const std::vector<golden::method> all = {golden::method::jpeg_act, golden::method::sfpr,
                                                    golden::method::sfpr_zvc, golden::method::brc};
    return all;
}

const std::vector<golden::type>& all_types() {
    static const std::vector<golden::type> all = {golden::type::float32, golden::type::float16, golden::type::bfloat16,
                                                  golden::type::int8};
    return all;
}

std::string name_of(golden::method method) {
    static const char* const names[] = {"", "jpeg-act", "sfpr", "sfpr-zvc", "brc"};
    return names[int(method)];
}

std::string name_of(golden::type type) {
    static const char* const names[] = {"", "float32", "float16", "bfloat16", "int8"};
    return names[int(type)];
}

std::string name_of(const golden::task& what) {
    return name_of(what.method) + " " + name_of(what.type) + (what.truncate ? " truncate" : "") +
           (what.non_negative ? " non-negative" : "") + " " + std::to_string(what.block_count) + " blocks";
}

golden::task random_task(random_source& random, golden::method method, golden::type type, uint32_t block_count) {
    golden::task what;
    what.method = method;
    what.type = type;
    what.block_count = block_count;
    what.blocks_per_row = 1 + below(random, below(random, 3) == 0 ? 2 * block_count : 9);
    switch (below(random, 4)) {
        case 0: what.positions_per_scale = 1 + below(random, 17); break;
        case 1: what.positions_per_scale = 1 + below(random, 100); break;
        case 2: what.positions_per_scale = 1 + below(random, 2000); break;
        default: what.positions_per_scale = 32 * (1 + below(random, 40));
    }
    what.scale_count = 1 + below(random, below(random, 3) == 0 ? 200 : 5);
    what.first_column = below(random, what.blocks_per_row);
    what.first_position = random() % what.positions_per_scale;
    what.first_scale = below(random, what.scale_count);
    const uint32_t limit = 1 + below(random, 8);
    for (auto& shift : what.shifts) {
        shift = uint8_t(below(random, limit));
    }
    what.truncate = below(random, 2) != 0;
    what.non_negative = below(random, 2) != 0;
    return what;
}

std::vector<float> random_encode_scales(random_source& random, const golden::task& what) {
    std::vector<float> scales(what.scale_count);
    for (auto& scale : scales) {
        const float mantissa = 1.0f + float(below(random, 1u << 23)) / float(1u << 23);
        switch (below(random, 6)) {
            case 0: scale = 0.0f; break;
            case 1: scale = mantissa * power_of_2(int(below(random, 180)) - 90); break;
            case 2: scale = power_of_2(int(below(random, 12))); break;
            default: scale = mantissa * 50.0f;
        }
    }
    return scales;
}

std::vector<float> random_decode_scales(random_source& random, const golden::task& what) {
    std::vector<float> scales(what.scale_count);
    for (auto& scale : scales) {
        const float mantissa = 1.0f + float(below(random, 1u << 23)) / float(1u << 23);
        const int exponent = below(random, 3) == 0 ? int(below(random, 230)) - 109 : int(below(random, 30)) - 26;
        scale = below(random, 8) == 0 ? 0.0f : mantissa * power_of_2(exponent);
    }
    return scales;
}

std::vector<uint8_t> random_data(random_source& random, const golden::task& what, const std::vector<float>& scales) {
    std::vector<uint8_t> data(what.data_bytes());
    for (uint32_t b = 0; b < what.block_count; b++) {
        const wave of = {below(random, 9), float(1 + below(random, 160)), float(below(random, 628)) / 100.0f,
                         float(below(random, 300)) / 100.0f};
        for (int i = 0; i < 64; i++) {
            uint8_t* const element = data.data() + (64 * size_t(b) + size_t(i)) * what.element_bytes();
            if (of.kind == 8) {
                write_finite_pattern(random, what.type, element);
                continue;
            }
            const float q = aim(random, of, i);
            const float scale = what.has_scales() ? scales[golden::scale_index(what, b, i)] : 1.0f;
            const float x = scale == 0.0f ? q : q / scale;
            const float largest = largest_of(what.type);
            golden::write_element(what.type, std::fabs(x) <= largest ? x : std::copysign(largest, x), element);
        }
    }
    return data;
}

std::vector<uint64_t> random_masks(random_source& random, const golden::task& what, uint32_t density) {
    std::vector<uint64_t> masks(what.has_masks() ? what.block_count : 0);
    for (auto& mask : masks) {
        for (int k = 0; k < 64; k++) {
            mask |= uint64_t(below(random, 64) < density ? 1 : 0) << k;
        }
    }
    return masks;
}

std::vector<uint8_t> random_values(random_source& random, const golden::task& what,
                                   const std::vector<uint64_t>& masks) {
    size_t count = !what.has_masks() ? size_t(what.block_count) * 64 : 0;
    for (const uint64_t mask : masks) {
        count += what.has_values() ? size_t(__builtin_popcountll(mask)) : 0;
    }
    std::vector<uint8_t> values(count);
    for (auto& value : values) {
        value = uint8_t(random());
    }
    return values;
}

}  // namespace testbench
