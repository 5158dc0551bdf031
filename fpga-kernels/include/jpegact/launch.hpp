// What encode and decode launches have in common: geometry, argument checks, shift table, result word.
#ifndef JPEGACT_LAUNCH_HPP
#define JPEGACT_LAUNCH_HPP

#include "jpegact/layout.hpp"

namespace jpegact {

// Where a launch's blocks lie in their tensor; fields as in docs/kernels.md.
struct geometry {
    uint32_t block_count;
    uint32_t blocks_per_row;
    uint32_t rows_per_scale;
    uint32_t scale_count;
    uint32_t first_column;
    uint32_t first_row;
    uint32_t first_scale;
};

inline bool is_good(const geometry& where) {
#pragma HLS INLINE
    return where.block_count >= 1 && where.block_count <= kMaxBlocks &&  //
           where.first_column < where.blocks_per_row &&                  // so blocks_per_row is not 0
           where.first_row < where.rows_per_scale &&                     // and so on
           where.first_scale < where.scale_count;
}

// Whether each of a word's 16 shifts is 0 .. 7.
inline bool are_good_shifts(uint64_t shifts) {
#pragma HLS INLINE
    static_assert(kMaxShift == 7, "a shift is good when the top one of its 4 bits is 0");
    return (shifts & 0x8888888888888888u) == 0;
}

// Unpacks 4 bits a coefficient, k = 0 in the lowest bits of shifts_0.
inline shift_table unpack_shifts(uint64_t shifts_0, uint64_t shifts_1, uint64_t shifts_2, uint64_t shifts_3) {
#pragma HLS INLINE
    const uint64_t packed[4] = {shifts_0, shifts_1, shifts_2, shifts_3};
#pragma HLS ARRAY_PARTITION variable = packed complete
    shift_table table;
    for (int k = 0; k < kBlockValues; k++) {
#pragma HLS UNROLL
        table.shift[k] = uint8_t((packed[k / 16] >> (4 * (k % 16))) & 15);
    }
    return table;
}

// Words that hold `items`, at `per_word` each.
inline uint32_t words_for(uint32_t items, uint32_t per_word) {
#pragma HLS INLINE
    return items / per_word + (items % per_word != 0 ? 1 : 0);
}

inline uint32_t tiles_of(uint32_t block_count) {
#pragma HLS INLINE
    return words_for(block_count, kTileBlocks);
}

// What a launch reports.
struct launch_result {
    uint32_t status;
    uint32_t block_count;
    uint32_t value_bytes;
    uint64_t mask_sum;
    uint64_t data_sum;
};

inline word_t pack_result(const launch_result& result) {
#pragma HLS INLINE
    word_t word = 0;
    word.range(31, 0) = kLayoutVersion;
    word.range(63, 32) = result.status;
    word.range(95, 64) = result.block_count;
    word.range(127, 96) = result.value_bytes;
    word.range(191, 128) = result.mask_sum;
    word.range(255, 192) = result.data_sum;
    return word;
}

}  // namespace jpegact

#endif
