// Stage (decode): mask words to one mask a block, with the number of values it names.
#ifndef JPEGACT_SPLIT_HPP
#define JPEGACT_SPLIT_HPP

#include <hls_stream.h>

#include "jpegact/descriptor.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// One mask a cycle. sfpr has none: all its values are named. brc's masks name no values. `named_bytes` is the number of
// values that are named, `mask_sum` the masks' sum modulo 2^64.
inline void split_masks(hls::stream<word_t>& words, uint32_t block_count, uint32_t method,
                        hls::stream<block_mask>& masks, uint32_t& named_bytes, uint64_t& mask_sum) {
    word_t word = 0;
    uint32_t named = 0;
    uint64_t sum = 0;
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        const uint32_t at = b % kMasksPerWord;
        if (at == 0 && has_masks(method)) {
            word = words.read();
        }
        uint64_t mask = 0;
        for (uint32_t i = 0; i < kMasksPerWord; i++) {
#pragma HLS UNROLL
            mask |= i == at ? lane64(word, int(i)) : 0;
        }
        sum += mask;
        const uint64_t live = has_masks(method) ? mask : ~uint64_t(0);
        const uint32_t ones = has_values(method) ? count_ones(live) : 0;
        const block_mask out = {live, length_t(ones)};
        masks.write(out);
        named += ones;
    }
    named_bytes = named;
    mask_sum = sum;
}

}  // namespace jpegact

#endif
