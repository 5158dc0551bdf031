// The steps of the stages as functions that a synthesis tool can take one by one, without the kernels around them: bit
// vectors in, bit vectors out, function-level pipelining, no streams, no memory, no state, no loop that is not unrolled.
// Field i of a vector of fields of B bits is bits B * i .. B * i + B - 1. A vector has at most 1024 bits, the widest that
// ap_int.h has by default, so the transform's sums cross in two.
#ifndef JPEGACT_STEPS_HPP
#define JPEGACT_STEPS_HPP

#include <ap_int.h>

#include <cstdint>

using bits256 = ap_uint<256>;
using bits512 = ap_uint<512>;
using bits1024 = ap_uint<1024>;

// Encode: 32 elements of 16 bits to float32 patterns.
void step_widen(const bits512& elements, bool is_bfloat, bits1024& floats);
// 32 float32 patterns and the scales of their 4 rows to q8.
void step_scale(const bits1024& floats, uint32_t scale_0, uint32_t scale_1, uint32_t scale_2, uint32_t scale_3,
                bits256& integers);
// 64 q8 values to 64 sums of 32 bits.
void step_transform(const bits512& integers, bits1024& sums_0_31, bits1024& sums_32_63);
// 64 sums and 64 shifts of 4 bits to 64 coefficients.
void step_quantise(const bits1024& sums_0_31, const bits1024& sums_32_63, const bits256& shifts, bool truncate,
                   bits512& coefficients);
// 64 coefficients to a mask, the number of its ones, and the non-zero ones at the bottom.
void step_compact(const bits512& coefficients, uint64_t& mask, ap_uint<7>& length, bits512& values);
// Appends `length` values to `fill` held ones; a full word leaves when they reach 64.
void step_pack(const bits512& held, ap_uint<6> fill, const bits512& values, ap_uint<7> length, bits512& rest,
               ap_uint<6>& rest_fill, bits512& full, bool& has_full);

// Decode: the 64 bytes from a position of two words on.
void step_align(const bits512& low, const bits512& high, ap_uint<6> position, bits512& window);
// A mask and its values at the bottom to 64 coefficients.
void step_expand(uint64_t mask, const bits512& window, bits512& coefficients);
// 64 coefficients and 64 shifts of 4 bits to 64 values of 16 bits.
void step_dequantise(const bits512& coefficients, const bits256& shifts, bits1024& restored);
// 64 values of 16 bits to 64 q8 values of at least `lowest`.
void step_inverse_transform(const bits1024& restored, int8_t lowest, bits512& integers);
// 32 q8 values and the scales of their 4 rows to float32 patterns.
void step_rescale(const bits256& integers, uint32_t scale_0, uint32_t scale_1, uint32_t scale_2, uint32_t scale_3,
                  bits1024& floats);
// 32 float32 patterns to elements of 16 bits.
void step_narrow(const bits1024& floats, bool to_bfloat, bits512& elements);

// Maximum: the largest magnitudes of 4 rows of 8, over `count` lanes from `first` on.
void step_maxima(const bits1024& floats, uint8_t first, uint8_t count, ap_uint<128>& largest, bool& negative);

#endif
