#include "jpegact_maximum.hpp"

#include "jpegact/dataflow.hpp"
#include "jpegact/descriptor.hpp"
#include "jpegact/load.hpp"
#include "jpegact/maxima.hpp"
#include "jpegact/result.hpp"
#include "jpegact/scale_steps.hpp"
#include "jpegact/store.hpp"
#include "jpegact/widen.hpp"

namespace jpegact {
namespace {

// The elements of one descriptor into the table, as one dataflow region.
void maximum_region(const word_t* data, descriptor d, uint32_t table[kMaxMaximumScales], uint64_t& read_sum,
                    bool& any_negative) {
#pragma HLS DATAFLOW
    JPEGACT_REGION_BEGIN;
    hls::stream<word_t, 64> data_words("data_words");
    hls::stream<scale_step, 16> scale_steps("scale_steps");
    hls::stream<scale_set, 4> index_sets("index_sets");
    hls::stream<half_block, 4> halves("halves");
    hls::stream<maxima_set, 16> maxima("maxima");
    const uint32_t word_count = data_words_of(d);
    const uint32_t elements = scaled_elements_of(d);
    const bool squares = has_transform(d.method);

    JPEGACT_PROCESS(load_words(data, d.data_word, word_count, data_words));
    JPEGACT_PROCESS(step_scales(d.where, squares, elements, scale_steps));
    JPEGACT_PROCESS(gather_indices(elements, squares, scale_steps, index_sets));
    JPEGACT_PROCESS(widen_words(data_words, word_count, d.element_type, halves, read_sum));
    JPEGACT_PROCESS(find_maxima(halves, index_sets, d.block_count, maxima, any_negative));
    JPEGACT_PROCESS(update_table(maxima, elements, table));
    JPEGACT_REGION_END;
}

// The table to memory, as another.
void table_region(const uint32_t table[kMaxMaximumScales], descriptor d, uint32_t tables, word_t* scales,
                  uint64_t& written_sum, bool& any_non_finite) {
#pragma HLS DATAFLOW
    JPEGACT_REGION_BEGIN;
    hls::stream<word_t, 64> table_words("table_words");
    const uint32_t word_count = tables * uint32_t(table_words_of(d));

    JPEGACT_PROCESS(
        emit_table(table, d.where.scale_count, d.full_scale, tables, table_words, written_sum, any_non_finite));
    JPEGACT_PROCESS(store_words(table_words, word_count, scales, d.scales_word));
    JPEGACT_REGION_END;
}

}  // namespace
}  // namespace jpegact

extern "C" void jpegact_maximum(const jpegact::word_t* descriptors, jpegact::word_t* results,
                                const jpegact::word_t* data, jpegact::word_t* scales, uint32_t descriptor_count,
                                uint64_t data_words, uint64_t scales_words) {
    // clang-format off
#pragma HLS INTERFACE m_axi port = descriptors bundle = gmem_index offset = slave latency = 100 num_read_outstanding = 16
#pragma HLS INTERFACE m_axi port = results bundle = gmem_index offset = slave
#pragma HLS INTERFACE m_axi port = data bundle = gmem_data offset = slave latency = 100 max_read_burst_length = 64 num_read_outstanding = 8
#pragma HLS INTERFACE m_axi port = scales bundle = gmem_index offset = slave latency = 100 max_write_burst_length = 64
#pragma HLS INTERFACE s_axilite port = descriptor_count
#pragma HLS INTERFACE s_axilite port = data_words
#pragma HLS INTERFACE s_axilite port = scales_words
#pragma HLS INTERFACE s_axilite port = return
    // clang-format on
    using namespace jpegact;
    uint32_t table[kMaxMaximumScales];
#pragma HLS BIND_STORAGE variable = table type = ram_2p impl = uram
    if (descriptor_count == 0 || descriptor_count > kMaxDescriptors) {
        results[0] = pack_result(refusal(kStatusBadLaunch, 0, 0, 0));
        return;
    }
    uint32_t held_count = 0;  // entries of the table that the previous good descriptor left
    bool negative = false;
    for (uint32_t i = 0; i < descriptor_count; i++) {
#pragma HLS PIPELINE off
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 64
        const word_t lower = descriptors[kDescriptorWords * i], upper = descriptors[kDescriptorWords * i + 1];
        const descriptor d = unpack_descriptor(lower, upper);
        const uint32_t count = d.where.scale_count;
        const bool writes_scales = (d.flags & kFlagWriteScales) != 0;
        const bool continues = (d.flags & kFlagContinue) != 0;
        const uint32_t tables = writes_scales ? 3 : 1;
        const bool good_scale = writes_scales
                                    ? d.full_scale >= kLeastFullScaleBits && d.full_scale <= kMostFullScaleBits
                                    : d.full_scale == 0;
        const bool good = is_good_descriptor(d, kFlagWriteScales | kFlagContinue, data_words) &&
                          has_scales(d.method, d.element_type) && d.rounding == 0 && good_scale &&
                          count <= kMaxMaximumScales && (!continues || count == held_count) &&
                          lies_within(d.scales_word, tables * table_words_of(d), scales_words);
        descriptor_result report = refusal(kStatusBadDescriptor, d.block_count, i, d.sum);
        if (good) {
            if (!continues) {
                for (uint32_t entry = 0; entry < count; entry++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 512
                    table[entry] = 0;
                }
                negative = false;
            }
            held_count = count;
            bool any_negative = false, any_non_finite = false;
            maximum_region(data, d, table, report.read_sum, any_negative);
            table_region(table, d, tables, scales, report.written_sum, any_non_finite);
            negative = negative || any_negative;
            report.status =
                (negative ? kStatusNegative : kStatusGood) | (any_non_finite ? kStatusNonFinite : kStatusGood);
            report.value_bytes = count;
            report.first_word = d.scales_word;
        }
        results[i] = pack_result(report);
    }
}
