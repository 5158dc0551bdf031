// Stage (decode): inverse 8x8 transform, exact integers, one rounding a pass.
#ifndef JPEGACT_IDCT_HPP
#define JPEGACT_IDCT_HPP

#include <hls_stream.h>

#include "jpegact/dct.hpp"

namespace jpegact {

// Bit budgets: c within 128 * 2^7 -> first sums -> t clamped to 16 bits -> second sums plus rounding. The halves are sums
// of the same terms, so they keep the same bounds.
namespace budget {
constexpr int64_t kDecodeFirst = (int64_t(128) << kMaxShift) * largest_column() + (1 << (kFirstPassShift - 1));
constexpr int64_t kDecodeSecond = 32768 * largest_column() + (1 << (kRestoreShift - 1));
static_assert(kDecodeFirst < kInt32, "the first sums fit int32 for any stream");
static_assert(kDecodeSecond < kInt32, "the second sums fit int32 for any stream");
static_assert(kDecodeSecond - (1 << (kRestoreShift - 1)) < 2006000000, "the bound docs/format.md states");
}  // namespace budget

// The transpose of X times y, exactly, with 20 multiplications.
inline vector8 inverse_8(int32_t y0, int32_t y1, int32_t y2, int32_t y3, int32_t y4, int32_t y5, int32_t y6,
                         int32_t y7) {
#pragma HLS INLINE
    const int32_t ee0 = kMatrixOne * (y0 + y4), ee1 = kMatrixOne * (y0 - y4);
    const int32_t eo0 = kMatrixEven[0][0] * y2 + kMatrixEven[1][0] * y6,
                  eo1 = kMatrixEven[0][1] * y2 + kMatrixEven[1][1] * y6;
    const int32_t e0 = ee0 + eo0, e1 = ee1 + eo1, e2 = ee1 - eo1, e3 = ee0 - eo0;
    const int32_t o0 = kMatrixOdd[0][0] * y1 + kMatrixOdd[1][0] * y3 + kMatrixOdd[2][0] * y5 + kMatrixOdd[3][0] * y7;
    const int32_t o1 = kMatrixOdd[0][1] * y1 + kMatrixOdd[1][1] * y3 + kMatrixOdd[2][1] * y5 + kMatrixOdd[3][1] * y7;
    const int32_t o2 = kMatrixOdd[0][2] * y1 + kMatrixOdd[1][2] * y3 + kMatrixOdd[2][2] * y5 + kMatrixOdd[3][2] * y7;
    const int32_t o3 = kMatrixOdd[0][3] * y1 + kMatrixOdd[1][3] * y3 + kMatrixOdd[2][3] * y5 + kMatrixOdd[3][3] * y7;
    return {{e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0}};
}

inline int32_t clamp(int32_t value, int32_t lowest, int32_t highest) {
#pragma HLS INLINE
    return value < lowest ? lowest : value > highest ? highest : value;
}

// Eight inverse transforms side by side: column c of `in` (8 * frequency + c) to column c of `out` (8 * place + c).
inline void inverse_columns(const int32_t in[kBlockValues], int32_t out[kBlockValues]) {
#pragma HLS INLINE
    for (int c = 0; c < kBlockSide; c++) {
#pragma HLS UNROLL
        const vector8 t =
            inverse_8(in[c], in[8 + c], in[16 + c], in[24 + c], in[32 + c], in[40 + c], in[48 + c], in[56 + c]);
        for (int x = 0; x < kBlockSide; x++) {
#pragma HLS UNROLL
            out[8 * x + c] = t.value[x];
        }
    }
}

// One step: restored coefficients (8 * u + v) to values y (8 * row + column) within `lowest` .. 127.
inline block8 inverse_transform(const block16& c, int32_t lowest) {
#pragma HLS PIPELINE II = 1
    constexpr int32_t kFirstHalf = 1 << (kFirstPassShift - 1);
    constexpr int32_t kSecondHalf = 1 << (kRestoreShift - 1);
    int32_t wide[kBlockValues], sums[kBlockValues];
    int16_t horizontal[kBlockValues];  // t, index 8 * x + v
    int16_t turned[kBlockValues];      // t, index 8 * v + x
    block8 y;
#pragma HLS ARRAY_PARTITION variable = wide complete
#pragma HLS ARRAY_PARTITION variable = sums complete
#pragma HLS ARRAY_PARTITION variable = horizontal complete
#pragma HLS ARRAY_PARTITION variable = turned complete
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        wide[i] = c.value[i];
    }
    inverse_columns(wide, sums);
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        horizontal[i] = int16_t(clamp((sums[i] + kFirstHalf) >> kFirstPassShift, -32768, 32767));
    }
    transpose(horizontal, turned);
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        wide[i] = turned[i];
    }
    inverse_columns(wide, sums);
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        y.value[i] = int8_t(clamp((sums[i] + kSecondHalf) >> kRestoreShift, lowest, 127));
    }
    return y;
}

// One step: q8 values that pass by the transform, never clamped.
inline block8 pass_by(const block16& c) {
#pragma HLS PIPELINE II = 1
    block8 out;
    for (int k = 0; k < kBlockValues; k++) {
#pragma HLS UNROLL
        out.value[k] = int8_t(c.value[k]);
    }
    return out;
}

// One block a cycle.
inline void inverse_transform_blocks(hls::stream<block16>& restored, uint32_t block_count, bool transforms,
                                     bool non_negative, hls::stream<block8>& values) {
    const int32_t lowest = non_negative ? 0 : -128;
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        const block16 c = restored.read();
        values.write(transforms ? inverse_transform(c, lowest) : pass_by(c));
    }
}

}  // namespace jpegact

#endif
