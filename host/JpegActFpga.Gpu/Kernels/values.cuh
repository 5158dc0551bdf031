// A tile's values between registers and memory: counted, placed one after another in shared memory, moved in whole words.
#ifndef JPEGACT_VALUES_CUH
#define JPEGACT_VALUES_CUH

#include "lookback.cuh"

// Shared memory of a thread group that works on one tile. `bytes` begin at the values' offset modulo 16.
struct TileRoom {
    alignas(16) u8 bytes[kTileValues + 16];
    u32 first[kTileBlocks];  // values of a block, then where they begin
    u64 offset;
    u32 count;
    u32 tile;
};

// Block counts to positions in the tile, by one whole warp. Gives the sum.
JPEGACT_DEVICE u32 place_blocks(TileRoom& room, u32 lane) {
    const u32 even = room.first[2 * lane], odd = room.first[2 * lane + 1];
    u32 sum = even + odd;
    for (u32 distance = 1; distance < 32; distance <<= 1) {
        const u32 before = shuffle_up(sum, distance);
        sum += lane >= distance ? before : 0;
    }
    room.first[2 * lane] = sum - even - odd;
    room.first[2 * lane + 1] = sum - odd;
    return shuffle_from(sum, 31);
}

// Takes the next tile; every thread gets its number.
JPEGACT_DEVICE u32 take_tile(const CodecArguments& arguments, TileRoom& room) {
    if (thread_index() == 0) {
        room.tile = atomic_add(arguments.status + kStatusNextTile, 1);
    }
    synchronise_group();
    return room.tile;
}

// With the counts of all blocks in `first`: finds out where the tile's values go and says so in the tile's offset.
JPEGACT_DEVICE void place_tile(const CodecArguments& arguments, TileRoom& room, u32 tile) {
    synchronise_group();
    const u32 lane = thread_index() & 31;
    if (thread_index() < 32) {
        const u32 count = place_blocks(room, lane);
        const u64 offset = offset_of_tile(arguments.tile_states, tile, count, lane);
        if (lane == 0) {
            room.offset = offset;
            room.count = count;
            store(arguments.tile_offsets + 8ull * tile, offset);
            if (tile + 1 == arguments.tiles) {
                store(arguments.tile_offsets + 8ull * arguments.tiles, offset + count);
                store(arguments.status, offset + count);
            }
        }
    }
    synchronise_group();
}

// Moves the placed values out: words of 16 bytes where they are the tile's own, bytes at both ends.
JPEGACT_DEVICE void write_values(const CodecArguments& arguments, TileRoom& room) {
    synchronise_group();
    const u32 shift = (u32)room.offset & 15, end = shift + room.count;
    const u64 base = arguments.values + (room.offset - shift);
    const u32 first_whole = (shift + 15) & ~15u, past_whole = end & ~15u;
    for (u32 at = first_whole + 16 * thread_index(); at + 16 <= end; at += 16 * kThreads) {
        store(base + at, *(const quad*)(room.bytes + at));
    }
    if (thread_index() < 16) {
        const u32 at = shift + thread_index();
        if (at < first_whole && at < end) {
            store(base + at, room.bytes[at]);
        }
    } else if (thread_index() < 32) {
        const u32 at = past_whole + thread_index() - 16;
        if (at >= first_whole && at < end) {
            store(base + at, room.bytes[at]);
        }
    }
}

// Fetches a tile's values and places its blocks by their masks. A frame was checked before; what a damaged one says can
// still read nothing outside the tile's own room.
JPEGACT_DEVICE void read_values(const CodecArguments& arguments, TileRoom& room, u32 tile) {
    const u64 offset = load<u64>(arguments.tile_offsets + 8ull * tile);
    const u64 size = load<u64>(arguments.tile_offsets + 8ull * tile + 8) - offset;
    const u32 count = size < kTileValues ? (u32)size : kTileValues, shift = (u32)offset & 15;
    const u64 base = arguments.values + (offset - shift);
    for (u32 at = 16 * thread_index(); at < shift + count; at += 16 * kThreads) {
        *(quad*)(room.bytes + at) = load<quad>(base + at);
    }
    if (thread_index() < kTileBlocks) {
        const u32 block = tile * kTileBlocks + thread_index();
        const u64 mask = block < arguments.blocks ? load<u64>(arguments.masks + 8ull * block) : 0;
        room.first[thread_index()] = count_bits((u32)mask) + count_bits((u32)(mask >> 32));
    }
    if (thread_index() == 0) {
        room.count = shift;
    }
    synchronise_group();
    if (thread_index() < 32) {
        place_blocks(room, thread_index() & 31);
    }
    synchronise_group();
}

// Value `position` of the tile that read_values fetched.
JPEGACT_DEVICE i32 value_at(const TileRoom& room, u32 position) {
    const u32 bounded = position < kTileValues ? position : kTileValues - 1;
    return (i32)(signed char)room.bytes[room.count + bounded];
}

#endif
