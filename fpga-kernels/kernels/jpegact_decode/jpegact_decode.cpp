#include "jpegact_decode.hpp"

#include "jpegact/align.hpp"
#include "jpegact/dataflow.hpp"
#include "jpegact/dequantise.hpp"
#include "jpegact/descriptor.hpp"
#include "jpegact/expand.hpp"
#include "jpegact/idct.hpp"
#include "jpegact/load.hpp"
#include "jpegact/narrow.hpp"
#include "jpegact/rescale.hpp"
#include "jpegact/result.hpp"
#include "jpegact/scale_steps.hpp"
#include "jpegact/split.hpp"
#include "jpegact/store.hpp"

namespace jpegact {
namespace {

// One descriptor as one dataflow region: each process runs once and handles every block.
// FIFO depths: short ones between stages that keep step; around memory, enough for a burst in flight.
void decode_region(word_t* data, const word_t* scales, const word_t* masks, const word_t* values, descriptor d,
                   uint32_t& named_bytes, uint64_t& mask_sum, uint64_t& written_sum, uint64_t& read_sum,
                   uint64_t& scale_sum) {
#pragma HLS DATAFLOW
    JPEGACT_REGION_BEGIN;
    hls::stream<word_t, 64> mask_words("mask_words");
    hls::stream<word_t, 64> value_words("value_words");
    hls::stream<scale_step, 16> scale_steps("scale_steps");
    hls::stream<scale_set, 4> scale_sets("scale_sets");
    hls::stream<block_mask, 16> block_masks("block_masks");
    hls::stream<masked_window, 4> windows("windows");
    hls::stream<block8, 2> coefficients("coefficients");
    hls::stream<block16, 2> restored("restored");
    hls::stream<block8, 2> integers("integers");
    hls::stream<half_block, 4> halves("halves");
    hls::stream<word_t, 64> data_words("data_words");
    const uint32_t count = d.block_count;
    const uint32_t word_count = data_words_of(d);
    const uint32_t scaled_elements = scaled_elements_of(d);
    const uint32_t mask_word_count = mask_words_of(d);
    const bool squares = has_transform(d.method);
    const bool valued = has_values(d.method);
    const uint32_t value_bytes = valued ? uint32_t(d.value_bytes) : 0;
    const uint32_t value_word_count = uint32_t(words_for(value_bytes, kWordBytes));
    const bool non_negative = (d.flags & kFlagNonNegative) != 0;

    JPEGACT_PROCESS(load_words(masks, d.masks_word, mask_word_count, mask_words));
    JPEGACT_PROCESS(load_words(values, d.values_word, value_word_count, value_words));
    JPEGACT_PROCESS(step_scales(d.where, squares, scaled_elements, scale_steps));
    JPEGACT_PROCESS(fetch_scales(scales, d.scales_word, scaled_elements, squares, scale_steps, scale_sets, scale_sum));
    JPEGACT_PROCESS(split_masks(mask_words, count, d.method, block_masks, named_bytes, mask_sum));
    JPEGACT_PROCESS(align_values(value_words, value_bytes, block_masks, count, windows, read_sum));
    JPEGACT_PROCESS(expand_blocks(windows, count, valued, coefficients));
    JPEGACT_PROCESS(
        dequantise_blocks(coefficients, count, squares, d.shifts_0, d.shifts_1, d.shifts_2, d.shifts_3, restored));
    JPEGACT_PROCESS(inverse_transform_blocks(restored, count, squares, non_negative, integers));
    JPEGACT_PROCESS(rescale_blocks(integers, scale_sets, count, d.method, d.element_type, halves));
    JPEGACT_PROCESS(narrow_words(halves, word_count, d.element_type, data_words, written_sum));
    JPEGACT_PROCESS(store_words(data_words, word_count, data, d.data_word));
    JPEGACT_REGION_END;
}

}  // namespace
}  // namespace jpegact

extern "C" void jpegact_decode(const jpegact::word_t* descriptors, jpegact::word_t* results, jpegact::word_t* data,
                               const jpegact::word_t* scales, const jpegact::word_t* masks,
                               const jpegact::word_t* values, uint32_t descriptor_count, uint64_t data_words,
                               uint64_t scales_words, uint64_t masks_words, uint64_t values_words) {
// Outstanding bursts times their length: at least 256 words in flight, to cover the memory's latency.
// clang-format off
#pragma HLS INTERFACE m_axi port = descriptors bundle = gmem_index offset = slave latency = 100 num_read_outstanding = 16
#pragma HLS INTERFACE m_axi port = results bundle = gmem_index offset = slave
#pragma HLS INTERFACE m_axi port = data bundle = gmem_data offset = slave latency = 100 max_write_burst_length = 64 num_write_outstanding = 8
#pragma HLS INTERFACE m_axi port = scales bundle = gmem_index offset = slave
#pragma HLS INTERFACE m_axi port = masks bundle = gmem_masks offset = slave latency = 100 max_read_burst_length = 64 num_read_outstanding = 4
#pragma HLS INTERFACE m_axi port = values bundle = gmem_values offset = slave latency = 100 max_read_burst_length = 64 num_read_outstanding = 8
#pragma HLS INTERFACE s_axilite port = descriptor_count
#pragma HLS INTERFACE s_axilite port = data_words
#pragma HLS INTERFACE s_axilite port = scales_words
#pragma HLS INTERFACE s_axilite port = masks_words
#pragma HLS INTERFACE s_axilite port = values_words
#pragma HLS INTERFACE s_axilite port = return
    // clang-format on
    using namespace jpegact;
    if (descriptor_count == 0 || descriptor_count > kMaxDescriptors) {
        results[0] = pack_result(refusal(kStatusBadLaunch, 0, 0, 0));
        return;
    }
    for (uint32_t i = 0; i < descriptor_count; i++) {
#pragma HLS PIPELINE off
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 64
        const word_t lower = descriptors[kDescriptorWords * i], upper = descriptors[kDescriptorWords * i + 1];
        const descriptor d = unpack_descriptor(lower, upper);
        const uint64_t value_words = words_for(d.value_bytes, kWordBytes);
        const bool good_values = !has_values(d.method) || (d.value_bytes <= uint64_t(d.block_count) * kBlockValues &&
                                                           lies_within(d.values_word, value_words, values_words));
        const bool good = is_good_descriptor(d, kFlagNonNegative, data_words) &&
                          is_good_for_codec(d, scales_words, masks_words) && d.rounding == 0 && good_values;
        descriptor_result report = refusal(kStatusBadDescriptor, d.block_count, i, d.sum);
        if (good) {
            uint32_t named_bytes = 0;
            uint64_t scale_sum = 0;
            decode_region(data, scales, masks, values, d, named_bytes, report.mask_sum, report.written_sum,
                          report.read_sum, scale_sum);
            const bool agrees = !has_values(d.method) ||
                                (has_masks(d.method) ? named_bytes == d.value_bytes : value_words == d.block_count);
            report.status = agrees ? kStatusGood : kStatusValueBytesDiffer;
            report.value_bytes = named_bytes;
            report.first_word = d.values_word;
            report.descriptor_sum = d.sum + scale_sum;
        }
        results[i] = pack_result(report);
    }
}
