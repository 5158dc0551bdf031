// Stage (decode): integers to float32, the inverse of scale.hpp.
#ifndef JPEGACT_RESCALE_HPP
#define JPEGACT_RESCALE_HPP

#include <hls_stream.h>

#include "jpegact/float_bits.hpp"
#include "jpegact/scale_steps.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// One step: the 4 rows of half a block; value = float(y) * inv.
inline half_block rescale_half(const half8& y, const scale_set& scales, bool upper) {
#pragma HLS PIPELINE II = 1
    half_block x;
    for (int row = 0; row < kHalfRows; row++) {
#pragma HLS UNROLL
        const float scale = float_of(upper ? scales.row[kHalfRows + row] : scales.row[row]);
        for (int i = kBlockSide * row; i < kBlockSide * (row + 1); i++) {
#pragma HLS UNROLL
            x.bits[i] = bits_of(float(y.value[i]) * scale);
        }
    }
    return x;
}

// One step: brc's ones as 1.0.
inline half_block ones_of_half(const half8& y) {
#pragma HLS PIPELINE II = 1
    half_block x;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        x.bits[i] = y.value[i] != 0 ? 0x3f800000 : 0;
    }
    return x;
}

// One step: a whole block of int8 elements as it is.
inline half_block give_integers(const block8& block) {
#pragma HLS PIPELINE II = 1
    half_block raw;
    for (int i = 0; i < kFloatsPerWord; i++) {
#pragma HLS UNROLL
        uint32_t bits = 0;
        for (int byte = 0; byte < 4; byte++) {
#pragma HLS UNROLL
            bits |= uint32_t(uint8_t(block.value[4 * i + byte])) << (8 * byte);
        }
        raw.bits[i] = bits;
        raw.bits[kFloatsPerWord + i] = 0;
    }
    return raw;
}

// The lanes of `from` that a step took, the others as they were.
inline half_block merge_lanes(const half_block& held, const half_block& from, uint8_t first, uint8_t count) {
#pragma HLS PIPELINE II = 1
    half_block merged;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        merged.bits[i] = uint32_t(i) - first < count ? from.bits[i] : held.bits[i];
    }
    return merged;
}

inline half8 half_of(const block8& block, bool upper) {
#pragma HLS INLINE
    half8 half;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        const int8_t low = block.value[i], high = block.value[kHalfLanes + i];
        half.value[i] = upper ? high : low;
    }
    return half;
}

// Half a block a cycle, or a block of int8; an extra cycle where a run of elements ends within a half.
inline void rescale_blocks(hls::stream<block8>& blocks, hls::stream<scale_set>& sets, uint32_t block_count,
                           uint32_t method, uint32_t element_type, hls::stream<half_block>& halves) {
    const bool binary = method == kMethodBrc;
    const bool integers = element_type == kTypeInt8;
    lane_walk walk(has_scales(method, element_type));
    bool upper = false;
    block8 block;
    scale_set set;
    half_block half = {};
#pragma HLS ARRAY_PARTITION variable = block.value complete
#pragma HLS ARRAY_PARTITION variable = set.row complete
#pragma HLS ARRAY_PARTITION variable = half.bits complete
    for (uint32_t done = 0; done != block_count;) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 2 max = 32768
        if (walk.needs_half() && !upper) {
            block = blocks.read();
        }
        if (integers) {
            halves.write(give_integers(block));
            done++;
        } else {
            if (walk.needs_set()) {
                set = sets.read();
                walk.use(set);
            }
            walk.begin();
            const half8 y = half_of(block, upper);
            const half_block x = binary ? ones_of_half(y) : rescale_half(y, set, upper);
            half = merge_lanes(half, x, walk.first_lane(), walk.lane_count());
            if (walk.end()) {
                halves.write(half);
                done += upper ? 1 : 0;
                upper = !upper;
            }
        }
    }
}

}  // namespace jpegact

#endif
