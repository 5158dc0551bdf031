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
// |value| = mantissa * 2^(exponent - 150) with mantissa in 2^23 .. 2^24 - 1, so the integer part begins at bit 150 -
// exponent. From 25 on nothing is left of it, and up to 16 it is 128 or more, so the shift is held within those.
inline int32_t round_to_8_bits(uint32_t bits) {
#pragma HLS INLINE
    constexpr int32_t kNothing = 25, kTooMuch = 16;
    const int32_t place = 150 - int32_t((bits >> 23) & 0xff);
    const int32_t above = place > kTooMuch ? place : kTooMuch;
    const int32_t drop = above < kNothing ? above : kNothing;
    const uint32_t mantissa = (bits & 0x7fffff) | 0x800000;
    // Adding half, less one unit unless the integer part is odd, makes the carry round halves to even.
    // Budget: 2^24 - 1 + 2^24 < 2^25.
    const uint32_t half_less_one = (1u << (drop - 1)) - 1;
    const int32_t rounded = int32_t((mantissa + half_less_one + ((mantissa >> drop) & 1)) >> drop);  // at most 256
    const int32_t sign = int32_t(bits) >> 31;                                                        // 0 or -1
    const int32_t largest = 127 - sign;
    const int32_t magnitude = rounded < largest ? rounded : largest;
    return (magnitude ^ sign) - sign;
}

// One level of bringing the leading one of a 10-bit number to bit 10.
struct lifted_fraction {
    uint32_t bits;
    uint32_t lift;
};
template <int LEVEL>
inline lifted_fraction lift_level(const lifted_fraction& in) {
#pragma HLS INLINE
    const uint32_t amount = (in.bits >> (11 - LEVEL)) == 0 ? LEVEL : 0;
    return {in.bits << amount, in.lift + amount};
}

// Float16 to float32, exactly.
inline uint32_t widen_half(uint32_t half) {
#pragma HLS INLINE
    const uint32_t sign = (half & 0x8000) << 16;
    const uint32_t exponent = (half >> 10) & 31;
    const uint32_t fraction = half & 0x3ff;
    // A denormal's leading one is brought to bit 10 in four 2:1 levels; its value is fraction * 2^-24.
    const lifted_fraction lifted = lift_level<1>(lift_level<2>(lift_level<4>(lift_level<8>({fraction, 0}))));
    const uint32_t normal = ((exponent + 112) << 23) | (fraction << 13);
    const uint32_t denormal = ((113 - lifted.lift) << 23) | ((lifted.bits & 0x3ff) << 13);
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
