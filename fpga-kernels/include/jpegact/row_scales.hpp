// Stage: the scales of each row of blocks, for the encoder (`sc`) and the decoder (`inv`) alike.
#ifndef JPEGACT_ROW_SCALES_HPP
#define JPEGACT_ROW_SCALES_HPP

#include <hls_stream.h>

#include "jpegact/launch.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// Where a row of the tensor stands: its row within its plane, and the index of that plane's scale.
struct row_position {
    uint32_t row;
    uint32_t scale;
};

// Steps to the next row: a plane has rows_per_scale rows, and the scale index wraps after scale_count.
inline row_position next_row(const row_position& at, const geometry& where) {
#pragma HLS INLINE
    const bool last_row = at.row + 1 == where.rows_per_scale;
    const bool last_scale = at.scale + 1 == where.scale_count;
    row_position next;
    next.row = last_row ? 0 : at.row + 1;
    next.scale = !last_row ? at.scale : last_scale ? 0 : at.scale + 1;
    return next;
}

// Emits one set of 8 scales a row of blocks that the launch touches, stepping row by row without a division. Rows past
// the tensor's last simply step on: their values are zero whatever their scale. A word of the table is read again only
// when the index leaves it. One row a cycle, so 8 cycles a row of blocks; the other stages take 4 cycles a block, so
// this stage limits only images that are one block wide.
inline void load_row_scales(const word_t* table, geometry where, hls::stream<row_scales>& rows) {
    row_position at = {where.first_row, where.first_scale};
    uint32_t cached_index = where.first_scale / kFloatsPerWord;
    word_t cached = table[cached_index];
    const uint64_t last_column = uint64_t(where.first_column) + where.block_count;
    for (uint64_t covered = 0; covered < last_column; covered += where.blocks_per_row) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        row_scales scales;
        for (int row = 0; row < kBlockSide; row++) {
#pragma HLS PIPELINE II = 1
            const uint32_t index = at.scale / kFloatsPerWord;
            if (index != cached_index) {
                cached = table[index];
                cached_index = index;
            }
            uint32_t bits = 0;
            for (int lane = 0; lane < kFloatsPerWord; lane++) {
#pragma HLS UNROLL
                bits |= at.scale % kFloatsPerWord == uint32_t(lane) ? lane32(cached, lane) : 0;
            }
            scales.bits[row] = bits;
            at = next_row(at, where);
        }
        rows.write(scales);
    }
}

// Says for each block, in order, whether it is the first of its row of blocks within the launch.
class column_counter {
  public:
    column_counter(uint32_t first_column, uint32_t blocks_per_row)
        : column_(first_column), blocks_per_row_(blocks_per_row), starts_(true) {}

    // Whether the current block needs a new set of row scales.
    bool starts_row() const { return starts_; }

    void next_block() {
#pragma HLS INLINE
        starts_ = column_ + 1 == blocks_per_row_;
        column_ = starts_ ? 0 : column_ + 1;
    }

  private:
    uint32_t column_;
    uint32_t blocks_per_row_;
    bool starts_;
};

}  // namespace jpegact

#endif
