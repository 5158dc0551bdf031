// Byte networks: fixed wiring and 2:1 or 4:1 choices, one level a stage, that move the 64 bytes of a word.
// A variable index into 64 bytes would be a 64:1 multiplexer a byte; these need 6 (or 3) levels instead.
#ifndef JPEGACT_NETWORKS_HPP
#define JPEGACT_NETWORKS_HPP

#include "jpegact/types.hpp"

namespace jpegact {

// One level of a prefix sum: adds to each lane the one kStep below it.
template <int kStep>
inline byte_lanes prefix_level(const byte_lanes& in) {
#pragma HLS INLINE
    uint8_t padded[kStep + kWordBytes];
#pragma HLS ARRAY_PARTITION variable = padded complete
    for (int i = 0; i < kStep; i++) {
#pragma HLS UNROLL
        padded[i] = 0;
    }
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        padded[kStep + i] = in.lane[i];
    }
    byte_lanes out;
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        out.lane[i] = uint8_t(in.lane[i] + padded[i]);
    }
    return out;
}

// out[i] = in[0] + .. + in[i], as a tree of 6 levels. Lanes of 0 or 1 give sums of at most 64: 7 bits.
inline byte_lanes prefix_sum(const byte_lanes& in) {
#pragma HLS INLINE
    return prefix_level<32>(prefix_level<16>(prefix_level<8>(prefix_level<4>(prefix_level<2>(prefix_level<1>(in))))));
}

// One level of a downward move: a lane whose distance has the bit kStep goes kStep down. The distances must be such
// that no two live lanes meet; a lane that holds nothing has the value and the distance 0.
template <int kStep>
inline byte_lanes move_down(const byte_lanes& in, const byte_lanes& distance) {
#pragma HLS INLINE
    uint8_t moving[kWordBytes + kStep];
#pragma HLS ARRAY_PARTITION variable = moving complete
    byte_lanes out;
    for (int i = 0; i < kStep; i++) {
#pragma HLS UNROLL
        moving[kWordBytes + i] = 0;
    }
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        const bool moves = (distance.lane[i] & kStep) != 0;
        moving[i] = moves ? in.lane[i] : 0;
    }
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        const bool moves = (distance.lane[i] & kStep) != 0;
        const uint8_t stays = moves ? 0 : in.lane[i];
        out.lane[i] = stays | moving[i + kStep];
    }
    return out;
}

// The level above run backwards: the lane whose distance has the bit kStep gets back what went kStep down.
// Lanes that held nothing get bytes of no meaning.
template <int kStep>
inline byte_lanes move_back_up(const byte_lanes& in, const byte_lanes& distance) {
#pragma HLS INLINE
    uint8_t padded[kStep + kWordBytes];
#pragma HLS ARRAY_PARTITION variable = padded complete
    for (int i = 0; i < kStep; i++) {
#pragma HLS UNROLL
        padded[i] = 0;
    }
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        padded[kStep + i] = in.lane[i];
    }
    byte_lanes out;
    for (int i = 0; i < kWordBytes; i++) {
#pragma HLS UNROLL
        const uint8_t moved = padded[i], own = in.lane[i];
        out.lane[i] = (distance.lane[i] & kStep) != 0 ? moved : own;
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
