// A descriptor: its fields, and the checks that every kernel makes before it touches any of its data.
#ifndef JPEGACT_DESCRIPTOR_HPP
#define JPEGACT_DESCRIPTOR_HPP

#include "jpegact/types.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// How scales run over the blocks; fields as in docs/kernels.md.
struct geometry {
    uint64_t positions_per_scale;
    uint64_t first_position;
    uint32_t blocks_per_row;
    uint32_t first_column;
    uint32_t scale_count;
    uint32_t first_scale;
};

// The fields of docs/kernels.md.
struct descriptor {
    uint32_t method;
    uint32_t element_type;
    uint32_t rounding;
    uint32_t flags;
    uint32_t block_count;
    geometry where;
    uint64_t data_word;
    uint64_t scales_word;
    uint64_t masks_word;
    uint64_t values_word;
    uint64_t value_bytes;
    uint64_t tile_offsets_word;
    uint32_t full_scale;
    uint32_t reserved;
    uint64_t shifts_0;
    uint64_t shifts_1;
    uint64_t shifts_2;
    uint64_t shifts_3;
    uint64_t sum;  // of the 16 u64
};

// A field of the descriptor's two words.
inline uint64_t field_of(const word_t& lower, const word_t& upper, const bit_field& field) {
#pragma HLS INLINE
    const uint64_t lane = field.lane < kDescriptorLanes / 2 ? lane64(lower, field.lane)
                                                            : lane64(upper, field.lane - kDescriptorLanes / 2);
    return (lane >> field.low) & (~uint64_t(0) >> (64 - field.bits));
}

inline descriptor unpack_descriptor(const word_t& lower, const word_t& upper) {
#pragma HLS INLINE
    using namespace descriptor_field;
    descriptor d;
    d.method = uint32_t(field_of(lower, upper, kMethod));
    d.element_type = uint32_t(field_of(lower, upper, kElementType));
    d.rounding = uint32_t(field_of(lower, upper, kRounding));
    d.flags = uint32_t(field_of(lower, upper, kFlags));
    d.block_count = uint32_t(field_of(lower, upper, kBlockCount));
    d.where.blocks_per_row = uint32_t(field_of(lower, upper, kBlocksPerRow));
    d.where.first_column = uint32_t(field_of(lower, upper, kFirstColumn));
    d.where.positions_per_scale = field_of(lower, upper, kPositionsPerScale);
    d.where.first_position = field_of(lower, upper, kFirstPosition);
    d.where.scale_count = uint32_t(field_of(lower, upper, kScaleCount));
    d.where.first_scale = uint32_t(field_of(lower, upper, kFirstScale));
    d.data_word = field_of(lower, upper, kDataWord);
    d.scales_word = field_of(lower, upper, kScalesWord);
    d.masks_word = field_of(lower, upper, kMasksWord);
    d.values_word = field_of(lower, upper, kValuesWord);
    d.value_bytes = field_of(lower, upper, kValueBytes);
    d.tile_offsets_word = field_of(lower, upper, kTileOffsetsWord);
    d.full_scale = uint32_t(field_of(lower, upper, kFullScale));
    d.reserved = uint32_t(field_of(lower, upper, kReserved));
    d.shifts_0 = field_of(lower, upper, kShifts0);
    d.shifts_1 = field_of(lower, upper, kShifts1);
    d.shifts_2 = field_of(lower, upper, kShifts2);
    d.shifts_3 = field_of(lower, upper, kShifts3);
    d.sum = sum_of_lanes(lower) + sum_of_lanes(upper);
    return d;
}

// --- what a method and a type use -------------------------------------------------------------------------------------

inline bool has_transform(uint32_t method) { return method == kMethodJpegAct; }
inline bool has_masks(uint32_t method) { return method != kMethodSfpr; }
inline bool has_values(uint32_t method) { return method != kMethodBrc; }
inline bool has_scales(uint32_t method, uint32_t element_type) {
    return method != kMethodBrc && element_type != kTypeInt8;
}

// Words that hold `items`, at `per_word` each.
inline uint64_t words_for(uint64_t items, uint32_t per_word) {
#pragma HLS INLINE
    return items / per_word + (items % per_word != 0 ? 1 : 0);
}

inline uint32_t words_per_block(uint32_t element_type) {
#pragma HLS INLINE
    return element_type == kTypeFloat32 ? 4 : element_type == kTypeInt8 ? 1 : 2;
}

inline uint32_t data_words_of(const descriptor& d) {
#pragma HLS INLINE
    return d.block_count * words_per_block(d.element_type);
}

inline uint32_t mask_words_of(const descriptor& d) {
#pragma HLS INLINE
    return has_masks(d.method) ? uint32_t(words_for(d.block_count, kMasksPerWord)) : 0;
}

// One entry a tile, and one with the total.
inline uint32_t tile_offsets_of(const descriptor& d) {
#pragma HLS INLINE
    return uint32_t(words_for(d.block_count, kTileBlocks)) + 1;
}

inline uint64_t table_words_of(const descriptor& d) {
#pragma HLS INLINE
    return words_for(d.where.scale_count, kFloatsPerWord);
}

// Elements for which scales are needed.
inline uint32_t scaled_elements_of(const descriptor& d) {
#pragma HLS INLINE
    return has_scales(d.method, d.element_type) ? d.block_count * kBlockValues : 0;
}

// --- checks -----------------------------------------------------------------------------------------------------------

// Whether `count` words from `first` on lie in a buffer of `size` words. Nothing here can wrap.
inline bool lies_within(uint64_t first, uint64_t count, uint64_t size) {
#pragma HLS INLINE
    return count <= size && first <= size - count;
}

// Whether each of a word's 16 shifts is 0 .. 7.
inline bool are_good_shifts(uint64_t shifts) {
#pragma HLS INLINE
    static_assert(kMaxShift == 7, "a shift is good when the top one of its 4 bits is 0");
    return (shifts & 0x8888888888888888u) == 0;
}

inline bool is_good_geometry(const geometry& where, uint32_t method) {
#pragma HLS INLINE
    return where.first_scale < where.scale_count &&             // so scale_count is not 0
           where.first_position < where.positions_per_scale &&  // and so on
           (!has_transform(method) || where.first_column < where.blocks_per_row);
}

// What all kernels demand, with the flags that the kernel knows.
inline bool is_good_descriptor(const descriptor& d, uint32_t known_flags, uint64_t data_words) {
#pragma HLS INLINE
    const bool known = d.method >= kMethodJpegAct && d.method <= kMethodBrc && d.element_type >= kTypeFloat32 &&
                       d.element_type <= kTypeInt8 && (d.flags & ~known_flags) == 0 && d.reserved == 0;
    return known && d.block_count >= 1 && d.block_count <= kMaxBlocks &&
           (!has_scales(d.method, d.element_type) || is_good_geometry(d.where, d.method)) &&
           lies_within(d.data_word, data_words_of(d), data_words);
}

// What encode and decode demand on top.
inline bool is_good_for_codec(const descriptor& d, uint64_t scales_words, uint64_t masks_words) {
#pragma HLS INLINE
    return d.full_scale == 0 &&
           (!has_transform(d.method) || are_good_shifts(d.shifts_0 | d.shifts_1 | d.shifts_2 | d.shifts_3)) &&
           (!has_scales(d.method, d.element_type) || lies_within(d.scales_word, table_words_of(d), scales_words)) &&
           lies_within(has_masks(d.method) ? d.masks_word : 0, mask_words_of(d), masks_words);
}

// Unpacks 4 bits a coefficient, k = 0 in the lowest bits of shifts_0.
inline shift_table unpack_shifts(uint64_t shifts_0, uint64_t shifts_1, uint64_t shifts_2, uint64_t shifts_3) {
#pragma HLS INLINE
    const uint64_t packed[4] = {shifts_0, shifts_1, shifts_2, shifts_3};
#pragma HLS ARRAY_PARTITION variable = packed complete
    shift_table table;
    for (int k = 0; k < kBlockValues; k++) {
#pragma HLS UNROLL
        table.shift[k] = uint8_t((packed[k / 16] >> (4 * (k % 16))) & 15);
    }
    return table;
}

}  // namespace jpegact

#endif
