// Stage (encode): float32 to q8, the scaled fix-point reduction (SFPR), or to brc's bits.
#ifndef JPEGACT_SCALE_HPP
#define JPEGACT_SCALE_HPP

#include <hls_stream.h>

#include "jpegact/float_bits.hpp"
#include "jpegact/scale_steps.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// One step: the 4 rows of half a block. q8 = clamp(roundHalfEven(x * scale), -128, 127), the product rounded to float32
// first.
inline half8 scale_half(const half_block& x, const scale_set& scales, bool upper) {
#pragma HLS PIPELINE II = 1
    int32_t rounded[kHalfLanes];
#pragma HLS ARRAY_PARTITION variable = rounded complete
    for (int row = 0; row < kHalfRows; row++) {
#pragma HLS UNROLL
        const float scale = float_of(upper ? scales.row[kHalfRows + row] : scales.row[row]);
        for (int i = kBlockSide * row; i < kBlockSide * (row + 1); i++) {
#pragma HLS UNROLL
            rounded[i] = round_to_8_bits(bits_of(float_of(x.bits[i]) * scale));
        }
    }
    half8 q;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        q.value[i] = int8_t(rounded[i]);
    }
    return q;
}

// One step: 1 where brc keeps a one.
inline half8 binarise_half(const half_block& x) {
#pragma HLS PIPELINE II = 1
    half8 q;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        q.value[i] = passes_relu(x.bits[i]) ? 1 : 0;
    }
    return q;
}

// One step: a whole block of int8 elements, as they are or as brc's bits.
inline block8 take_integers(const half_block& raw, bool binary) {
#pragma HLS PIPELINE II = 1
    block8 block;
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        const int8_t value = int8_t(uint8_t(raw.bits[i / 4] >> (8 * (i % 4))));
        block.value[i] = binary ? int8_t(value > 0 ? 1 : 0) : value;
    }
    return block;
}

// The lanes of `from` that a step took, the others as they were.
inline half8 merge_lanes(const half8& held, const half8& from, uint8_t first, uint8_t count) {
#pragma HLS PIPELINE II = 1
    half8 merged;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        merged.value[i] = uint8_t(i - first) < count ? from.value[i] : held.value[i];
    }
    return merged;
}

inline block8 join_halves(const half8& lower, const half8& upper) {
#pragma HLS INLINE
    block8 block;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        block.value[i] = lower.value[i];
        block.value[kHalfLanes + i] = upper.value[i];
    }
    return block;
}

// Half a block a cycle, or a block of int8; an extra cycle where a run of elements ends within a half.
inline void scale_blocks(hls::stream<half_block>& halves, hls::stream<scale_set>& sets, uint32_t block_count,
                         uint32_t method, uint32_t element_type, hls::stream<block8>& blocks) {
    const bool binary = method == kMethodBrc;
    const bool integers = element_type == kTypeInt8;
    lane_walk walk(has_scales(method, element_type));
    bool upper = false;
    half_block half;
    scale_set set;
    half8 merged = {}, lower = {};
#pragma HLS ARRAY_PARTITION variable = half.bits complete
#pragma HLS ARRAY_PARTITION variable = set.row complete
#pragma HLS ARRAY_PARTITION variable = merged.value complete
#pragma HLS ARRAY_PARTITION variable = lower.value complete
    for (uint32_t done = 0; done != block_count;) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 2 max = 32768
        if (walk.needs_half()) {
            half = halves.read();
        }
        if (integers) {
            blocks.write(take_integers(half, binary));
            done++;
        } else {
            if (walk.needs_set()) {
                set = sets.read();
                walk.use(set);
            }
            walk.begin();
            const half8 q = binary ? binarise_half(half) : scale_half(half, set, upper);
            merged = merge_lanes(merged, q, walk.first_lane(), walk.lane_count());
            if (walk.end()) {
                if (upper) {
                    blocks.write(join_halves(lower, merged));
                    done++;
                }
                lower = merged;
                upper = !upper;
            }
        }
    }
}

}  // namespace jpegact

#endif
