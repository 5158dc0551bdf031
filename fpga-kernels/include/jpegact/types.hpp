// The types that cross FIFOs and stages.
#ifndef JPEGACT_TYPES_HPP
#define JPEGACT_TYPES_HPP

#include <ap_int.h>

#include <cstdint>

#include "jpegact/constants.hpp"

namespace jpegact {

// A memory word, the width of the AXI ports.
using word_t = ap_uint<kWordBits>;

constexpr int kHalfLanes = kBlockValues / 2;  // elements that the stages with scales take at a time
constexpr int kHalfRows = kHalfLanes / kBlockSide;
constexpr int kFloatsPerWord = kWordBytes / 4;
constexpr int kShortsPerWord = kWordBytes / 2;
constexpr uint32_t kMasksPerWord = kWordBytes / 8;
constexpr uint32_t kOffsetsPerWord = kWordBytes / 4;

static_assert(kHalfLanes == kShortsPerWord && kHalfLanes == 2 * kFloatsPerWord,
              "half a block is a word of 16-bit elements, and two words of float32");
static_assert(kBlockValues <= kWordBytes,
              "the values of a block fit a word, so packing emits at most one word a block");
static_assert(uint64_t(kMaxBlocks) * kBlockValues <= 0xffffffffu,
              "element counts and value offsets of a descriptor fit 32 bits");

// A value count of one block, 0 .. 64.
using length_t = ap_uint<7>;
// A byte position within a word, 0 .. 63.
using position_t = ap_uint<6>;
// A lane of half a block, and a number of them, 0 .. 32.
using lanes_t = ap_uint<6>;

// Half a block (4 rows of 8) as float32 bit patterns; of int8 elements, a whole block's bytes in the lower 16.
struct half_block {
    uint32_t bits[kHalfLanes];
};

// Half a block of q8 values.
struct half8 {
    int8_t value[kHalfLanes];
};

// A block of bytes; the stage says what they are: q8 values (8 * row + column) or coefficients (8 * u + v).
struct block8 {
    int8_t value[kBlockValues];
};

// A block of dequantised coefficients, index 8 * u + v, or of q8 values that pass by the transform.
struct block16 {
    int16_t value[kBlockValues];
};

// A block of transform sums before the quantiser, index 8 * u + v, or of q8 values that pass by the transform.
struct block32 {
    int32_t value[kBlockValues];
};

// 64 bytes moved by byte networks.
struct byte_lanes {
    uint8_t lane[kWordBytes];
};

// The values of a block at the bottom, zeros above them.
struct packed_block {
    byte_lanes bytes;
    length_t length;
};

// A block's mask and how many values it names.
struct block_mask {
    uint64_t mask;
    length_t length;
};

// A block's mask and its values at the bottom; what lies above them is of no meaning.
struct masked_window {
    byte_lanes bytes;
    uint64_t mask;
};

// The next scale that is needed: its index, whether its word of the table is another than the last scale's, and, when
// it completes a set, for how many elements the set holds (else 0).
struct scale_step {
    uint32_t scale;
    uint32_t length;
    bool other_word;
};

// What the 8 rows of a block are scaled by (float32 bit patterns, or indices of scales), for `length` elements on.
// Where blocks are no squares all 8 are equal.
struct scale_set {
    uint32_t row[kBlockSide];
    uint32_t length;
};

// The largest magnitudes met in the rows while a set of scale indices held.
struct maxima_set {
    uint32_t scale[kBlockSide];
    uint32_t bits[kBlockSide];
    uint32_t length;  // of the set, in elements
    bool one_scale;   // in all rows
};

// The 64 shifts of the transform's coefficients, index 8 * u + v, each 0 .. 7.
struct shift_table {
    uint8_t shift[kBlockValues];
};

}  // namespace jpegact

#endif
