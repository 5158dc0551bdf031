// Stage (encode): zero-value compression (ZVC): a mask of the non-zero bytes, and those bytes at the bottom.
#ifndef JPEGACT_COMPACT_HPP
#define JPEGACT_COMPACT_HPP

#include <hls_stream.h>

#include "jpegact/descriptor.hpp"
#include "jpegact/networks.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

struct compacted_block {
    packed_block packed;
    uint64_t mask;
};

// One step: each non-zero byte moves down by the number of zeros below it, in 6 levels of 2:1 choices.
inline compacted_block compact(const block8& block) {
#pragma HLS PIPELINE II = 1
    uint8_t lanes[kWordBytes];
#pragma HLS ARRAY_PARTITION variable = lanes complete
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        lanes[i] = uint8_t(block.value[i]);
    }
    byte_columns value = to_columns(lanes);
    const byte_columns live = non_zero_lanes(value);
    byte_columns distance = distances_of(live);
    value = move_down<0>(value, distance);
    distance = move_down<0>(distance, distance);
    value = move_down<1>(value, distance);
    distance = move_down<1>(distance, distance);
    value = move_down<2>(value, distance);
    distance = move_down<2>(distance, distance);
    value = move_down<3>(value, distance);
    distance = move_down<3>(distance, distance);
    value = move_down<4>(value, distance);
    distance = move_down<4>(distance, distance);
    value = move_down<5>(value, distance);

    compacted_block out;
    from_columns(value, out.packed.bytes.lane);
    out.mask = bytes_to_bits(live);
    out.packed.length = length_t(count_ones(out.mask));
    return out;
}

// One step: all 64 values as they are.
inline compacted_block keep_all(const block8& block) {
#pragma HLS PIPELINE II = 1
    compacted_block out;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        out.packed.bytes.lane[i] = uint8_t(block.value[i]);
    }
    out.packed.length = length_t(kBlockValues);
    out.mask = ~uint64_t(0);
    return out;
}

// One block a cycle. sfpr keeps all values and emits no mask, brc emits masks and keeps no value.
inline void compact_blocks(hls::stream<block8>& coefficients, uint32_t block_count, uint32_t method,
                           hls::stream<uint64_t>& masks, hls::stream<packed_block>& blocks) {
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        const block8 values = coefficients.read();
        const compacted_block block = has_masks(method) ? compact(values) : keep_all(values);
        if (has_masks(method)) {
            masks.write(block.mask);
        }
        if (has_values(method)) {
            blocks.write(block.packed);
        }
    }
}

}  // namespace jpegact

#endif
