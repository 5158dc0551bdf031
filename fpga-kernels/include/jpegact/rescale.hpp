// Stage (decode): integers to float32, the inverse of scale.hpp.
#ifndef JPEGACT_RESCALE_HPP
#define JPEGACT_RESCALE_HPP

#include <hls_stream.h>

#include "jpegact/float_bits.hpp"
#include "jpegact/row_scales.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// One step: 16 values of two rows; value = float(y) * inv.
inline word_t rescale_rows(const row_pair& rows, uint32_t upper_scale, uint32_t lower_scale) {
#pragma HLS INLINE
    word_t values = 0;
    for (int i = 0; i < kFloatsPerWord; i++) {
#pragma HLS UNROLL
        const float scale = float_of(i < kBlockSide ? upper_scale : lower_scale);
        set_lane32(values, i, bits_of(float(rows.value[i]) * scale));
    }
    return values;
}

// One word (two rows of a block) a cycle. `data_sum` is the sum of the words' 64-bit lanes modulo 2^64.
inline void rescale_blocks(hls::stream<block8>& blocks, hls::stream<row_scales>& scales, geometry where,
                           hls::stream<word_t>& words, uint64_t& data_sum) {
    column_counter column(where.first_column, where.blocks_per_row);
    row_scales current;
    block8 block;
#pragma HLS ARRAY_PARTITION variable = current.bits complete
#pragma HLS ARRAY_PARTITION variable = block.value complete
    uint64_t sum = 0;
    for (uint32_t i = 0; i < where.block_count * kWordsPerBlock; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 4 max = 65536
        const uint32_t pair = i % kWordsPerBlock;
        if (pair == 0) {
            block = blocks.read();
            if (column.starts_row()) {
                current = scales.read();
            }
        }
        row_pair rows;
        for (int k = 0; k < kFloatsPerWord; k++) {
#pragma HLS UNROLL
            rows.value[k] = block.value[kFloatsPerWord * pair + k];
        }
        const word_t word = rescale_rows(rows, current.bits[2 * pair], current.bits[2 * pair + 1]);
        words.write(word);
        sum += sum_of_lanes(word);
        if (pair == kWordsPerBlock - 1) {
            column.next_block();
        }
    }
    data_sum = sum;
}

}  // namespace jpegact

#endif
