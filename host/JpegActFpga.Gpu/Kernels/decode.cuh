// Method jpeg-act, decoding.
#ifndef JPEGACT_DECODE_CUH
#define JPEGACT_DECODE_CUH

#include "elements.cuh"
#include "transform.cuh"
#include "values.cuh"

// c[u][v] = q[8u+v] << s for one u; `position` moves past the block's values of that u.
JPEGACT_DEVICE i32 restore(const TileRoom& room, u32 mask, u32& position, u32 shifts, u32 u, u32 v) {
    const i32 q = (mask >> v & 1) ? value_at(room, position + count_bits(mask & ((1u << v) - 1))) : 0;
    position += count_bits(mask);
    return q << (shifts >> (4 * u) & 15);
}

JPEGACT_DEVICE i32 drop_eleven_and_clamp(i32 sum) { return clamp(sum >> jpegact::kFirstPassShift, -32768, 32767); }

template <typename Type>
JPEGACT_DEVICE void store_column(const CodecArguments& arguments, const vector8& y, u32 row, u32 column) {
    const i32 sums[8] = {y.a0, y.a1, y.a2, y.a3, y.a4, y.a5, y.a6, y.a7};
    u32 plane = divide(row, arguments.by_plane_rows);
    u32 row_of_plane = row - plane * arguments.plane_rows;
    float scale = load_scale(arguments, arguments.inverse_scales, plane);
    u64 address = address_of<Type>(arguments, (u64)row * arguments.width + column);
    const u64 pitch = (u64)arguments.width * Type::kBytes;
    const bool one_plane = arguments.plane_rows % 8 == 0;
#pragma unroll
    for (u32 r = 0; r < 8; r++, address += pitch) {
        if (row + r < arguments.rows) {
            const float value = (float)clamp(sums[r] >> jpegact::kRestoreShift, arguments.lowest, 127) * scale;
            store_element<Type>(address, value);
            if (!one_plane && ++row_of_plane == arguments.plane_rows && row + r + 1 < arguments.rows) {
                row_of_plane = 0;
                scale = load_scale(arguments, arguments.inverse_scales, ++plane);
            }
        }
    }
}

template <typename Type>
JPEGACT_DEVICE void decode_column(const CodecArguments& arguments, const TileRoom& room, u32 tile, u32 tile_block,
                                  u32 shifts) {
    const u32 lane = thread_index() & 31, v = lane & 7;
    const u32 block = tile * kTileBlocks + tile_block;
    const bool here = block < arguments.blocks;
    const u64 mask = here ? load<u64>(arguments.masks + 8ull * block) : 0;
    const u32 low = (u32)mask, high = (u32)(mask >> 32);
    u32 position = room.first[tile_block];
    vector8 a;
    a.a0 = restore(room, low & 255, position, shifts, 0, v);
    a.a1 = restore(room, low >> 8 & 255, position, shifts, 1, v);
    a.a2 = restore(room, low >> 16 & 255, position, shifts, 2, v);
    a.a3 = restore(room, low >> 24, position, shifts, 3, v);
    a.a4 = restore(room, high & 255, position, shifts, 4, v);
    a.a5 = restore(room, high >> 8 & 255, position, shifts, 5, v);
    a.a6 = restore(room, high >> 16 & 255, position, shifts, 6, v);
    a.a7 = restore(room, high >> 24, position, shifts, 7, v);
    inverse(a, 1 << (jpegact::kFirstPassShift - 1));
    a = {drop_eleven_and_clamp(a.a0), drop_eleven_and_clamp(a.a1), drop_eleven_and_clamp(a.a2),
         drop_eleven_and_clamp(a.a3), drop_eleven_and_clamp(a.a4), drop_eleven_and_clamp(a.a5),
         drop_eleven_and_clamp(a.a6), drop_eleven_and_clamp(a.a7)};
    transpose(a, lane);
    inverse(a, 1 << (jpegact::kRestoreShift - 1));
    const u32 block_row = divide(block, arguments.by_blocks_per_row);
    const u32 x = (block - block_row * arguments.blocks_per_row) * kBlockSide + v;
    if (here && x < arguments.width) {
        store_column<Type>(arguments, a, block_row * kBlockSide, x);
    }
}

template <typename Type>
JPEGACT_DEVICE void decode(const CodecArguments& arguments) {
    JPEGACT_SHARED TileRoom room;
    const u32 tile = group_index(), lane = thread_index() & 31;
    const u32 near = (thread_index() >> 5) * 8 + (lane >> 3);
    const u32 shifts = shifts_of(arguments.shifts, lane & 7);
    read_values(arguments, room, tile);
    decode_column<Type>(arguments, room, tile, near, shifts);
    decode_column<Type>(arguments, room, tile, near + 4, shifts);
}

#endif
