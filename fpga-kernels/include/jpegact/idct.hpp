// Stage (decode): inverse 8x8 transform, exact integers, one rounding a pass.
#ifndef JPEGACT_IDCT_HPP
#define JPEGACT_IDCT_HPP

#include <hls_stream.h>

#include "jpegact/dct.hpp"

namespace jpegact {

// The transpose of X times y, exactly, with 20 multiplications.
inline vector8 inverse_8(int32_t y0, int32_t y1, int32_t y2, int32_t y3, int32_t y4, int32_t y5, int32_t y6,
                         int32_t y7) {
#pragma HLS INLINE
    const int32_t ee0 = kOne * (y0 + y4), ee1 = kOne * (y0 - y4);
    const int32_t eo0 = kEven[0][0] * y2 + kEven[1][0] * y6, eo1 = kEven[0][1] * y2 + kEven[1][1] * y6;
    const int32_t e0 = ee0 + eo0, e1 = ee1 + eo1, e2 = ee1 - eo1, e3 = ee0 - eo0;
    const int32_t o0 = kOdd[0][0] * y1 + kOdd[1][0] * y3 + kOdd[2][0] * y5 + kOdd[3][0] * y7;
    const int32_t o1 = kOdd[0][1] * y1 + kOdd[1][1] * y3 + kOdd[2][1] * y5 + kOdd[3][1] * y7;
    const int32_t o2 = kOdd[0][2] * y1 + kOdd[1][2] * y3 + kOdd[2][2] * y5 + kOdd[3][2] * y7;
    const int32_t o3 = kOdd[0][3] * y1 + kOdd[1][3] * y3 + kOdd[2][3] * y5 + kOdd[3][3] * y7;
    return {{e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0}};
}

inline int32_t clamp(int32_t value, int32_t lowest, int32_t highest) {
#pragma HLS INLINE
    return value < lowest ? lowest : value > highest ? highest : value;
}

// One step: restored coefficients (8 * u + v) to values y (8 * row + column) within `lowest` .. 127.
inline block8 inverse_transform(const block16& c, int32_t lowest) {
#pragma HLS INLINE
    constexpr int32_t kFirstHalf = 1 << (kFirstPassShift - 1);
    constexpr int32_t kSecondHalf = 1 << (kRestoreShift - 1);
    int16_t horizontal[kBlockValues];  // t, index 8 * x + v
    int16_t turned[kBlockValues];      // t, index 8 * v + x: a transpose by wiring
    block8 y;
#pragma HLS ARRAY_PARTITION variable = horizontal complete
#pragma HLS ARRAY_PARTITION variable = turned complete
    for (int v = 0; v < kBlockSide; v++) {
#pragma HLS UNROLL
        const vector8 t = inverse_8(c.value[v], c.value[8 + v], c.value[16 + v], c.value[24 + v], c.value[32 + v],
                                    c.value[40 + v], c.value[48 + v], c.value[56 + v]);
        for (int x = 0; x < kBlockSide; x++) {
#pragma HLS UNROLL
            horizontal[8 * x + v] = int16_t(clamp((t.value[x] + kFirstHalf) >> kFirstPassShift, -32768, 32767));
        }
    }
    for (int v = 0; v < kBlockSide; v++) {
#pragma HLS UNROLL
        for (int x = 0; x < kBlockSide; x++) {
#pragma HLS UNROLL
            turned[8 * v + x] = horizontal[8 * x + v];
        }
    }
    for (int x = 0; x < kBlockSide; x++) {
#pragma HLS UNROLL
        const vector8 s = inverse_8(turned[x], turned[8 + x], turned[16 + x], turned[24 + x], turned[32 + x],
                                    turned[40 + x], turned[48 + x], turned[56 + x]);
        for (int r = 0; r < kBlockSide; r++) {
#pragma HLS UNROLL
            y.value[8 * r + x] = int8_t(clamp((s.value[r] + kSecondHalf) >> kRestoreShift, lowest, 127));
        }
    }
    return y;
}

// One block in 4 cycles, the rate at which a float32 block can leave.
inline void inverse_transform_blocks(hls::stream<block16>& restored, uint32_t block_count, bool non_negative,
                                     hls::stream<block8>& values) {
    const int32_t lowest = non_negative ? 0 : -128;
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 4
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        values.write(inverse_transform(restored.read(), lowest));
    }
}

}  // namespace jpegact

#endif
