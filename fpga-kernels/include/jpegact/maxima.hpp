// Stages (maximum): the largest magnitude of each scale, and the scales that follow from it.
#ifndef JPEGACT_MAXIMA_HPP
#define JPEGACT_MAXIMA_HPP

#include <hls_stream.h>

#include "jpegact/float_bits.hpp"
#include "jpegact/scale_steps.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// The largest magnitudes of the rows of a block so far.
struct row_maxima {
    uint32_t bits[kBlockSide];
};

inline row_maxima no_maxima() {
#pragma HLS INLINE
    row_maxima none;
    for (int row = 0; row < kBlockSide; row++) {
#pragma HLS UNROLL
        none.bits[row] = 0;
    }
    return none;
}

// The 4 rows' maxima of half a block, over `count` lanes from `first` on.
struct half_maxima {
    uint32_t bits[kHalfRows];
    bool negative;
};

// One step: magnitudes order like their bit patterns, so this is integer work.
inline half_maxima maxima_of_half(const half_block& x, uint8_t first, uint8_t count) {
#pragma HLS PIPELINE II = 1
    half_maxima out;
    uint32_t negative = 0;
    for (int row = 0; row < kHalfRows; row++) {
#pragma HLS UNROLL
        uint32_t largest = 0;
        for (int i = kBlockSide * row; i < kBlockSide * (row + 1); i++) {
#pragma HLS UNROLL
            const uint32_t bits = uint32_t(i) - first < count ? x.bits[i] : 0;
            const uint32_t magnitude = bits & 0x7fffffff;
            largest = magnitude > largest ? magnitude : largest;
            negative |= is_below_zero(bits) ? 1 : 0;
        }
        out.bits[row] = largest;
    }
    out.negative = negative != 0;
    return out;
}

// Whether all rows of a set have one scale: then the last row's maximum, merged, stands for all of them.
inline bool has_one_scale(const scale_set& set) {
#pragma HLS INLINE
    bool one = true;
    for (int row = 1; row < kBlockSide; row++) {
#pragma HLS UNROLL
        one = one && set.row[row] == set.row[0];
    }
    return one;
}

// Half a block a cycle; an extra cycle where a run of elements ends within a half. Emits the maxima of each set.
inline void find_maxima(hls::stream<half_block>& halves, hls::stream<scale_set>& sets, uint32_t block_count,
                        hls::stream<maxima_set>& maxima, bool& any_negative) {
    lane_walk walk(true);
    bool upper = false, negative = false;
    half_block half;
    scale_set set;
    row_maxima largest = no_maxima();
#pragma HLS ARRAY_PARTITION variable = half.bits complete
#pragma HLS ARRAY_PARTITION variable = set.row complete
#pragma HLS ARRAY_PARTITION variable = largest.bits complete
    for (uint32_t done = 0; done != block_count;) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 2 max = 32768
        if (walk.needs_half()) {
            half = halves.read();
        }
        if (walk.needs_set()) {
            set = sets.read();
            walk.use(set);
        }
        walk.begin();
        const half_maxima step = maxima_of_half(half, walk.first_lane(), walk.lane_count());
        negative = negative || step.negative;
        for (int row = 0; row < kBlockSide; row++) {
#pragma HLS UNROLL
            const bool touched = (row >= kHalfRows) == upper;
            const uint32_t met = step.bits[row % kHalfRows];
            largest.bits[row] = touched && met > largest.bits[row] ? met : largest.bits[row];
        }
        if (walk.end()) {
            done += upper ? 1 : 0;
            upper = !upper;
        }
        if (walk.set_is_done()) {
            maxima_set out;
            for (int row = 0; row < kBlockSide; row++) {
#pragma HLS UNROLL
                out.scale[row] = set.row[row];
                out.bits[row] = largest.bits[row];
            }
            out.length = set.length;
            out.one_scale = has_one_scale(set);
            maxima.write(out);
            largest = no_maxima();
        }
    }
    any_negative = negative;
}

// Rows of a set that share a scale are merged first, so that a run of elements, and most rows of blocks, cost one or two
// updates. One step.
inline maxima_set merge_rows(const maxima_set& set) {
#pragma HLS PIPELINE II = 1
    maxima_set out = set;
    for (int row = 0; row < kBlockSide; row++) {
#pragma HLS UNROLL
        for (int other = 0; other < kBlockSide; other++) {
#pragma HLS UNROLL
            const bool same = set.scale[other] == set.scale[row];
            out.bits[row] = same && set.bits[other] > out.bits[row] ? set.bits[other] : out.bits[row];
        }
    }
    return out;
}

// An update of the table that has been worked out but not written yet.
struct table_update {
    uint16_t scale;
    bool live;
    uint32_t bits;
};
static_assert(kMaxMaximumScales <= 65536, "a scale's index fits 16 bits");

// The updates of the last steps, newest first. The table is written kUpdatesHeld steps late, from here, so that a step
// need not wait until the one before it has read, compared and written the same entry: what the table does not hold yet
// is here. More than the latency of the table's memory (UltraRAM: up to 3 cycles) and of a step.
constexpr int kUpdatesHeld = 8;
struct held_updates {
    table_update update[kUpdatesHeld];
};

// One step: the largest of a maximum, what the table held, and what is on its way to the same entry. Maxima only grow, so
// the order of the updates does not matter. What a step needs of the one before it is one comparison and one choice.
inline uint32_t largest_of(const held_updates& held, uint16_t scale, uint32_t bits, uint32_t stored) {
#pragma HLS INLINE
    uint32_t largest = stored > bits ? stored : bits;
    for (int i = kUpdatesHeld - 1; i >= 0; i--) {
#pragma HLS UNROLL
        const uint32_t underway = held.update[i].live && held.update[i].scale == scale ? held.update[i].bits : 0;
        largest = underway > largest ? underway : largest;
    }
    return largest;
}

// Takes the maxima of the sets, which cover `elements`, into the table, a row a cycle: the last one of a set with one
// scale, else all 8. A row whose scale the next row has too is left to that one.
inline void update_table(hls::stream<maxima_set>& maxima, uint32_t elements, uint32_t table[kMaxMaximumScales]) {
    maxima_set set;
    held_updates held;
#pragma HLS ARRAY_PARTITION variable = set.scale complete
#pragma HLS ARRAY_PARTITION variable = set.bits complete
#pragma HLS ARRAY_PARTITION variable = held.update complete
    for (int i = 0; i < kUpdatesHeld; i++) {
#pragma HLS UNROLL
        held.update[i] = {0, false, 0};
    }
    bool starts = true;
    int row = 0;
    for (uint32_t covered = 0; covered != elements;) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 65536
        if (starts) {
            set = merge_rows(maxima.read());
            row = set.one_scale ? kBlockSide - 1 : 0;
        }
        const bool ends = row == kBlockSide - 1;
        const bool repeated = !ends && set.scale[row] == set.scale[(row + 1) % kBlockSide];
        const uint16_t scale = uint16_t(set.scale[row]);
        const uint32_t largest = largest_of(held, scale, set.bits[row], table[scale]);
        const table_update oldest = held.update[kUpdatesHeld - 1];
        if (oldest.live) {
            table[oldest.scale] = oldest.bits;
        }
        for (int i = kUpdatesHeld - 1; i > 0; i--) {
#pragma HLS UNROLL
            held.update[i] = held.update[i - 1];
        }
        held.update[0] = {scale, !repeated, largest};
        covered += ends ? set.length : 0;
        starts = ends;
        row++;
    }
    for (int i = kUpdatesHeld - 1; i >= 0; i--) {
#pragma HLS UNROLL
        if (held.update[i].live) {
            table[held.update[i].scale] = held.update[i].bits;
        }
    }
}

// --- scales -----------------------------------------------------------------------------------------------------------

// The encoder's and the decoder's scale of a maximum (docs/format.md section 2): sc = F / max, inv = max / F, both 0 for
// a maximum that is too small or not finite. F = 128 * S, so its exponent is 7 more. Operands and quotients are normal
// numbers: F is 2^7 .. 2^9 and max 2^-100 .. 2^128, so sc is 2^-121 .. 2^109 and inv 2^-109 .. 2^121.
inline uint32_t encode_scale_of(uint32_t maximum, uint32_t full_scale) {
#pragma HLS PIPELINE II = 1
    const bool usable = maximum >= kLeastMaximumBits && maximum < kInfinityBits;
    const float divisor = float_of(usable ? maximum : kLeastFullScaleBits);
    const float quotient = float_of(full_scale + (7u << 23)) / divisor;
    return usable ? bits_of(quotient) : 0;
}

inline uint32_t decode_scale_of(uint32_t maximum, uint32_t full_scale) {
#pragma HLS PIPELINE II = 1
    const bool usable = maximum >= kLeastMaximumBits && maximum < kInfinityBits;
    const float dividend = float_of(usable ? maximum : kLeastFullScaleBits);
    const float quotient = dividend / float_of(full_scale + (7u << 23));
    return usable ? bits_of(quotient) : 0;
}

// Emits `tables` tables of `count` entries, each with its last word filled up with zeros: the maxima, then the encoder's
// and the decoder's scales. One entry a cycle.
inline void emit_table(const uint32_t table[kMaxMaximumScales], uint32_t count, uint32_t full_scale, uint32_t tables,
                       hls::stream<word_t>& words, uint64_t& written_sum, bool& any_non_finite) {
    uint64_t sum = 0;
    bool non_finite = false;
    for (uint32_t kind = 0; kind < tables; kind++) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 3
        word_t word = 0;
        for (uint32_t entry = 0; entry < count; entry++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 512
            const uint32_t maximum = table[entry];
            non_finite = non_finite || maximum >= kInfinityBits;
            const uint32_t bits = kind == 0   ? maximum
                                  : kind == 1 ? encode_scale_of(maximum, full_scale)
                                              : decode_scale_of(maximum, full_scale);
            const uint32_t at = entry % kFloatsPerWord;
            for (uint32_t i = 0; i < uint32_t(kFloatsPerWord); i++) {
#pragma HLS UNROLL
                set_lane32(word, int(i), i == at ? bits : at == 0 ? 0 : lane32(word, int(i)));
            }
            if (at == kFloatsPerWord - 1 || entry + 1 == count) {
                words.write(word);
                sum += sum_of_lanes(word);
            }
        }
    }
    written_sum = sum;
    any_non_finite = non_finite;
}

}  // namespace jpegact

#endif
