#include "jpegact_encode.hpp"

#include "jpegact/compact.hpp"
#include "jpegact/dataflow.hpp"
#include "jpegact/dct.hpp"
#include "jpegact/descriptor.hpp"
#include "jpegact/load.hpp"
#include "jpegact/pack.hpp"
#include "jpegact/quantise.hpp"
#include "jpegact/result.hpp"
#include "jpegact/scale.hpp"
#include "jpegact/scale_steps.hpp"
#include "jpegact/store.hpp"
#include "jpegact/widen.hpp"

namespace jpegact {
namespace {

// One descriptor as one dataflow region: each process runs once and handles every block.
// FIFO depths: short ones between stages that keep step; around memory, enough for a burst in flight. `value_words` must
// hold the burst that store_bursts waits for, plus what the packer emits meanwhile.
void encode_region(const word_t* data, const word_t* scales, word_t* masks, word_t* values, word_t* tile_offsets,
                   descriptor d, uint64_t first_value_word, uint64_t value_limit, uint32_t& value_bytes,
                   uint64_t& mask_sum, uint64_t& written_sum, uint64_t& read_sum, uint64_t& scale_sum) {
#pragma HLS DATAFLOW
    JPEGACT_REGION_BEGIN;
    hls::stream<word_t, 64> data_words("data_words");
    hls::stream<scale_step, 16> scale_steps("scale_steps");
    hls::stream<scale_set, 4> scale_sets("scale_sets");
    hls::stream<half_block, 4> halves("halves");
    hls::stream<block8, 2> integers("integers");
    hls::stream<block32, 2> sums("sums");
    hls::stream<block8, 2> coefficients("coefficients");
    hls::stream<uint64_t, 16> block_masks("block_masks");
    hls::stream<packed_block, 4> packed("packed");
    hls::stream<word_t, 64> mask_words("mask_words");
    hls::stream<word_t, 2 * kBurstWords> value_words("value_words");
    hls::stream<uint32_t, 4> value_bursts("value_bursts");
    hls::stream<uint32_t, 4> offset_entries("offset_entries");
    hls::stream<word_t, 4> offset_words("offset_words");
    const uint32_t count = d.block_count;
    const uint32_t word_count = data_words_of(d);
    const uint32_t scaled_elements = scaled_elements_of(d);
    const uint32_t mask_count = has_masks(d.method) ? count : 0;
    const uint32_t mask_word_count = mask_words_of(d);
    const uint32_t entries = tile_offsets_of(d);
    const uint32_t offset_word_count = uint32_t(words_for(entries, kOffsetsPerWord));
    const bool squares = has_transform(d.method);
    const bool valued = has_values(d.method);
    const bool truncate = d.rounding == kRoundTruncate;

    JPEGACT_PROCESS(load_words(data, d.data_word, word_count, data_words));
    JPEGACT_PROCESS(step_scales(d.where, squares, scaled_elements, scale_steps));
    JPEGACT_PROCESS(fetch_scales(scales, d.scales_word, scaled_elements, squares, scale_steps, scale_sets, scale_sum));
    JPEGACT_PROCESS(widen_words(data_words, word_count, d.element_type, halves, read_sum));
    JPEGACT_PROCESS(scale_blocks(halves, scale_sets, count, d.method, d.element_type, integers));
    JPEGACT_PROCESS(transform_blocks(integers, count, squares, sums));
    JPEGACT_PROCESS(
        quantise_blocks(sums, count, squares, d.shifts_0, d.shifts_1, d.shifts_2, d.shifts_3, truncate, coefficients));
    JPEGACT_PROCESS(compact_blocks(coefficients, count, d.method, block_masks, packed));
    JPEGACT_PROCESS(pack_masks(block_masks, mask_count, mask_words, mask_sum));
    JPEGACT_PROCESS(
        pack_values(packed, count, valued, value_words, value_bursts, offset_entries, value_bytes, written_sum));
    JPEGACT_PROCESS(pack_offsets(offset_entries, entries, offset_words));
    JPEGACT_PROCESS(store_words(mask_words, mask_word_count, masks, d.masks_word));
    JPEGACT_PROCESS(store_bursts(value_words, value_bursts, values, first_value_word, value_limit));
    JPEGACT_PROCESS(store_words(offset_words, offset_word_count, tile_offsets, d.tile_offsets_word));
    JPEGACT_REGION_END;
}

// Where the values of a descriptor go.
struct value_place {
    uint64_t first;
    uint64_t limit;  // words
    bool good;
};

// `cursor` is the word after the last one written, so it never exceeds values_words.
value_place place_values(const descriptor& d, uint64_t cursor, uint64_t values_words) {
#pragma HLS INLINE
    const bool append = (d.flags & kFlagAppend) != 0;
    const uint64_t wanted = d.value_bytes / kWordBytes;
    const uint64_t left = values_words - cursor;
    value_place place;
    place.first = append ? cursor : d.values_word;
    place.limit = append && left < wanted ? left : wanted;
    place.good = d.value_bytes % kWordBytes == 0 && (append || lies_within(d.values_word, wanted, values_words));
    if (!has_values(d.method)) {
        place = {cursor, 0, true};
    }
    return place;
}

}  // namespace
}  // namespace jpegact

extern "C" void jpegact_encode(const jpegact::word_t* descriptors, jpegact::word_t* results,
                               const jpegact::word_t* data, const jpegact::word_t* scales, jpegact::word_t* masks,
                               jpegact::word_t* values, jpegact::word_t* tile_offsets, uint32_t descriptor_count,
                               uint64_t data_words, uint64_t scales_words, uint64_t masks_words, uint64_t values_words,
                               uint64_t tile_offsets_words) {
// Outstanding bursts times their length: at least 256 words in flight, to cover the memory's latency.
// clang-format off
#pragma HLS INTERFACE m_axi port = descriptors bundle = gmem_index offset = slave latency = 100 num_read_outstanding = 16
#pragma HLS INTERFACE m_axi port = results bundle = gmem_index offset = slave
#pragma HLS INTERFACE m_axi port = data bundle = gmem_data offset = slave latency = 100 max_read_burst_length = 64 num_read_outstanding = 8
#pragma HLS INTERFACE m_axi port = scales bundle = gmem_index offset = slave
#pragma HLS INTERFACE m_axi port = masks bundle = gmem_masks offset = slave latency = 100 max_write_burst_length = 64 num_write_outstanding = 4
#pragma HLS INTERFACE m_axi port = values bundle = gmem_values offset = slave latency = 100 max_write_burst_length = 64 num_write_outstanding = 8
#pragma HLS INTERFACE m_axi port = tile_offsets bundle = gmem_index offset = slave
#pragma HLS INTERFACE s_axilite port = descriptor_count
#pragma HLS INTERFACE s_axilite port = data_words
#pragma HLS INTERFACE s_axilite port = scales_words
#pragma HLS INTERFACE s_axilite port = masks_words
#pragma HLS INTERFACE s_axilite port = values_words
#pragma HLS INTERFACE s_axilite port = tile_offsets_words
#pragma HLS INTERFACE s_axilite port = return
    // clang-format on
    using namespace jpegact;
    if (descriptor_count == 0 || descriptor_count > kMaxDescriptors) {
        results[0] = pack_result(refusal(kStatusBadLaunch, 0, 0, 0));
        return;
    }
    uint64_t cursor = 0;
    for (uint32_t i = 0; i < descriptor_count; i++) {
#pragma HLS PIPELINE off
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 64
        const word_t lower = descriptors[kDescriptorWords * i], upper = descriptors[kDescriptorWords * i + 1];
        const descriptor d = unpack_descriptor(lower, upper);
        const value_place place = place_values(d, cursor, values_words);
        const bool good =
            is_good_descriptor(d, kFlagAppend, data_words) && is_good_for_codec(d, scales_words, masks_words) &&
            d.rounding <= kRoundTruncate && place.good &&
            lies_within(d.tile_offsets_word, words_for(tile_offsets_of(d), kOffsetsPerWord), tile_offsets_words);
        descriptor_result report = refusal(kStatusBadDescriptor, d.block_count, i, d.sum);
        if (good) {
            uint32_t value_bytes = 0;
            uint64_t scale_sum = 0;
            encode_region(data, scales, masks, values, tile_offsets, d, place.first, place.limit, value_bytes,
                          report.mask_sum, report.written_sum, report.read_sum, scale_sum);
            const uint64_t made = words_for(value_bytes, kWordBytes);
            const bool fits = made <= place.limit;
            cursor = has_values(d.method) ? place.first + (fits ? made : place.limit) : cursor;
            report.status = fits ? kStatusGood : kStatusValuesDoNotFit;
            report.value_bytes = value_bytes;
            report.first_word = place.first;
            report.descriptor_sum = d.sum + scale_sum;
        }
        results[i] = pack_result(report);
    }
}
