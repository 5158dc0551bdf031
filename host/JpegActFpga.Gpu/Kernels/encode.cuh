// Method jpeg-act, encoding: scale, transform, quantise and compact in one pass. A group makes a tile, a warp four blocks
// at a time, eight lanes a block.
#ifndef JPEGACT_ENCODE_CUH
#define JPEGACT_ENCODE_CUH

#include "elements.cuh"
#include "transform.cuh"
#include "values.cuh"

// The q8 values of a lane's column of a block. Blocks may reach over planes where their height is no multiple of 8.
template <typename Type>
JPEGACT_DEVICE vector8 load_column(const CodecArguments& arguments, u32 row, u32 column) {
    u64 address = address_of<Type>(arguments, (u64)row * arguments.width + column);
    const u64 pitch = (u64)arguments.width * Type::kBytes;
    float x[8];
#pragma unroll
    for (u32 r = 0; r < 8; r++, address += pitch) {
        x[r] = row + r < arguments.rows ? load_element<Type>(address) : 0.0f;
    }
    u32 plane = divide(row, arguments.by_plane_rows);
    float scale = load_scale(arguments, arguments.scales, plane);
    i32 q[8];
    if (arguments.plane_rows % 8 == 0) {
#pragma unroll
        for (u32 r = 0; r < 8; r++) {
            q[r] = quantise(x[r], scale);
        }
    } else {
        u32 row_of_plane = row - plane * arguments.plane_rows;
#pragma unroll
        for (u32 r = 0; r < 8; r++) {
            q[r] = quantise(x[r], scale);
            if (++row_of_plane == arguments.plane_rows && row + r + 1 < arguments.rows) {
                row_of_plane = 0;
                scale = load_scale(arguments, arguments.scales, ++plane);
            }
        }
    }
    return {q[0], q[1], q[2], q[3], q[4], q[5], q[6], q[7]};
}

JPEGACT_DEVICE i32 drop_eleven(i32 sum) {
    return (sum + (1 << (jpegact::kFirstPassShift - 1))) >> jpegact::kFirstPassShift;
}

// clamp((S + 2^(17+s)) >> (18+s)), or toward zero.
template <bool kTruncate>
JPEGACT_DEVICE i32 shift_down(i32 sum, u32 shifts, u32 u) {
    const u32 shift = jpegact::kQuantiseShift + (shifts >> (4 * u) & 15);
    const i32 rounding = kTruncate ? (sum >> 31) & ((1 << shift) - 1) : 1 << (shift - 1);
    return clamp((sum + rounding) >> shift, -128, 127);
}

// Four quantised values in a word, lowest first.
JPEGACT_DEVICE u32 pack4(i32 a, i32 b, i32 c, i32 d) {
    return permute(permute((u32)a, (u32)b, 0x0040), permute((u32)c, (u32)d, 0x0040), 0x5410);
}

// What a lane holds of a block: row v of the quantised values and the block's mask.
struct CodedRow {
    u32 low, high;            // q[8u+v], u = 0..3 and 4..7
    u32 mask_low, mask_high;  // bit 8u+v
};

template <typename Type, bool kTruncate>
JPEGACT_DEVICE CodedRow encode_row(const CodecArguments& arguments, u32 tile_block, u32 tile, u32 blocks, u32 shifts) {
    const u32 lane = thread_index() & 31, column = lane & 7;
    const u32 block = tile * kTileBlocks + tile_block;
    const u32 block_row = divide(block, arguments.by_blocks_per_row);
    const u32 x = (block - block_row * arguments.blocks_per_row) * kBlockSide + column;
    vector8 a = {0, 0, 0, 0, 0, 0, 0, 0};
    if (tile_block < blocks && x < arguments.width) {
        a = load_column<Type>(arguments, block_row * kBlockSide, x);
    }
    forward(a);
    a = {drop_eleven(a.a0), drop_eleven(a.a1), drop_eleven(a.a2), drop_eleven(a.a3),
         drop_eleven(a.a4), drop_eleven(a.a5), drop_eleven(a.a6), drop_eleven(a.a7)};
    transpose(a, lane);
    forward(a);
    const i32 q0 = shift_down<kTruncate>(a.a0, shifts, 0), q1 = shift_down<kTruncate>(a.a1, shifts, 1);
    const i32 q2 = shift_down<kTruncate>(a.a2, shifts, 2), q3 = shift_down<kTruncate>(a.a3, shifts, 3);
    const i32 q4 = shift_down<kTruncate>(a.a4, shifts, 4), q5 = shift_down<kTruncate>(a.a5, shifts, 5);
    const i32 q6 = shift_down<kTruncate>(a.a6, shifts, 6), q7 = shift_down<kTruncate>(a.a7, shifts, 7);

    // A ballot over the warp has a byte of each of its four blocks; this one's are picked and joined.
    const u32 of_block = lane >> 3, pick = of_block | (of_block + 4) << 4;
    const u32 b01 = permute(ballot(q0 != 0), ballot(q1 != 0), pick),
              b23 = permute(ballot(q2 != 0), ballot(q3 != 0), pick);
    const u32 b45 = permute(ballot(q4 != 0), ballot(q5 != 0), pick),
              b67 = permute(ballot(q6 != 0), ballot(q7 != 0), pick);
    return {pack4(q0, q1, q2, q3), pack4(q4, q5, q6, q7), permute(b01, b23, 0x5410), permute(b45, b67, 0x5410)};
}

// Byte u of a block's mask or of a lane's row.
JPEGACT_DEVICE u32 byte_of(u32 low, u32 high, u32 u) { return (u < 4 ? low : high) >> (8 * (u & 3)) & 255; }

JPEGACT_DEVICE void put_row(TileRoom& room, const CodedRow& row, u32 tile_block) {
    const u32 column = thread_index() & 7, below = (1u << column) - 1;
    u32 position = ((u32)room.offset & 15) + room.first[tile_block];
#pragma unroll
    for (u32 u = 0; u < 8; u++) {
        const u32 mask = byte_of(row.mask_low, row.mask_high, u);
        if (mask >> column & 1) {
            room.bytes[position + count_bits(mask & below)] = (u8)byte_of(row.low, row.high, u);
        }
        position += count_bits(mask);
    }
}

template <typename Type, bool kTruncate>
JPEGACT_DEVICE void encode(const CodecArguments& arguments) {
    JPEGACT_SHARED TileRoom room;
    const u32 tile = take_tile(arguments, room), blocks = blocks_of_tile(arguments, tile);
    const u32 lane = thread_index() & 31, column = lane & 7;
    const u32 near = (thread_index() >> 5) * 8 + (lane >> 3), far = near + 4;
    const u32 shifts = shifts_of(arguments.shifts, column);
    const CodedRow first = encode_row<Type, kTruncate>(arguments, near, tile, blocks, shifts);
    const CodedRow second = encode_row<Type, kTruncate>(arguments, far, tile, blocks, shifts);
    if (column == 0) {
        room.first[near] = count_bits(first.mask_low) + count_bits(first.mask_high);
        room.first[far] = count_bits(second.mask_low) + count_bits(second.mask_high);
        const u64 masks = arguments.masks + 8ull * tile * kTileBlocks;
        if (near < blocks) {
            store(masks + 8ull * near, (u64)first.mask_high << 32 | first.mask_low);
        }
        if (far < blocks) {
            store(masks + 8ull * far, (u64)second.mask_high << 32 | second.mask_low);
        }
    }
    place_tile(arguments, room, tile);
    put_row(room, first, near);
    put_row(room, second, far);
    write_values(arguments, room);
}

#endif
