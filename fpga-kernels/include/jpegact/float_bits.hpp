// Float32 as bits: the only two float operations of the kernels are products; all else is integer work on bit patterns.
#ifndef JPEGACT_FLOAT_BITS_HPP
#define JPEGACT_FLOAT_BITS_HPP

#include <cstdint>

#include "jpegact/constants.hpp"

namespace jpegact {

inline float float_of(uint32_t bits) {
#pragma HLS INLINE
    union {
        uint32_t bits;
        float value;
    } pun;
    pun.bits = bits;
    return pun.value;
}

inline uint32_t bits_of(float value) {
#pragma HLS INLINE
    union {
        uint32_t bits;
        float value;
    } pun;
    pun.value = value;
    return pun.bits;
}

// The nearest integer to a float32, halves to even, clamped to -128 .. 127. Not-a-number, which no host sends, gives -128 or 127 by its sign bit. A denormal gives 0 like any magnitude below one half, so
// it does not matter whether the multiplier flushes denormals.
//
// |value| = mantissa * 2^(exponent - 150) with mantissa in 2^23 .. 2^24 - 1, so the integer part begins at bit
// `drop` = 150 - exponent: 17 for magnitudes from 64, 24 for magnitudes from one half.
inline int8_t round_to_int8(uint32_t bits) {
#pragma HLS INLINE
    constexpr uint32_t kExponentOfHalf = 126;
    constexpr uint32_t kExponentOf128 = 134;
    static_assert(150 - kExponentOfHalf <= 24 && 150 - (kExponentOf128 - 1) == 17, "drop is 17 .. 24 where it is used");

    const uint32_t exponent = (bits >> 23) & 0xff;
    const bool negative = (bits >> 31) != 0;
    const bool tiny = exponent < kExponentOfHalf;
    const bool huge = exponent >= kExponentOf128;
    const uint32_t drop = (150 - exponent) & 31;
    const uint32_t mantissa = (bits & 0x7fffff) | 0x800000;
    // Adding half, less one unit unless the integer part is odd, makes the carry round halves to even.
    // Budget: 2^24 - 1 + 2^23 < 2^25.
    const uint32_t odd = (mantissa >> drop) & 1;
    const uint32_t half = (1u << drop) >> 1;
    const uint32_t rounded = (mantissa + half - 1 + odd) >> drop;  // 0 .. 128 where drop is 17 .. 24
    const int32_t magnitude = tiny ? 0 : huge ? 128 : int32_t(rounded & 0xff);
    const int32_t value = negative ? -magnitude : magnitude;
    return int8_t(value > 127 ? 127 : value);
}

// Float16 to float32, exactly.
inline uint32_t widen_half(uint32_t half) {
#pragma HLS INLINE
    const uint32_t sign = (half & 0x8000) << 16;
    const uint32_t exponent = (half >> 10) & 31;
    const uint32_t fraction = half & 0x3ff;
    // A denormal's leading one is brought to bit 10 in four 2:1 levels; its value is fraction * 2^-24.
    uint32_t lifted = fraction, lift = 0;
    for (uint32_t level = 8; level != 0; level /= 2) {
#pragma HLS UNROLL
        const bool moves = (lifted >> (11 - level)) == 0;
        lifted = moves ? lifted << level : lifted;
        lift = moves ? lift + level : lift;
    }
    const uint32_t normal = ((exponent + 112) << 23) | (fraction << 13);
    const uint32_t denormal = ((113 - lift) << 23) | ((lifted & 0x3ff) << 13);
    const uint32_t special = (255u << 23) | (fraction << 13);
    const uint32_t magnitude = exponent == 31 ? special : exponent != 0 ? normal : fraction != 0 ? denormal : 0;
    return sign | magnitude;
}

// Float32 to float16, to nearest even. Not-a-number gives the quiet one of its sign.
inline uint32_t narrow_to_half(uint32_t bits) {
#pragma HLS INLINE
    constexpr uint32_t kTooLarge = 0x47800000;       // 2^16
    constexpr uint32_t kLeastNormal = 0x38800000;    // 2^-14
    constexpr uint32_t kExponentShift = 112u << 23;  // between the two biases
    const uint32_t sign = (bits >> 16) & 0x8000;
    const uint32_t magnitude = bits & 0x7fffffff;
    // A carry out of the fraction steps to the next exponent, and from the largest to infinity, as it should.
    const uint32_t rebased = magnitude - kExponentShift;
    const uint32_t normal = (rebased + 0xfff + ((rebased >> 13) & 1)) >> 13;
    // Denormals count units of 2^-24: the mantissa drops 126 - exponent bits, 14 where the largest of them begin; from 25
    // on nothing is left.
    const uint32_t exponent = magnitude >> 23;
    const uint32_t drop = (126 - exponent) & 31;
    const uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
    const uint32_t half = (1u << drop) >> 1;
    const uint32_t units = (mantissa + half - 1 + ((mantissa >> drop) & 1)) >> drop;
    const uint32_t denormal = exponent < 126 - 24 ? 0 : units;
    const uint32_t finite = magnitude >= kTooLarge ? 0x7c00 : magnitude < kLeastNormal ? denormal : normal;
    return sign | (magnitude > kInfinityBits ? 0x7e00 : finite);
}

inline uint32_t widen_bfloat(uint32_t bfloat) {
#pragma HLS INLINE
    return bfloat << 16;
}

// Float32 to bfloat16, to nearest even. Not-a-number gives the quiet one of its sign.
inline uint32_t narrow_to_bfloat(uint32_t bits) {
#pragma HLS INLINE
    const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    return (bits & 0x7fffffff) > kInfinityBits ? ((bits >> 16) & 0x8000) | 0x7fc0 : rounded;
}

// Whether a float32 is below zero: -0.0 and not-a-number are not.
inline bool is_below_zero(uint32_t bits) {
#pragma HLS INLINE
    return bits > 0x80000000u && bits <= (0x80000000u | kInfinityBits);
}

// The bit that brc keeps: 0 where x <= 0, so 1 for not-a-number.
inline bool passes_relu(uint32_t bits) {
#pragma HLS INLINE
    return (bits & 0x7fffffff) > kInfinityBits || (bits != 0 && bits < 0x80000000u);
}

}  // namespace jpegact

#endif
