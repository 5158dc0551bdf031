// Stage (encode): forward 8x8 transform, exact integers, one rounding between its two passes.
#ifndef JPEGACT_DCT_HPP
#define JPEGACT_DCT_HPP

#include <hls_stream.h>

#include "jpegact/layout.hpp"
#include "jpegact/matrix.hpp"

namespace jpegact {

struct vector8 {
    int32_t value[kBlockSide];
};

// X * x, exactly: 8 sums of 8 products each, with 20 multiplications instead of 64.
inline vector8 forward_8(int32_t x0, int32_t x1, int32_t x2, int32_t x3, int32_t x4, int32_t x5, int32_t x6,
                         int32_t x7) {
#pragma HLS INLINE
    const int32_t e0 = x0 + x7, e1 = x1 + x6, e2 = x2 + x5, e3 = x3 + x4;
    const int32_t o0 = x0 - x7, o1 = x1 - x6, o2 = x2 - x5, o3 = x3 - x4;
    const int32_t ee0 = e0 + e3, ee1 = e1 + e2, eo0 = e0 - e3, eo1 = e1 - e2;
    return {{
        kOne * (ee0 + ee1),
        kOdd[0][0] * o0 + kOdd[0][1] * o1 + kOdd[0][2] * o2 + kOdd[0][3] * o3,
        kEven[0][0] * eo0 + kEven[0][1] * eo1,
        kOdd[1][0] * o0 + kOdd[1][1] * o1 + kOdd[1][2] * o2 + kOdd[1][3] * o3,
        kOne * (ee0 - ee1),
        kOdd[2][0] * o0 + kOdd[2][1] * o1 + kOdd[2][2] * o2 + kOdd[2][3] * o3,
        kEven[1][0] * eo0 + kEven[1][1] * eo1,
        kOdd[3][0] * o0 + kOdd[3][1] * o1 + kOdd[3][2] * o2 + kOdd[3][3] * o3,
    }};
}

// One step: q8 values (8 * row + column) to the sums S of docs/format.md (8 * u + v).
inline block32 transform(const block8& x) {
#pragma HLS INLINE
    constexpr int32_t kHalf = 1 << (kFirstPassShift - 1);
    int16_t vertical[kBlockValues];  // t, index 8 * v + column
    int16_t turned[kBlockValues];    // t, index 8 * column + v: a transpose by wiring
    block32 sums;
#pragma HLS ARRAY_PARTITION variable = vertical complete
#pragma HLS ARRAY_PARTITION variable = turned complete
    for (int c = 0; c < kBlockSide; c++) {
#pragma HLS UNROLL
        const vector8 t = forward_8(x.value[c], x.value[8 + c], x.value[16 + c], x.value[24 + c], x.value[32 + c],
                                    x.value[40 + c], x.value[48 + c], x.value[56 + c]);
        for (int v = 0; v < kBlockSide; v++) {
#pragma HLS UNROLL
            vertical[8 * v + c] = int16_t((t.value[v] + kHalf) >> kFirstPassShift);
        }
    }
    for (int c = 0; c < kBlockSide; c++) {
#pragma HLS UNROLL
        for (int v = 0; v < kBlockSide; v++) {
#pragma HLS UNROLL
            turned[8 * c + v] = vertical[8 * v + c];
        }
    }
    for (int v = 0; v < kBlockSide; v++) {
#pragma HLS UNROLL
        const vector8 s = forward_8(turned[v], turned[8 + v], turned[16 + v], turned[24 + v], turned[32 + v],
                                    turned[40 + v], turned[48 + v], turned[56 + v]);
        for (int u = 0; u < kBlockSide; u++) {
#pragma HLS UNROLL
            sums.value[8 * u + v] = s.value[u];
        }
    }
    return sums;
}

// One block in 4 cycles, the rate at which a float32 block arrives: the multipliers are shared over those cycles.
inline void transform_blocks(hls::stream<row_pair>& rows, uint32_t block_count, hls::stream<block32>& sums) {
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 4
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        block8 x;
        for (int pair = 0; pair < kWordsPerBlock; pair++) {
#pragma HLS UNROLL
            const row_pair two = rows.read();
            for (int i = 0; i < kFloatsPerWord; i++) {
#pragma HLS UNROLL
                x.value[kFloatsPerWord * pair + i] = two.value[i];
            }
        }
        sums.write(transform(x));
    }
}

}  // namespace jpegact

#endif
