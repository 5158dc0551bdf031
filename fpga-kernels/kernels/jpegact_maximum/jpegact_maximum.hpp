#ifndef JPEGACT_MAXIMUM_HPP
#define JPEGACT_MAXIMUM_HPP

#include "jpegact/types.hpp"

// The largest magnitude of each scale, and the scales, for a list of descriptors. docs/kernels.md defines every argument.
extern "C" void jpegact_maximum(const jpegact::word_t* descriptors, jpegact::word_t* results,
                                const jpegact::word_t* data, jpegact::word_t* scales, uint32_t descriptor_count,
                                uint64_t data_words, uint64_t scales_words);

#endif
