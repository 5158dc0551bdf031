// Stages: FIFO to memory, in bursts.
#ifndef JPEGACT_STORE_HPP
#define JPEGACT_STORE_HPP

#include <hls_stream.h>

#include "jpegact/layout.hpp"

namespace jpegact {

// Writes `count` words to the start of `memory`. One word a cycle.
inline void store_words(hls::stream<word_t>& words, uint32_t count, word_t* memory) {
    for (uint32_t i = 0; i < count; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 65536
        memory[i] = words.read();
    }
}

// Writes a number of words that is known only as they come. Each entry of `lengths` says how many of them are in the
// FIFO already, so that every inner loop is one AXI burst; an entry below kBurstWords is the last one. The FIFO of
// words must hold a whole burst.
inline void store_bursts(hls::stream<word_t>& words, hls::stream<uint32_t>& lengths, word_t* memory) {
    uint32_t position = 0;
    uint32_t length;
    do {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 257
        length = lengths.read();
        for (uint32_t i = 0; i < length; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 64
            memory[position + i] = words.read();
        }
        position += length;
    } while (length == kBurstWords);
}

}  // namespace jpegact

#endif
