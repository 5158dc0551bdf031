// Stage (decode): half blocks of float32 patterns to memory words of any element type, the inverse of widen.hpp.
#ifndef JPEGACT_NARROW_HPP
#define JPEGACT_NARROW_HPP

#include <hls_stream.h>

#include "jpegact/float_bits.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// One step: 32 elements of 16 bits.
inline word_t narrow_shorts(const half_block& half, bool to_bfloat) {
#pragma HLS PIPELINE II = 1
    word_t word = 0;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        set_lane16(word, i, to_bfloat ? narrow_to_bfloat(half.bits[i]) : narrow_to_half(half.bits[i]));
    }
    return word;
}

// One step: 16 elements of 32 bits (or 64 of 8, untouched) of the lower or the upper lanes.
inline word_t take_floats(const half_block& half, bool upper) {
#pragma HLS PIPELINE II = 1
    word_t word = 0;
    for (int i = 0; i < kFloatsPerWord; i++) {
#pragma HLS UNROLL
        set_lane32(word, i, upper ? half.bits[kFloatsPerWord + i] : half.bits[i]);
    }
    return word;
}

// One word a cycle. `written_sum` is the sum of the words' 64-bit lanes modulo 2^64.
inline void narrow_words(hls::stream<half_block>& halves, uint32_t count, uint32_t element_type,
                         hls::stream<word_t>& words, uint64_t& written_sum) {
    const bool is_float = element_type == kTypeFloat32;
    const bool is_short = element_type == kTypeFloat16 || element_type == kTypeBfloat16;
    half_block half;
#pragma HLS ARRAY_PARTITION variable = half.bits complete
    bool upper = false;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 4 max = 65536
        if (!upper) {
            half = halves.read();
        }
        const word_t word = is_short ? narrow_shorts(half, element_type == kTypeBfloat16) : take_floats(half, upper);
        words.write(word);
        sum += sum_of_lanes(word);
        upper = is_float && !upper;
    }
    written_sum = sum;
}

}  // namespace jpegact

#endif
