// Stage (decode): coefficients of 8 bits back to the transform's scale.
#ifndef JPEGACT_DEQUANTISE_HPP
#define JPEGACT_DEQUANTISE_HPP

#include <hls_stream.h>

#include "jpegact/descriptor.hpp"

namespace jpegact {

// q * 2^shift as three choices between wirings; a built-in left shift of a negative value is not used. 8 + 7 bits.
inline int16_t dequantise_one(int8_t q, uint8_t shift) {
#pragma HLS INLINE
    static_assert(kMaxShift == 7, "three levels");
    int16_t c = q;
    c = (shift & 4) != 0 ? int16_t(c * 16) : c;
    c = (shift & 2) != 0 ? int16_t(c * 4) : c;
    c = (shift & 1) != 0 ? int16_t(c * 2) : c;
    return c;
}

// One step: a whole block.
inline block16 dequantise(const block8& q, const shift_table& table) {
#pragma HLS PIPELINE II = 1
    block16 c;
    for (int k = 0; k < kBlockValues; k++) {
#pragma HLS UNROLL
        c.value[k] = dequantise_one(q.value[k], table.shift[k]);
    }
    return c;
}

// One block a cycle. Values that pass by the transform are not shifted.
inline void dequantise_blocks(hls::stream<block8>& coefficients, uint32_t block_count, bool transforms,
                              uint64_t shifts_0, uint64_t shifts_1, uint64_t shifts_2, uint64_t shifts_3,
                              hls::stream<block16>& restored) {
    const shift_table table =
        transforms ? unpack_shifts(shifts_0, shifts_1, shifts_2, shifts_3) : unpack_shifts(0, 0, 0, 0);
#pragma HLS ARRAY_PARTITION variable = table.shift complete
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        restored.write(dequantise(coefficients.read(), table));
    }
}

}  // namespace jpegact

#endif
