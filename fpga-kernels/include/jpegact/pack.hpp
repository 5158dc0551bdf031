// Stages (encode): masks, values and tile offsets to full memory words.
#ifndef JPEGACT_PACK_HPP
#define JPEGACT_PACK_HPP

#include <hls_stream.h>

#include "jpegact/descriptor.hpp"
#include "jpegact/networks.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// 8 masks a word, the last word filled up with zeros. `mask_sum` is their sum modulo 2^64.
inline void pack_masks(hls::stream<uint64_t>& masks, uint32_t mask_count, hls::stream<word_t>& words,
                       uint64_t& mask_sum) {
    word_t word = 0;
    uint64_t sum = 0;
    for (uint32_t b = 0; b < mask_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 16384
        const uint64_t mask = masks.read();
        const uint32_t at = b % kMasksPerWord;
        sum += mask;
        for (uint32_t i = 0; i < kMasksPerWord; i++) {
#pragma HLS UNROLL
            set_lane64(word, int(i), i == at ? mask : at == 0 ? 0 : lane64(word, int(i)));
        }
        if (at == kMasksPerWord - 1 || b + 1 == mask_count) {
            words.write(word);
        }
    }
    mask_sum = sum;
}

// What the packer holds back: `fill` bytes that do not make a word yet, zeros above them.
struct partial_word {
    byte_lanes bytes;
    position_t fill;
};

struct pack_step {
    partial_word rest;
    byte_lanes full;
    bool has_full;
};

// One step: appends 0 .. 64 bytes. The rotation does not depend on the held bytes, only on the 6-bit fill, so that fill
// is all that one step needs of the one before it.
inline pack_step append(const partial_word& held, const packed_block& block) {
#pragma HLS INLINE
    const byte_lanes rotated = rotate_up(block.bytes, held.fill);
    const ap_uint<7> end = ap_uint<7>(held.fill + block.length);  // at most 63 + 64
    pack_step step;
    step.full = splice(held.bytes, rotated, held.fill);
    step.has_full = end[6];
    step.rest.fill = position_t(end.range(5, 0));
    // Bytes that passed the top have wrapped to the bottom; the block's own zeros lie between them and the fill.
    step.rest.bytes = end[6] ? splice(rotated, no_bytes(), step.rest.fill) : step.full;
    return step;
}

// Packs the values back to back into words, announces them in bursts (see store_bursts), and emits the byte offset of
// each tile's first value, then the total; nothing but zero offsets where the method has no values. `data_sum` is the sum
// of the words' 64-bit lanes modulo 2^64.
inline void pack_values(hls::stream<packed_block>& blocks, uint32_t block_count, bool has_values,
                        hls::stream<word_t>& words, hls::stream<uint32_t>& lengths, hls::stream<uint32_t>& offsets,
                        uint32_t& value_bytes, uint64_t& data_sum) {
    partial_word held = {no_bytes(), 0};
    uint32_t offset = 0;
    uint32_t burst = 0;
    uint64_t sum = 0;
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        packed_block block = {no_bytes(), 0};
        if (has_values) {
            block = blocks.read();
        }
        if (b % kTileBlocks == 0) {
            offsets.write(offset);
        }
        offset += block.length.to_uint();
        const pack_step step = append(held, block);
        held = step.rest;
        if (step.has_full) {
            const word_t word = to_word(step.full);
            words.write(word);
            sum += sum_of_lanes(word);
            burst++;
            if (burst == kBurstWords) {
                lengths.write(burst);
                burst = 0;
            }
        }
    }
    offsets.write(offset);
    if (held.fill.to_uint() != 0) {
        const word_t word = to_word(held.bytes);
        words.write(word);
        sum += sum_of_lanes(word);
        burst++;
    }
    lengths.write(burst);
    if (burst == kBurstWords) {
        lengths.write(0);
    }
    value_bytes = offset;
    data_sum = sum;
}

// 16 offsets a word, the last word filled up with zeros.
inline void pack_offsets(hls::stream<uint32_t>& offsets, uint32_t count, hls::stream<word_t>& words) {
    word_t word = 0;
    for (uint32_t entry = 0; entry < count; entry++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 2 max = 257
        const uint32_t offset = offsets.read();
        const uint32_t at = entry % kOffsetsPerWord;
        for (uint32_t i = 0; i < kOffsetsPerWord; i++) {
#pragma HLS UNROLL
            set_lane32(word, int(i), i == at ? offset : at == 0 ? 0 : lane32(word, int(i)));
        }
        if (at == kOffsetsPerWord - 1 || entry + 1 == count) {
            words.write(word);
        }
    }
}

}  // namespace jpegact

#endif
