// Stage (encode): float32 to q8, the scaled fix-point reduction (SFPR).
#ifndef JPEGACT_SCALE_HPP
#define JPEGACT_SCALE_HPP

#include <hls_stream.h>

#include "jpegact/float_bits.hpp"
#include "jpegact/row_scales.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// One step: 16 values of two rows. q8 = clamp(roundHalfEven(x * scale), -128, 127), the product rounded to float32
// first.
inline row_pair scale_rows(const word_t& values, uint32_t upper_scale, uint32_t lower_scale) {
#pragma HLS INLINE
    row_pair rows;
    for (int i = 0; i < kFloatsPerWord; i++) {
#pragma HLS UNROLL
        const float scale = float_of(i < kBlockSide ? upper_scale : lower_scale);
        const float product = float_of(lane32(values, i)) * scale;
        rows.value[i] = round_to_int8(bits_of(product));
    }
    return rows;
}

// One word (two rows of a block) a cycle.
inline void scale_blocks(hls::stream<word_t>& words, hls::stream<row_scales>& scales, geometry where,
                         hls::stream<row_pair>& rows) {
    column_counter column(where.first_column, where.blocks_per_row);
    row_scales current;
#pragma HLS ARRAY_PARTITION variable = current.bits complete
    for (uint32_t i = 0; i < where.block_count * kWordsPerBlock; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 4 max = 65536
        const uint32_t pair = i % kWordsPerBlock;
        if (pair == 0 && column.starts_row()) {
            current = scales.read();
        }
        rows.write(scale_rows(words.read(), current.bits[2 * pair], current.bits[2 * pair + 1]));
        if (pair == kWordsPerBlock - 1) {
            column.next_block();
        }
    }
}

}  // namespace jpegact

#endif
