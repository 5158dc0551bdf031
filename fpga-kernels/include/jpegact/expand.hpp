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
    byte_lanes is_zero;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        is_zero.lane[i] = uint8_t(~(window.mask >> i) & 1);
    }
    const byte_lanes zeros = prefix_sum(is_zero);
    byte_lanes distance_1;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        distance_1.lane[i] = is_zero.lane[i] != 0 ? 0 : zeros.lane[i];
    }
    const byte_lanes distance_2 = move_down<1>(distance_1, distance_1);
    const byte_lanes distance_4 = move_down<2>(distance_2, distance_2);
    const byte_lanes distance_8 = move_down<4>(distance_4, distance_4);
    const byte_lanes distance_16 = move_down<8>(distance_8, distance_8);
    const byte_lanes distance_32 = move_down<16>(distance_16, distance_16);

    byte_lanes value = move_back_up<32>(window.bytes, distance_32);
    value = move_back_up<16>(value, distance_16);
    value = move_back_up<8>(value, distance_8);
    value = move_back_up<4>(value, distance_4);
    value = move_back_up<2>(value, distance_2);
    value = move_back_up<1>(value, distance_1);

    block8 block;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        block.value[i] = is_zero.lane[i] != 0 ? int8_t(0) : int8_t(value.lane[i]);
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
