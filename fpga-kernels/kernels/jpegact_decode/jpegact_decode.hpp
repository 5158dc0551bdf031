// Top of the decode kernel; arguments, result word and bad-argument rules: docs/kernels.md.
#ifndef JPEGACT_DECODE_HPP
#define JPEGACT_DECODE_HPP

#include "jpegact/layout.hpp"

// Safe for use by several threads at once on buffers of their own: there is no state between launches.
extern "C" void jpegact_decode(const jpegact::word_t* masks, const jpegact::word_t* values,
                               const jpegact::word_t* scales, jpegact::word_t* blocks, jpegact::word_t* result,
                               uint32_t block_count, uint32_t value_bytes, uint32_t blocks_per_row,
                               uint32_t rows_per_scale, uint32_t scale_count, uint32_t first_column, uint32_t first_row,
                               uint32_t first_scale, uint64_t shifts_0, uint64_t shifts_1, uint64_t shifts_2,
                               uint64_t shifts_3, uint32_t non_negative);

#endif
