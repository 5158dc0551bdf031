// What a launch works on, as the host lays it out.
#ifndef JPEGACT_ARGUMENTS_CUH
#define JPEGACT_ARGUMENTS_CUH

#include "device.cuh"

// Divides numbers below 2^31 by one that is known before the launch: n * multiplier >> shift, exactly. A division of two
// numbers takes some twenty instructions.
struct Divisor {
    u32 multiplier;
    u32 shift;
};

JPEGACT_DEVICE u32 divide(u32 number, const Divisor& by) { return (u32)((u64)number * by.multiplier >> by.shift); }

// One layout for all kernels, the same in C# (Launches/CodecArguments.cs).
struct CodecArguments {
    u64 tensor;          // elements, dense, aligned to their own size
    u64 values;          // value plane, 16-byte aligned (raw: the tensor itself); 15 bytes on either side can be read
    u64 masks;           // mask plane, 8-byte aligned; 0 where the method has none
    u64 tile_offsets;    // u64 a tile and one more
    u64 tile_checksums;  // u32 a tile
    u64 inverse_scales;  // float a scale: the frame's
    u64 scales;          // float a scale: the encoder's; before that the largest magnitude's bits
    u64 tile_states;     // u64 a tile, zero at the start: see lookback.cuh
    u64 status;          // CodecStatus, zero at the start
    u64 elements;
    u64 plane_elements;    // H * W
    u64 value_bytes;       // of the frame, where known before the launch (raw, sfpr, brc)
    u32 tile_value_bytes;  // of a whole tile, likewise
    u32 rows;
    u32 width;
    u32 plane_rows;      // H
    u32 planes;          // N * C
    u32 scale_count;     // C or N * C: a plane's scale is plane % scale_count; 0 without scales
    u32 blocks_per_row;  // jpeg-act
    u32 blocks;
    u32 tiles;
    i32 lowest;        // least decoded integer: 0 for non-negative tensors, or -128
    float full_scale;  // 128 * S
    u32 reserved;
    u32 shifts[8];  // shifts[v] holds s[8u+v] in nibble u
    Divisor by_blocks_per_row;
    Divisor by_plane_rows;
    Divisor by_scale_count;
    Divisor by_plane_elements;  // where a plane is smaller than a tile
};

static_assert(sizeof(CodecArguments) == 12 * 8 + 12 * 4 + 8 * 4 + 4 * 8, "C# lays it out by hand");

// Left behind by the encoder.
struct CodecStatus {
    u64 value_bytes;
    u32 non_finite;    // 1: a NaN or an infinity; nothing else of the frame counts then
    u32 any_negative;  // 1: an element is below zero
    u32 next_tile;     // tiles handed out
    u32 reserved;
};

constexpr u64 kStatusNonFinite = 8;
constexpr u64 kStatusAnyNegative = 12;
constexpr u64 kStatusNextTile = 16;

constexpr u32 kThreads = 256;
constexpr u32 kBlockValues = 64;
constexpr u32 kBlockSide = 8;
constexpr u32 kTileBlocks = 64;
constexpr u32 kTileValues = kTileBlocks * kBlockValues;

JPEGACT_DEVICE u32 blocks_of_tile(const CodecArguments& arguments, u32 tile) {
    const u32 left = arguments.blocks - tile * kTileBlocks;
    return left < kTileBlocks ? left : kTileBlocks;
}

#endif
