#ifndef JPEGACT_ENCODE_HPP
#define JPEGACT_ENCODE_HPP

#include "jpegact/types.hpp"

// Blocks of elements to masks, values and tile offsets, for a list of descriptors. docs/kernels.md defines every argument.
extern "C" void jpegact_encode(const jpegact::word_t* descriptors, jpegact::word_t* results,
                               const jpegact::word_t* data, const jpegact::word_t* scales, jpegact::word_t* masks,
                               jpegact::word_t* values, jpegact::word_t* tile_offsets, uint32_t descriptor_count,
                               uint64_t data_words, uint64_t scales_words, uint64_t masks_words, uint64_t values_words,
                               uint64_t tile_offsets_words);

#endif
