// Stage (decode): zero-value expansion: each value to the place its mask bit names.
#ifndef JPEGACT_EXPAND_HPP
#define JPEGACT_EXPAND_HPP

#include <hls_stream.h>

#include "jpegact/networks.hpp"

namespace jpegact {

// One step: the encoder's compaction run backwards. The distances are worked out from the mask and moved down the way
// the encoder moved its bytes; what each level did is then undone on the values, largest step first.
inline block8 expand(const masked_window& window) {
#pragma HLS PIPELINE II = 1
    const byte_columns live = bits_to_bytes(window.mask);
    const byte_columns distance_0 = distances_of(live);
    const byte_columns distance_1 = move_down<0>(distance_0, distance_0);
    const byte_columns distance_2 = move_down<1>(distance_1, distance_1);
    const byte_columns distance_3 = move_down<2>(distance_2, distance_2);
    const byte_columns distance_4 = move_down<3>(distance_3, distance_3);
    const byte_columns distance_5 = move_down<4>(distance_4, distance_4);

    byte_columns value = move_back_up<5>(to_columns(window.bytes.lane), distance_5);
    value = move_back_up<4>(value, distance_4);
    value = move_back_up<3>(value, distance_3);
    value = move_back_up<2>(value, distance_2);
    value = move_back_up<1>(value, distance_1);
    value = move_back_up<0>(value, distance_0);

    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        value.column[c] &= live.column[c] * 0xff;
    }
    uint8_t lanes[kWordBytes];
#pragma HLS ARRAY_PARTITION variable = lanes complete
    from_columns(value, lanes);
    block8 block;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        block.value[i] = int8_t(lanes[i]);
    }
    return block;
}

// One step: the mask's bits as values (brc).
inline block8 bits_of_mask(uint64_t mask) {
#pragma HLS PIPELINE II = 1
    block8 block;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        block.value[i] = int8_t((mask >> i) & 1);
    }
    return block;
}

// One block a cycle.
inline void expand_blocks(hls::stream<masked_window>& windows, uint32_t block_count, bool has_values,
                          hls::stream<block8>& coefficients) {
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        const masked_window window = windows.read();
        coefficients.write(has_values ? expand(window) : bits_of_mask(window.mask));
    }
}

}  // namespace jpegact

#endif
