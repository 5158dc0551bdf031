// Stages: FIFO to memory, in bursts.
#ifndef JPEGACT_STORE_HPP
#define JPEGACT_STORE_HPP

#include <hls_stream.h>

#include "jpegact/types.hpp"

namespace jpegact {

// Writes `count` words from word `first` of `memory` on. One word a cycle.
inline void store_words(hls::stream<word_t>& words, uint32_t count, word_t* memory, uint64_t first) {
    for (uint32_t i = 0; i < count; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 65536
        memory[first + i] = words.read();
    }
}

// Writes a number of words that is known only as they come, but never more than `limit`: the rest is dropped. Each entry
// of `lengths` says how many of them are in the FIFO already, so that each inner loop is one AXI burst; an entry below
// kBurstWords is the last one. The FIFO of words must hold a whole burst.
inline void store_bursts(hls::stream<word_t>& words, hls::stream<uint32_t>& lengths, word_t* memory, uint64_t first,
                         uint64_t limit) {
    uint64_t position = first;
    uint64_t room = limit;
    uint32_t length;
    do {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 257
        length = lengths.read();
        const uint32_t kept = room < length ? uint32_t(room) : length;
        for (uint32_t i = 0; i < kept; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 64
            memory[position + i] = words.read();
        }
        for (uint32_t i = kept; i < length; i++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 64
            words.read();
        }
        position += kept;
        room -= kept;
    } while (length == kBurstWords);
}

}  // namespace jpegact

#endif
