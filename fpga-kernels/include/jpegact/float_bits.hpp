// Float32 as bits: the only two float operations of the kernels are products; all else is integer work on bit patterns.
#ifndef JPEGACT_FLOAT_BITS_HPP
#define JPEGACT_FLOAT_BITS_HPP

#include <cstdint>

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

// The nearest integer to a float32, halves to even, clamped to -128 .. 127. Not-a-number, which no launch that keeps
// the interface can make, gives -128 or 127 by its sign bit. A denormal gives 0 like any magnitude below one half, so
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

}  // namespace jpegact

#endif
