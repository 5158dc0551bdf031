// Byte networks: fixed wiring and 2:1 or 4:1 choices, one level a stage, that move the 64 bytes of a word.
// A variable index into 64 bytes would be a 64:1 multiplexer a byte; these need 6 (or 3) levels instead.
#ifndef JPEGACT_NETWORKS_HPP
#define JPEGACT_NETWORKS_HPP

#include "jpegact/types.hpp"

namespace jpegact {

// Transposes 8x8 items: wiring. It is written as three perfect shuffles, in[0], in[32], in[1], in[33] and so on, because
// compilers for CPUs know how to do those.
template <class T>
inline void transpose(const T in[kBlockValues], T out[kBlockValues]) {
#pragma HLS INLINE
    T once[kBlockValues], twice[kBlockValues];
#pragma HLS ARRAY_PARTITION variable = once complete
#pragma HLS ARRAY_PARTITION variable = twice complete
    for (int i = 0; i < kBlockValues / 2; i++) {
#pragma HLS UNROLL
        once[2 * i] = in[i];
        once[2 * i + 1] = in[kBlockValues / 2 + i];
    }
    for (int i = 0; i < kBlockValues / 2; i++) {
#pragma HLS UNROLL
        twice[2 * i] = once[i];
        twice[2 * i + 1] = once[kBlockValues / 2 + i];
    }
    for (int i = 0; i < kBlockValues / 2; i++) {
#pragma HLS UNROLL
        out[2 * i] = twice[i];
        out[2 * i + 1] = twice[kBlockValues / 2 + i];
    }
}

// The 64 bytes as 8 columns of 8: lane 8 * row + c is byte `row` of column c, so a step of fewer than 8 lanes is a change
// of column, and a step of 8 lanes moves within a column. In hardware both are wires; a CPU keeps columns in registers.
struct byte_columns {
    uint64_t column[8];
};

constexpr uint64_t kEachByte = 0x0101010101010101u;

inline byte_columns to_columns(const uint8_t lanes[kWordBytes]) {
#pragma HLS INLINE
    uint8_t turned[kWordBytes];
#pragma HLS ARRAY_PARTITION variable = turned complete
    transpose(lanes, turned);
    byte_columns out;
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        const uint8_t* const of = turned + 8 * c;
        out.column[c] = uint64_t(of[0]) | uint64_t(of[1]) << 8 | uint64_t(of[2]) << 16 | uint64_t(of[3]) << 24 |
                        uint64_t(of[4]) << 32 | uint64_t(of[5]) << 40 | uint64_t(of[6]) << 48 | uint64_t(of[7]) << 56;
    }
    return out;
}

inline void from_columns(const byte_columns& in, uint8_t lanes[kWordBytes]) {
#pragma HLS INLINE
    uint8_t turned[kWordBytes];
#pragma HLS ARRAY_PARTITION variable = turned complete
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        for (int row = 0; row < 8; row++) {
#pragma HLS UNROLL
            turned[8 * c + row] = uint8_t(in.column[c] >> (8 * row));
        }
    }
    transpose(turned, lanes);
}

// Bit k of the mask as the byte of lane k, 0 or 1, and back.
inline byte_columns bits_to_bytes(uint64_t mask) {
#pragma HLS INLINE
    byte_columns out;
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        out.column[c] = (mask >> c) & kEachByte;
    }
    return out;
}

inline uint64_t bytes_to_bits(const byte_columns& in) {
#pragma HLS INLINE
    uint64_t mask = 0;
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        mask |= in.column[c] << c;
    }
    return mask;
}

// 1 in each lane that holds something else than 0.
inline byte_columns non_zero_lanes(const byte_columns& in) {
#pragma HLS INLINE
    byte_columns out;
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        const uint64_t low = 0x7f * kEachByte;
        out.column[c] = ((((in.column[c] & low) + low) | in.column[c]) >> 7) & kEachByte;
    }
    return out;
}

// 255 in each lane that has bit `bit`, else 0.
template <int BIT>
inline uint64_t lanes_with(uint64_t column) {
#pragma HLS INLINE
    return ((column >> BIT) & kEachByte) * 0xff;
}

// out[i] = in[0] + .. + in[i], as a tree: across the columns of each row, then over the rows' totals. Lanes of 0 or 1
// give sums of at most 64, so no byte carries into the next.
inline byte_columns prefix_sum(const byte_columns& in) {
#pragma HLS INLINE
    const uint64_t a0 = in.column[0], a1 = a0 + in.column[1], a2 = in.column[2], a3 = a2 + in.column[3];
    const uint64_t a4 = in.column[4], a5 = a4 + in.column[5], a6 = in.column[6], a7 = a6 + in.column[7];
    const uint64_t b2 = a1 + a2, b3 = a1 + a3, b6 = a5 + a6, b7 = a5 + a7;
    const uint64_t c4 = b3 + a4, c5 = b3 + a5, c6 = b3 + b6, c7 = b3 + b7;
    uint64_t above = c7 << 8;
    above += above << 8;
    above += above << 16;
    above += above << 32;
    return {{a0 + above, a1 + above, b2 + above, b3 + above, c4 + above, c5 + above, c6 + above, c7 + above}};
}

// How far down each lane with a 1 in `live` goes: the number of lanes without below it.
inline byte_columns distances_of(const byte_columns& live) {
#pragma HLS INLINE
    byte_columns empty;
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        empty.column[c] = live.column[c] ^ kEachByte;
    }
    const byte_columns below = prefix_sum(empty);
    byte_columns distance;
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        distance.column[c] = below.column[c] & (live.column[c] * 0xff);
    }
    return distance;
}

// What lies 2^LEVEL lanes above each lane of column C, or below it.
template <int LEVEL>
inline uint64_t from_above(const byte_columns& in, int c) {
#pragma HLS INLINE
    constexpr int kStep = 1 << LEVEL;
    return kStep >= 8      ? in.column[c] >> kStep
           : c + kStep < 8 ? in.column[(c + kStep) % 8]
                           : in.column[(c + kStep) % 8] >> 8;
}

template <int LEVEL>
inline uint64_t from_below(const byte_columns& in, int c) {
#pragma HLS INLINE
    constexpr int kStep = 1 << LEVEL;
    return kStep >= 8   ? in.column[c] << kStep
           : c >= kStep ? in.column[(c - kStep) & 7]
                        : in.column[(c - kStep) & 7] << 8;
}

// One level of a downward move: a lane whose distance has the bit LEVEL goes 2^LEVEL down. The distances must be such
// that no two live lanes meet; a lane that holds nothing has the value and the distance 0.
template <int LEVEL>
inline byte_columns move_down(const byte_columns& in, const byte_columns& distance) {
#pragma HLS INLINE
    byte_columns moving, out;
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        moving.column[c] = in.column[c] & lanes_with<LEVEL>(distance.column[c]);
    }
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        out.column[c] = (in.column[c] ^ moving.column[c]) | from_above<LEVEL>(moving, c);
    }
    return out;
}

// The level above run backwards: the lane whose distance has the bit LEVEL gets back what went 2^LEVEL down.
// Lanes that held nothing get bytes of no meaning.
template <int LEVEL>
inline byte_columns move_back_up(const byte_columns& in, const byte_columns& distance) {
#pragma HLS INLINE
    byte_columns out;
    for (int c = 0; c < 8; c++) {
#pragma HLS UNROLL
        const uint64_t moved = lanes_with<LEVEL>(distance.column[c]);
        out.column[c] = (from_below<LEVEL>(in, c) & moved) | (in.column[c] & ~moved);
    }
    return out;
}

// One level of a rotation: by 0 .. 3 times kStep lanes upwards, a 4:1 choice a byte.
template <int kStep>
inline byte_lanes rotate_level(const byte_lanes& in, ap_uint<2> digit) {
#pragma HLS INLINE
    uint8_t twice[2 * kWordBytes];
#pragma HLS ARRAY_PARTITION variable = twice complete
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        twice[i] = in.lane[i];
        twice[i + kWordBytes] = in.lane[i];
    }
    const bool low = digit[0], high = digit[1];
    byte_lanes out;
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        const uint8_t by_0 = twice[kWordBytes + i], by_1 = twice[kWordBytes + i - kStep];
        const uint8_t by_2 = twice[kWordBytes + i - 2 * kStep], by_3 = twice[kWordBytes + i - 3 * kStep];
        out.lane[i] = high ? (low ? by_3 : by_2) : (low ? by_1 : by_0);
    }
    return out;
}

// out[(i + amount) mod 64] = in[i].
inline byte_lanes rotate_up(const byte_lanes& in, position_t amount) {
#pragma HLS PIPELINE II = 1
    return rotate_level<16>(
        rotate_level<4>(rotate_level<1>(in, ap_uint<2>(amount.range(1, 0))), ap_uint<2>(amount.range(3, 2))),
        ap_uint<2>(amount.range(5, 4)));
}

// Lanes below `border` from `below`, the others from `from`.
inline byte_lanes splice(const byte_lanes& below, const byte_lanes& from, position_t border) {
#pragma HLS INLINE
    const uint8_t limit = uint8_t(border.to_uint());
    byte_lanes out;
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        out.lane[i] = uint8_t(i) < limit ? below.lane[i] : from.lane[i];
    }
    return out;
}

inline byte_lanes no_bytes() {
#pragma HLS INLINE
    byte_lanes out;
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        out.lane[i] = 0;
    }
    return out;
}

}  // namespace jpegact

#endif
