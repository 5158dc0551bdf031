// Stage (encode): forward 8x8 transform, exact integers, one rounding between its two passes.
#ifndef JPEGACT_DCT_HPP
#define JPEGACT_DCT_HPP

#include <hls_stream.h>

#include "jpegact/matrix.hpp"
#include "jpegact/networks.hpp"
#include "jpegact/types.hpp"

namespace jpegact {

// Bit budgets: q8 within 128 -> first sums -> t within 4096 -> second sums plus the quantiser's largest rounding.
namespace budget {
constexpr int64_t kEncodeFirst = 128 * largest_row() + (1 << (kFirstPassShift - 1));
constexpr int64_t kEncodeMiddle = kEncodeFirst >> kFirstPassShift;
constexpr int64_t kEncodeSecond = kEncodeMiddle * largest_row() + (1 << (kQuantiseShift + kMaxShift - 1));
static_assert(kEncodeFirst < int64_t(1) << 24, "the first sums fit 25 bits");
static_assert(kEncodeMiddle == 4096, "t needs 14 bits");
static_assert(kEncodeSecond < kInt32 / 4, "the second sums fit 30 bits");
}  // namespace budget

struct vector8 {
    int32_t value[kBlockSide];
};

// X * x, exactly: 8 sums of 8 products each, with 20 multiplications and two shifts instead of 64.
inline vector8 forward_8(int32_t x0, int32_t x1, int32_t x2, int32_t x3, int32_t x4, int32_t x5, int32_t x6,
                         int32_t x7) {
#pragma HLS INLINE
    const int32_t e0 = x0 + x7, e1 = x1 + x6, e2 = x2 + x5, e3 = x3 + x4;
    const int32_t o0 = x0 - x7, o1 = x1 - x6, o2 = x2 - x5, o3 = x3 - x4;
    const int32_t ee0 = e0 + e3, ee1 = e1 + e2, eo0 = e0 - e3, eo1 = e1 - e2;
    return {{
        kMatrixOne * (ee0 + ee1),
        kMatrixOdd[0][0] * o0 + kMatrixOdd[0][1] * o1 + kMatrixOdd[0][2] * o2 + kMatrixOdd[0][3] * o3,
        kMatrixEven[0][0] * eo0 + kMatrixEven[0][1] * eo1,
        kMatrixOdd[1][0] * o0 + kMatrixOdd[1][1] * o1 + kMatrixOdd[1][2] * o2 + kMatrixOdd[1][3] * o3,
        kMatrixOne * (ee0 - ee1),
        kMatrixOdd[2][0] * o0 + kMatrixOdd[2][1] * o1 + kMatrixOdd[2][2] * o2 + kMatrixOdd[2][3] * o3,
        kMatrixEven[1][0] * eo0 + kMatrixEven[1][1] * eo1,
        kMatrixOdd[3][0] * o0 + kMatrixOdd[3][1] * o1 + kMatrixOdd[3][2] * o2 + kMatrixOdd[3][3] * o3,
    }};
}

// Eight transforms side by side: column c of `in` (8 * row + c) to column c of `out` (8 * frequency + c).
inline void forward_columns(const int32_t in[kBlockValues], int32_t out[kBlockValues]) {
#pragma HLS INLINE
    for (int c = 0; c < kBlockSide; c++) {
#pragma HLS UNROLL
        const vector8 t =
            forward_8(in[c], in[8 + c], in[16 + c], in[24 + c], in[32 + c], in[40 + c], in[48 + c], in[56 + c]);
        for (int v = 0; v < kBlockSide; v++) {
#pragma HLS UNROLL
            out[8 * v + c] = t.value[v];
        }
    }
}

// One step: q8 values (8 * row + column) to the sums S of docs/format.md (8 * u + v).
inline block32 transform(const block8& x) {
#pragma HLS PIPELINE II = 1
    constexpr int32_t kHalf = 1 << (kFirstPassShift - 1);
    int32_t wide[kBlockValues], first[kBlockValues];
    int16_t vertical[kBlockValues];  // t, index 8 * v + column
    int16_t turned[kBlockValues];    // t, index 8 * column + v
    block32 sums;
#pragma HLS ARRAY_PARTITION variable = wide complete
#pragma HLS ARRAY_PARTITION variable = first complete
#pragma HLS ARRAY_PARTITION variable = vertical complete
#pragma HLS ARRAY_PARTITION variable = turned complete
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        wide[i] = x.value[i];
    }
    forward_columns(wide, first);
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        vertical[i] = int16_t((first[i] + kHalf) >> kFirstPassShift);
    }
    transpose(vertical, turned);
    for (int i = 0; i < kBlockValues; i++) {
#pragma HLS UNROLL
        wide[i] = turned[i];
    }
    forward_columns(wide, sums.value);
    return sums;
}

// One step: q8 values that pass by the transform.
inline block32 pass_by(const block8& x) {
#pragma HLS PIPELINE II = 1
    block32 out;
    for (int k = 0; k < kBlockValues; k++) {
#pragma HLS UNROLL
        out.value[k] = x.value[k];
    }
    return out;
}

// One block a cycle, the rate at which int8 blocks arrive.
inline void transform_blocks(hls::stream<block8>& blocks, uint32_t block_count, bool transforms,
                             hls::stream<block32>& sums) {
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        const block8 x = blocks.read();
        sums.write(transforms ? transform(x) : pass_by(x));
    }
}

}  // namespace jpegact

#endif
