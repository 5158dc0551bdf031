// Stage (encode, maximum): memory words of any element type to half blocks of float32 patterns.
#ifndef JPEGACT_WIDEN_HPP
#define JPEGACT_WIDEN_HPP

#include <hls_stream.h>

#include "jpegact/float_bits.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// One step: 32 elements of 16 bits.
inline half_block widen_shorts(const word_t& word, bool is_bfloat) {
#pragma HLS PIPELINE II = 1
    half_block half;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        const uint32_t bits = lane16(word, i);
        half.bits[i] = is_bfloat ? widen_bfloat(bits) : widen_half(bits);
    }
    return half;
}

// One step: 16 elements of 32 bits (or 64 of 8, untouched) take the lower or the upper lanes.
inline half_block place_floats(const half_block& held, const word_t& word, bool upper) {
#pragma HLS INLINE
    half_block half = held;
    for (int i = 0; i < kFloatsPerWord; i++) {
#pragma HLS UNROLL
        half.bits[kFloatsPerWord + i] = lane32(word, i);
    }
    if (!upper) {
        for (int i = 0; i < kFloatsPerWord; i++) {
#pragma HLS UNROLL
            half.bits[i] = lane32(word, i);
        }
    }
    return half;
}

// One word a cycle. `read_sum` is the sum of the words' 64-bit lanes modulo 2^64.
inline void widen_words(hls::stream<word_t>& words, uint32_t count, uint32_t element_type,
                        hls::stream<half_block>& halves, uint64_t& read_sum) {
    const bool is_float = element_type == kTypeFloat32;
    const bool is_short = element_type == kTypeFloat16 || element_type == kTypeBfloat16;
    half_block half;
#pragma HLS ARRAY_PARTITION variable = half.bits complete
    bool upper = false;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 4 max = 65536
        const word_t word = words.read();
        sum += sum_of_lanes(word);
        if (is_short) {
            halves.write(widen_shorts(word, element_type == kTypeBfloat16));
        } else {
            half = place_floats(half, word, upper);
            if (!is_float || upper) {
                halves.write(half);
            }
            upper = is_float && !upper;
        }
    }
    read_sum = sum;
}

}  // namespace jpegact

#endif
