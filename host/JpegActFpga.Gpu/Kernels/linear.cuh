// The methods whose blocks are 64 elements in memory order: sfpr, sfpr-zvc and brc. A group works on a tile of 4096 elements.
#ifndef JPEGACT_LINEAR_CUH
#define JPEGACT_LINEAR_CUH

#include "elements.cuh"
#include "values.cuh"

// Finds the scale of an element of the tile: the plane of the tile's first element takes a long division, once a tile.
struct TilePlanes {
    u64 offset;  // of the tile's first element in its plane
    u32 plane;
};

JPEGACT_DEVICE void find_planes(const CodecArguments& arguments, TilePlanes& planes, u32 tile) {
    if (thread_index() == 0) {
        const u64 first = (u64)tile * kTileValues;
        const u64 plane = first / arguments.plane_elements;
        planes.plane = (u32)plane;
        planes.offset = first - plane * arguments.plane_elements;
    }
    synchronise_group();
}

JPEGACT_DEVICE float scale_of(const CodecArguments& arguments, const TilePlanes& planes, u64 scales, u32 element) {
    const u64 offset = planes.offset + element;
    u32 plane = planes.plane;
    if (offset >= arguments.plane_elements) {
        // Here a plane ends within the tile, so these numbers are small.
        plane += arguments.plane_elements >= kTileValues ? 1 : divide((u32)offset, arguments.by_plane_elements);
    }
    return load_scale(arguments, scales, plane);
}

JPEGACT_DEVICE u32 elements_of_tile(const CodecArguments& arguments, u32 tile) {
    const u64 left = arguments.elements - (u64)tile * kTileValues;
    return left < kTileValues ? (u32)left : kTileValues;
}

template <typename Type>
JPEGACT_DEVICE void sfpr_encode(const CodecArguments& arguments) {
    JPEGACT_SHARED TilePlanes planes;
    const u32 tile = group_index(), count = elements_of_tile(arguments, tile);
    const u64 first = (u64)tile * kTileValues;
    find_planes(arguments, planes, tile);
#pragma unroll 4
    for (u32 i = thread_index(); i < count; i += kThreads) {
        const float value = load_element<Type>(address_of<Type>(arguments, first + i));
        store(arguments.values + first + i, (u8)quantise(value, scale_of(arguments, planes, arguments.scales, i)));
    }
}

template <typename Type>
JPEGACT_DEVICE void sfpr_decode(const CodecArguments& arguments) {
    JPEGACT_SHARED TilePlanes planes;
    const u32 tile = group_index(), count = elements_of_tile(arguments, tile);
    const u64 first = (u64)tile * kTileValues;
    find_planes(arguments, planes, tile);
#pragma unroll 4
    for (u32 i = thread_index(); i < count; i += kThreads) {
        const i32 q = (i32)(signed char)load<u8>(arguments.values + first + i);
        store_element<Type>(address_of<Type>(arguments, first + i),
                            (float)q * scale_of(arguments, planes, arguments.inverse_scales, i));
    }
}

// Lane i of a warp has elements i and i+32 of each of the warp's eight blocks.
template <typename Type>
JPEGACT_DEVICE void zvc_encode(const CodecArguments& arguments) {
    JPEGACT_SHARED TileRoom room;
    JPEGACT_SHARED TilePlanes planes;
    const u32 tile = take_tile(arguments, room), count = elements_of_tile(arguments, tile);
    const u32 lane = thread_index() & 31, first_block = (thread_index() >> 5) * 8;
    const u64 first = (u64)tile * kTileValues;
    find_planes(arguments, planes, tile);
    u32 low_masks[8], high_masks[8], values[8];
#pragma unroll
    for (u32 k = 0; k < 8; k++) {
        const u32 i = (first_block + k) * kBlockValues + lane, j = i + 32;
        i32 near = 0, far = 0;
        if (i < count) {
            near = quantise(load_element<Type>(address_of<Type>(arguments, first + i)),
                            scale_of(arguments, planes, arguments.scales, i));
        }
        if (j < count) {
            far = quantise(load_element<Type>(address_of<Type>(arguments, first + j)),
                           scale_of(arguments, planes, arguments.scales, j));
        }
        low_masks[k] = ballot(near != 0);
        high_masks[k] = ballot(far != 0);
        values[k] = (u32)(near & 255) | (u32)(far & 255) << 8;
        if (lane == 0) {
            room.first[first_block + k] = count_bits(low_masks[k]) + count_bits(high_masks[k]);
            if (first_block + k < blocks_of_tile(arguments, tile)) {
                const u64 block = (u64)tile * kTileBlocks + first_block + k;
                store(arguments.masks + 8 * block, (u64)high_masks[k] << 32 | low_masks[k]);
            }
        }
    }
    place_tile(arguments, room, tile);
    const u32 below = (1u << lane) - 1;
#pragma unroll
    for (u32 k = 0; k < 8; k++) {
        const u32 position = ((u32)room.offset & 15) + room.first[first_block + k];
        if (low_masks[k] >> lane & 1) {
            room.bytes[position + count_bits(low_masks[k] & below)] = (u8)values[k];
        }
        if (high_masks[k] >> lane & 1) {
            room.bytes[position + count_bits(low_masks[k]) + count_bits(high_masks[k] & below)] = (u8)(values[k] >> 8);
        }
    }
    write_values(arguments, room);
}

template <typename Type>
JPEGACT_DEVICE void zvc_decode(const CodecArguments& arguments) {
    JPEGACT_SHARED TileRoom room;
    JPEGACT_SHARED TilePlanes planes;
    const u32 tile = group_index(), count = elements_of_tile(arguments, tile);
    const u32 lane = thread_index() & 31, first_block = (thread_index() >> 5) * 8, below = (1u << lane) - 1;
    const u64 first = (u64)tile * kTileValues;
    find_planes(arguments, planes, tile);
    read_values(arguments, room, tile);
#pragma unroll
    for (u32 k = 0; k < 8; k++) {
        const u32 i = (first_block + k) * kBlockValues + lane, j = i + 32;
        if (i >= count) {
            continue;
        }
        const u64 mask = load<u64>(arguments.masks + 8ull * (tile * kTileBlocks + first_block + k));
        const u32 low = (u32)mask, high = (u32)(mask >> 32), position = room.first[first_block + k];
        const i32 near = (low >> lane & 1) ? value_at(room, position + count_bits(low & below)) : 0;
        store_element<Type>(address_of<Type>(arguments, first + i),
                            (float)near * scale_of(arguments, planes, arguments.inverse_scales, i));
        if (j < count) {
            const i32 far =
                (high >> lane & 1) ? value_at(room, position + count_bits(low) + count_bits(high & below)) : 0;
            store_element<Type>(address_of<Type>(arguments, first + j),
                                (float)far * scale_of(arguments, planes, arguments.inverse_scales, j));
        }
    }
}

// 1 unless x <= 0; a NaN gives 1.
template <typename Type>
JPEGACT_DEVICE bool passes(const CodecArguments& arguments, u64 index) {
    return index < arguments.elements && !(load_element<Type>(address_of<Type>(arguments, index)) <= 0.0f);
}

template <typename Type>
JPEGACT_DEVICE void brc_encode(const CodecArguments& arguments) {
    const u32 lane = thread_index() & 31;
#pragma unroll
    for (u32 k = 0; k < 8; k++) {
        const u32 block = group_index() * kTileBlocks + (thread_index() >> 5) * 8 + k;
        const u64 first = (u64)block * kBlockValues + lane;
        const u32 low = ballot(passes<Type>(arguments, first)), high = ballot(passes<Type>(arguments, first + 32));
        if (lane == 0 && block < arguments.blocks) {
            store(arguments.masks + 8ull * block, (u64)high << 32 | low);
        }
    }
}

template <typename Type>
JPEGACT_DEVICE void brc_decode(const CodecArguments& arguments) {
    const u32 tile = group_index(), count = elements_of_tile(arguments, tile);
    const u64 first = (u64)tile * kTileValues;
#pragma unroll 4
    for (u32 i = thread_index(); i < count; i += kThreads) {
        const u32 half = load<u32>(arguments.masks + (first + i) / 32 * 4);
        store_element<Type>(address_of<Type>(arguments, first + i), (half >> (i & 31) & 1) ? 1.0f : 0.0f);
    }
}

// Float32 or float16 elements to bfloat16, to nearest even: half the bytes for a link. Finite ones; a NaN stays a NaN.
template <typename Type>
JPEGACT_DEVICE void narrow(const CodecArguments& arguments) {
    const u32 tile = group_index(), count = elements_of_tile(arguments, tile);
    const u64 first = (u64)tile * kTileValues;
#pragma unroll 4
    for (u32 i = thread_index(); i < count; i += kThreads) {
        const float value = load_element<Type>(address_of<Type>(arguments, first + i));
        const u16 bits = value != value ? (u16)0x7fc0 : BFloat16::narrow(value);
        store(arguments.values + 2 * (first + i), bits);
    }
}

#endif
