#include <cmath>
#include <cstring>
#include <vector>

#include "golden.hpp"
#include "jpegact/float_bits.hpp"
#include "report.hpp"

namespace testbench {
namespace {

void check_bits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    const int expected = golden::quantise_to_8_bits(value, 1.0f);
    const int got = jpegact::round_to_8_bits(bits);
    require(got == expected,
            "bits " + std::to_string(bits) + ": " + std::to_string(got) + ", not " + std::to_string(expected));
}

// Every exponent and sign with the mantissas around each border of its last bits.
void borders() {
    for (uint32_t exponent = 0; exponent < 255; exponent++) {
        for (uint32_t bit = 0; bit <= 23; bit++) {
            for (int32_t around = -2; around <= 2; around++) {
                const uint32_t mantissa = ((uint32_t(1) << bit) + uint32_t(around)) & 0x7fffff;
                check_bits(exponent << 23 | mantissa);
                check_bits(0x80000000u | exponent << 23 | mantissa);
            }
        }
    }
}

// Every half and its neighbours, from -130 to 130.
void halves() {
    for (int twice = -260; twice <= 260; twice++) {
        const float value = float(twice) / 2.0f;
        for (const float x : {value, std::nextafter(value, 1e9f), std::nextafter(value, -1e9f)}) {
            uint32_t bits;
            std::memcpy(&bits, &x, sizeof bits);
            check_bits(bits);
        }
    }
}

// A prime stride over all finite patterns.
void sweep() {
    for (uint64_t bits = 0; bits < 0x7f800000u; bits += 10007) {
        check_bits(uint32_t(bits));
        check_bits(uint32_t(bits) | 0x80000000u);
    }
}

// Outside of the interface, yet defined: infinities and not-a-number saturate by their sign.
void not_finite() {
    for (const uint32_t bits : {0x7f800000u, 0x7f800001u, 0x7fc00000u, 0x7fffffffu}) {
        require(jpegact::round_to_8_bits(bits) == 127, "positive");
        require(jpegact::round_to_8_bits(bits | 0x80000000u) == -128, "negative");
    }
}

// All 65536 numbers of a 16-bit type.
void widening() {
    for (uint32_t bits = 0; bits < 65536; bits++) {
        for (const golden::type type : {golden::type::float16, golden::type::bfloat16}) {
            uint8_t bytes[2];
            std::memcpy(bytes, &bits, 2);
            const uint32_t got =
                type == golden::type::float16 ? jpegact::widen_half(bits) : jpegact::widen_bfloat(bits);
            const float expected = golden::read_element(type, bytes);
            float value;
            std::memcpy(&value, &got, sizeof value);
            if (expected != expected) {
                require((got & 0x7fffffff) > 0x7f800000 && got >> 31 == bits >> 15, "NaN stays NaN of its sign");
            } else {
                require(std::memcmp(&value, &expected, sizeof value) == 0, "widened " + std::to_string(bits));
            }
        }
    }
}

void check_narrow(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    for (const golden::type type : {golden::type::float16, golden::type::bfloat16}) {
        uint16_t expected;
        golden::write_element(type, value, reinterpret_cast<uint8_t*>(&expected));
        const uint32_t got =
            type == golden::type::float16 ? jpegact::narrow_to_half(bits) : jpegact::narrow_to_bfloat(bits);
        require(got == expected, "narrowed " + std::to_string(bits) + " to " + std::to_string(got) + ", not " +
                                     std::to_string(expected));
    }
}

// Every exponent with the fractions around each tie, and a sweep.
void narrowing() {
    for (uint32_t exponent = 0; exponent < 255; exponent++) {
        for (uint32_t bit = 0; bit <= 23; bit++) {
            for (uint32_t top = 0; top < 8; top++) {
                for (int32_t around = -2; around <= 2; around++) {
                    const uint32_t mantissa = ((top << 20 | uint32_t(1) << bit) + uint32_t(around)) & 0x7fffff;
                    check_narrow(exponent << 23 | mantissa);
                    check_narrow(0x80000000u | exponent << 23 | mantissa);
                }
            }
        }
    }
    for (uint64_t bits = 0; bits <= 0x7f800000u; bits += 20021) {
        check_narrow(uint32_t(bits));
        check_narrow(uint32_t(bits) | 0x80000000u);
    }
    check_narrow(0x7f800000);
    check_narrow(0xff800000);
    for (const uint32_t nan : {0x7f800001u, 0x7fffffffu}) {
        require(jpegact::narrow_to_half(nan) == 0x7e00 && jpegact::narrow_to_half(nan | 0x80000000u) == 0xfe00, "NaN");
        require(jpegact::narrow_to_bfloat(nan) == 0x7fc0 && jpegact::narrow_to_bfloat(nan | 0x80000000u) == 0xffc0,
                "NaN");
    }
}

}  // namespace

std::vector<test> number_tests() {
    return {
        {"rounding_borders", borders},       {"rounding_halves", halves}, {"rounding_sweep", sweep},
        {"rounding_not_finite", not_finite}, {"widening", widening},      {"narrowing", narrowing},
    };
}

}  // namespace testbench
