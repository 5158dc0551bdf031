// Constants of the kernel interface, layout version 1 (docs/kernels.md), and the types that cross FIFOs.
#ifndef JPEGACT_LAYOUT_HPP
#define JPEGACT_LAYOUT_HPP

#include <ap_int.h>

#include <cstdint>

namespace jpegact {

constexpr uint32_t kLayoutVersion = 0x4A413101;  // "JA1", version 1
constexpr uint32_t kStatusGood = 0;
constexpr uint32_t kStatusBadArgument = 1;
constexpr uint32_t kStatusValueBytesDiffer = 2;

constexpr uint32_t kMaxBlocks = 1u << 25;
constexpr int kBlockSide = 8;
constexpr int kBlockValues = 64;
constexpr uint32_t kTileBlocks = 64;
constexpr int kMaxShift = 7;

// A memory word: 512 bits, the width of the AXI ports.
constexpr int kWordBits = 512;
constexpr int kWordBytes = 64;
using word_t = ap_uint<kWordBits>;

constexpr int kFloatsPerWord = kWordBytes / 4;
constexpr int kRowsPerWord = kFloatsPerWord / kBlockSide;
constexpr int kWordsPerBlock = kBlockValues / kFloatsPerWord;
constexpr uint32_t kMasksPerWord = kWordBytes / 8;
constexpr uint32_t kOffsetsPerWord = kWordBytes / 4;
constexpr uint32_t kBurstWords = 64;

static_assert(kRowsPerWord == 2 && kWordsPerBlock == 4, "a float32 block is 4 words of 2 rows each");
static_assert(kBlockValues <= kWordBytes,
              "the values of a block fit a word, so packing emits at most one word a block");
static_assert(uint64_t(kMaxBlocks) * kBlockValues <= 0xffffffffu, "value offsets of a launch fit 32 bits");

// A value count of one block, 0 .. 64.
using length_t = ap_uint<7>;
// A byte position within a word, 0 .. 63.
using position_t = ap_uint<6>;

// Two rows of a block after scaling: q8 values, row by row.
struct row_pair {
    int8_t value[kFloatsPerWord];
};

// A block of bytes; the stage says what they are: q8 values (8 * row + column) or coefficients (8 * u + v).
struct block8 {
    int8_t value[kBlockValues];
};

// A block of dequantised coefficients, index 8 * u + v.
struct block16 {
    int16_t value[kBlockValues];
};

// A block of transform sums before the quantiser, index 8 * u + v.
struct block32 {
    int32_t value[kBlockValues];
};

// 64 bytes moved by byte networks.
struct byte_lanes {
    uint8_t lane[kWordBytes];
};

// The non-zero bytes of a block at the bottom, zeros above them.
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

// The scales of the 8 rows of a row of blocks, as float32 bit patterns.
struct row_scales {
    uint32_t bits[kBlockSide];
};

// The 64 shifts of the transform's coefficients, index 8 * u + v, each 0 .. 7.
struct shift_table {
    uint8_t shift[kBlockValues];
};

}  // namespace jpegact

#endif
