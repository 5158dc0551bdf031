// CRC-32C of each tile's masks and values (docs/format.md, section 5), so that frames leave the GPU complete.
//
// A warp takes a tile. Its message is thought to have zeros before it up to a multiple of 512 bytes, which changes no
// remainder; a round covers 512 bytes, 16 a lane. A lane carries its remainder over 512 bytes from round to round, and at the end over
// the lanes behind it; the remainders are then simply added.
#ifndef JPEGACT_CHECKSUM_CUH
#define JPEGACT_CHECKSUM_CUH

#include "arguments.cuh"

namespace crc {

constexpr u32 kPolynomial = 0x82f63b78u;
constexpr u32 kLaneBytes = 16;
constexpr u32 kRoundBytes = 32 * kLaneBytes;

constexpr u32 over_byte(u32 remainder) {
    for (int bit = 0; bit < 8; bit++) {
        remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? kPolynomial : 0);
    }
    return remainder;
}

// remainder[p][b]: a byte b at place p of a word, carried over the rest of the word and `further` bytes.
struct Table {
    u32 remainder[4][256];
};

constexpr Table make_table(u32 further) {
    Table table = {};
    u32 basis[32] = {};
    for (int bit = 0; bit < 32; bit++) {
        basis[bit] = 1u << bit;
        for (u32 i = 0; i < 4 + further; i++) {
            basis[bit] = over_byte(basis[bit]);
        }
    }
    for (u32 place = 0; place < 4; place++) {
        for (u32 value = 0; value < 256; value++) {
            u32 remainder = 0;
            for (int bit = 0; bit < 8; bit++) {
                remainder ^= (value >> bit & 1) != 0 ? basis[8 * place + bit] : 0;
            }
            table.remainder[place][value] = remainder;
        }
    }
    return table;
}

// x^(8 * 16 * lanes) for the lanes behind a lane.
struct Powers {
    u32 over[32];
};

constexpr Powers make_powers() {
    Powers powers = {};
    u32 power = 0x80000000u;  // x^0
    for (int lanes = 0; lanes < 32; lanes++) {
        powers.over[31 - lanes] = power;
        for (u32 i = 0; i < kLaneBytes; i++) {
            power = over_byte(power);
        }
    }
    return powers;
}

JPEGACT_TABLE Table kWordTable = make_table(0);
JPEGACT_TABLE Table kRoundTable = make_table(kRoundBytes - 4);
JPEGACT_TABLE Powers kPowers = make_powers();

}  // namespace crc

// Both tables in shared memory.
struct ChecksumRoom {
    u32 word[4][256];
    u32 round[4][256];
};

JPEGACT_DEVICE u32 carry(const u32 (&table)[4][256], u32 remainder) {
    return table[0][remainder & 255] ^ table[1][remainder >> 8 & 255] ^ table[2][remainder >> 16 & 255] ^
           table[3][remainder >> 24];
}

// Product of two remainders modulo the polynomial.
JPEGACT_DEVICE u32 multiply(u32 a, u32 b) {
    u32 product = 0;
#pragma unroll
    for (int bit = 31; bit >= 0; bit--) {
        product ^= b & (u32)((i32)(a << (31 - bit)) >> 31);
        b = b >> 1 ^ (crc::kPolynomial & (0u - (b & 1)));
    }
    return product;
}

JPEGACT_DEVICE u32 unaligned_word(u64 address) {
    const u32 shift = (u32)address & 3;
    const u32 low = load<u32>(address - shift);
    return shift == 0 ? low : permute(low, load<u32>(address - shift + 4), 0x3210 + 0x1111 * shift);
}

// A tile's masks, then its values.
struct Message {
    u64 masks, values;
    i32 mask_bytes, bytes;
};

JPEGACT_DEVICE u32 message_byte(const Message& message, i32 at) {
    if (at < 0) {
        return 0;
    }
    const u32 byte = at < message.mask_bytes ? load<u8>(message.masks + (u32)at)
                                             : load<u8>(message.values + (u32)(at - message.mask_bytes));
    return at < 4 ? byte ^ 255 : byte;  // the first four bytes bear the checksum's initial value
}

JPEGACT_DEVICE u32 message_word(const Message& message, i32 at) {
    if (at <= -4) {
        return 0;
    }
    if (at >= 4 && at + 4 <= message.mask_bytes) {
        return unaligned_word(message.masks + (u32)at);
    }
    if (at >= 4 && at >= message.mask_bytes) {
        return unaligned_word(message.values + (u32)(at - message.mask_bytes));
    }
    return message_byte(message, at) | message_byte(message, at + 1) << 8 | message_byte(message, at + 2) << 16 |
           message_byte(message, at + 3) << 24;
}

JPEGACT_DEVICE u32 tile_checksum(const ChecksumRoom& room, const Message& message, u32 lane, u32 power) {
    const u32 rounds = ((u32)message.bytes + crc::kRoundBytes - 1) / crc::kRoundBytes;
    i32 at = message.bytes - (i32)(rounds * crc::kRoundBytes) + (i32)(lane * crc::kLaneBytes);
    u32 remainder = 0;
    for (u32 i = 0; i < rounds; i++, at += crc::kRoundBytes) {
        u32 part = 0;
#pragma unroll
        for (i32 word = 0; word < (i32)crc::kLaneBytes; word += 4) {
            part = carry(room.word, part ^ message_word(message, at + word));
        }
        remainder = carry(room.round, remainder) ^ part;
    }
    remainder = multiply(remainder, power);
    for (u32 lanes = 16; lanes != 0; lanes >>= 1) {
        remainder ^= shuffle_xor(remainder, lanes);
    }
    if (message.bytes < 4) {
        remainder ^= 0xffffffffu >> (8 * message.bytes);  // what the message was too short to take
    }
    return ~remainder;
}

JPEGACT_DEVICE void make_checksums(const CodecArguments& arguments) {
    JPEGACT_SHARED ChecksumRoom room;
    for (u32 i = thread_index(); i < 1024; i += kThreads) {
        room.word[i >> 8][i & 255] = crc::kWordTable.remainder[i >> 8][i & 255];
        room.round[i >> 8][i & 255] = crc::kRoundTable.remainder[i >> 8][i & 255];
    }
    const u32 lane = thread_index() & 31, power = crc::kPowers.over[lane];
    synchronise_group();
    const u32 warps = group_count() * (kThreads / 32);
    for (u32 tile = group_index() * (kThreads / 32) + (thread_index() >> 5); tile < arguments.tiles; tile += warps) {
        const u64 offset = load<u64>(arguments.tile_offsets + 8ull * tile);
        const i32 value_bytes = (i32)(load<u64>(arguments.tile_offsets + 8ull * tile + 8) - offset);
        const i32 mask_bytes = arguments.masks != 0 ? 8 * (i32)blocks_of_tile(arguments, tile) : 0;
        const Message message = {arguments.masks + 8ull * tile * kTileBlocks, arguments.values + offset, mask_bytes,
                                 mask_bytes + value_bytes};
        const u32 checksum = tile_checksum(room, message, lane, power);
        if (lane == 0) {
            store(arguments.tile_checksums + 4ull * tile, checksum);
        }
    }
}

// Tile offsets of methods whose tiles have sizes known beforehand: raw, sfpr and brc.
JPEGACT_DEVICE void make_offsets(const CodecArguments& arguments) {
    const u64 tile = (u64)group_index() * kThreads + thread_index();
    if (tile <= arguments.tiles) {
        const u64 offset = tile * arguments.tile_value_bytes;
        store(arguments.tile_offsets + 8 * tile, offset < arguments.value_bytes ? offset : arguments.value_bytes);
    }
    if (tile == 0) {
        store(arguments.status, arguments.value_bytes);
    }
}

#endif
