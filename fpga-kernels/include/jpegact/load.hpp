// Stage: memory to FIFO, in bursts.
#ifndef JPEGACT_LOAD_HPP
#define JPEGACT_LOAD_HPP

#include <hls_stream.h>

#include "jpegact/types.hpp"

namespace jpegact {

// Reads exactly `count` words from word `first` of `memory` on. One word a cycle.
inline void load_words(const word_t* memory, uint64_t first, uint32_t count, hls::stream<word_t>& words) {
    for (uint32_t i = 0; i < count; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 4 max = 65536
        words.write(memory[first + i]);
    }
}

}  // namespace jpegact

#endif
