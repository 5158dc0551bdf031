#ifndef JPEGACT_DECODE_HPP
#define JPEGACT_DECODE_HPP

#include "jpegact/types.hpp"

// Masks and values to blocks of elements, for a list of descriptors. docs/kernels.md defines every argument.
extern "C" void jpegact_decode(const jpegact::word_t* descriptors, jpegact::word_t* results, jpegact::word_t* data,
                               const jpegact::word_t* scales, const jpegact::word_t* masks,
                               const jpegact::word_t* values, uint32_t descriptor_count, uint64_t data_words,
                               uint64_t scales_words, uint64_t masks_words, uint64_t values_words);

#endif
