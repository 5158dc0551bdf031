// Stage (encode): transform sums to coefficients of 8 bits.
#ifndef JPEGACT_QUANTISE_HPP
#define JPEGACT_QUANTISE_HPP

#include <hls_stream.h>

#include "jpegact/descriptor.hpp"
#include "jpegact/matrix.hpp"

namespace jpegact {

// S / 2^(18 + shift), rounded to nearest (halves up) or toward zero, clamped to 8 bits. Toward zero is the floor after
// adding the divisor less one to negative sums.
inline int8_t quantise_one(int32_t sum, uint8_t shift, bool truncate) {
#pragma HLS INLINE
    const int drop = kQuantiseShift + shift;
    const int32_t divisor = int32_t(1) << drop;
    const int32_t toward_zero = sum < 0 ? divisor - 1 : 0;
    const int32_t q = (sum + (truncate ? toward_zero : divisor >> 1)) >> drop;
    return int8_t(q < -128 ? -128 : q > 127 ? 127 : q);
}

// One step: a whole block.
inline block8 quantise(const block32& sums, const shift_table& table, bool truncate) {
#pragma HLS PIPELINE II = 1
    block8 q;
    for (int k = 0; k < kBlockValues; k++) {
#pragma HLS UNROLL
        q.value[k] = quantise_one(sums.value[k], table.shift[k], truncate);
    }
    return q;
}

// One step: q8 values that passed by the transform.
inline block8 pass_by(const block32& values) {
#pragma HLS PIPELINE II = 1
    block8 q;
    for (int k = 0; k < kBlockValues; k++) {
#pragma HLS UNROLL
        q.value[k] = int8_t(values.value[k]);
    }
    return q;
}

// One block a cycle.
inline void quantise_blocks(hls::stream<block32>& sums, uint32_t block_count, bool transforms, uint64_t shifts_0,
                            uint64_t shifts_1, uint64_t shifts_2, uint64_t shifts_3, bool truncate,
                            hls::stream<block8>& coefficients) {
    const shift_table table = unpack_shifts(shifts_0, shifts_1, shifts_2, shifts_3);
#pragma HLS ARRAY_PARTITION variable = table.shift complete
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        const block32 block = sums.read();
        coefficients.write(transforms ? quantise(block, table, truncate) : pass_by(block));
    }
}

}  // namespace jpegact

#endif
