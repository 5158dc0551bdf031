// Where a tile's values begin: sizes are added up over the tiles before it while they are still being made.
//
// A tile publishes its own size, then looks back until it meets a tile that knows where it ends ("decoupled look-back",
// Merrill and Garland 2016). Tiles are numbered as they start, so each waits only for tiles that run or have ended.
#ifndef JPEGACT_LOOKBACK_CUH
#define JPEGACT_LOOKBACK_CUH

#include "arguments.cuh"

constexpr u64 kOwnSize = 1ull << 62;
constexpr u64 kEndOffset = 2ull << 62;
constexpr u64 kOffsetBits = kOwnSize - 1;

JPEGACT_DEVICE u64 sum_over_warp(u64 value) {
    for (u32 lanes = 16; lanes != 0; lanes >>= 1) {
        const u32 low = shuffle_xor((u32)value, lanes), high = shuffle_xor((u32)(value >> 32), lanes);
        value += (u64)high << 32 | low;
    }
    return value;
}

// Called by one whole warp; every lane gets the offset of the tile's first value byte.
JPEGACT_DEVICE u64 offset_of_tile(u64 states, u32 tile, u32 size, u32 lane) {
    if (lane == 0) {
        store_release(states + 8ull * tile, (tile == 0 ? kEndOffset : kOwnSize) | size);
    }
    if (tile == 0) {
        return 0;
    }
    u64 offset = 0;
    for (i32 nearest = (i32)tile - 1;; nearest -= 32) {
        const i32 looked_at = nearest - (i32)lane;
        u64 state;
        do {
            state = looked_at < 0 ? kEndOffset : load_acquire(states + 8ull * (u32)looked_at);
        } while (ballot(state >> 62 == 0) != 0);
        const u32 known = ballot(state >> 62 == 2);
        const u32 last = known != 0 ? lowest_bit(known) : 31;
        offset += sum_over_warp(lane <= last ? state & kOffsetBits : 0);
        if (known != 0) {
            break;
        }
    }
    if (lane == 0) {
        store_release(states + 8ull * tile, kEndOffset | (offset + size));
    }
    return offset;
}

#endif
