// Stage (encode): zero-value compression (ZVC): a mask of the non-zero bytes, and those bytes at the bottom.
#ifndef JPEGACT_COMPACT_HPP
#define JPEGACT_COMPACT_HPP

#include <hls_stream.h>

#include "jpegact/descriptor.hpp"
#include "jpegact/networks.hpp"

namespace jpegact {

struct compacted_block {
    packed_block packed;
    uint64_t mask;
};

// One step: each non-zero byte moves down by the number of zeros below it, in 6 levels of 2:1 choices.
inline compacted_block compact(const block8& block) {
#pragma HLS PIPELINE II = 1
    byte_lanes value, is_zero;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        value.lane[i] = uint8_t(block.value[i]);
        is_zero.lane[i] = block.value[i] == 0 ? 1 : 0;
    }
    uint64_t mask = 0;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        mask |= uint64_t(is_zero.lane[i] ^ 1) << i;
    }
    const byte_lanes zeros = prefix_sum(is_zero);
    byte_lanes distance;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        distance.lane[i] = is_zero.lane[i] != 0 ? 0 : zeros.lane[i];
    }
    value = move_down<1>(value, distance);
    distance = move_down<1>(distance, distance);
    value = move_down<2>(value, distance);
    distance = move_down<2>(distance, distance);
    value = move_down<4>(value, distance);
    distance = move_down<4>(distance, distance);
    value = move_down<8>(value, distance);
    distance = move_down<8>(distance, distance);
    value = move_down<16>(value, distance);
    distance = move_down<16>(distance, distance);
    value = move_down<32>(value, distance);

    compacted_block out;
    out.packed.bytes = value;
    out.packed.length = length_t(kBlockValues - int(zeros.lane[kBlockValues - 1]));
    out.mask = mask;
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
