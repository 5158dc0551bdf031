// Views of a 512-bit word as lanes. All indices are compile-time constants after unrolling, so in hardware these are
// wires.
#ifndef JPEGACT_WORDS_HPP
#define JPEGACT_WORDS_HPP

#include "jpegact/types.hpp"

namespace jpegact {

inline uint32_t lane32(const word_t& word, int lane) {
#pragma HLS INLINE
    return uint32_t(word.range(32 * lane + 31, 32 * lane).to_uint());
}

inline void set_lane32(word_t& word, int lane, uint32_t bits) {
#pragma HLS INLINE
    word.range(32 * lane + 31, 32 * lane) = bits;
}

inline uint32_t lane16(const word_t& word, int lane) {
#pragma HLS INLINE
    return uint32_t(word.range(16 * lane + 15, 16 * lane).to_uint());
}

inline void set_lane16(word_t& word, int lane, uint32_t bits) {
#pragma HLS INLINE
    word.range(16 * lane + 15, 16 * lane) = bits;
}

inline uint64_t lane64(const word_t& word, int lane) {
#pragma HLS INLINE
    return uint64_t(word.range(64 * lane + 63, 64 * lane).to_uint64());
}

inline void set_lane64(word_t& word, int lane, uint64_t bits) {
#pragma HLS INLINE
    word.range(64 * lane + 63, 64 * lane) = bits;
}

inline byte_lanes to_bytes(const word_t& word) {
#pragma HLS INLINE
    byte_lanes bytes;
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        bytes.lane[i] = uint8_t(word.range(8 * i + 7, 8 * i).to_uint());
    }
    return bytes;
}

inline word_t to_word(const byte_lanes& bytes) {
#pragma HLS INLINE
    word_t word = 0;
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        word.range(8 * i + 7, 8 * i) = bytes.lane[i];
    }
    return word;
}

// Sum of the word's 64-bit lanes modulo 2^64: the checksum of the result word.
inline uint64_t sum_of_lanes(const word_t& word) {
#pragma HLS INLINE
    uint64_t sum = 0;
    for (int i = 0; i < kWordBytes / 8; i++) {
#pragma HLS UNROLL
        sum += lane64(word, i);
    }
    return sum;
}

// The number of ones, as a tree of adders.
inline uint32_t count_ones(uint64_t bits) {
#pragma HLS PIPELINE II = 1
    bits = bits - ((bits >> 1) & 0x5555555555555555u);
    bits = (bits & 0x3333333333333333u) + ((bits >> 2) & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return uint32_t((bits * 0x0101010101010101u) >> 56);
}

}  // namespace jpegact

#endif
