#include "jpegact_decode.hpp"

#include "jpegact/align.hpp"
#include "jpegact/dataflow.hpp"
#include "jpegact/dequantise.hpp"
#include "jpegact/expand.hpp"
#include "jpegact/idct.hpp"
#include "jpegact/launch.hpp"
#include "jpegact/load.hpp"
#include "jpegact/rescale.hpp"
#include "jpegact/row_scales.hpp"
#include "jpegact/split.hpp"
#include "jpegact/store.hpp"

namespace jpegact {
namespace {

// The whole launch as one dataflow region: each process runs once and handles every block.
// FIFO depths: short ones between stages that keep step; around memory, enough for a burst in flight.
void decode_region(const word_t* masks, const word_t* values, const word_t* scales, word_t* blocks, geometry where,
                   uint32_t value_bytes, uint64_t shifts_0, uint64_t shifts_1, uint64_t shifts_2, uint64_t shifts_3,
                   bool non_negative, uint32_t& named_bytes, uint64_t& mask_sum, uint64_t& data_sum) {
#pragma HLS DATAFLOW
    JPEGACT_REGION_BEGIN;
    hls::stream<word_t, 64> mask_words("mask_words");
    hls::stream<word_t, 64> value_words("value_words");
    hls::stream<row_scales, 4> row_scale_sets("row_scale_sets");
    hls::stream<block_mask, 16> block_masks("block_masks");
    hls::stream<masked_window, 4> windows("windows");
    hls::stream<block8, 2> coefficients("coefficients");
    hls::stream<block16, 2> restored("restored");
    hls::stream<block8, 2> integers("integers");
    hls::stream<word_t, 64> float_words("float_words");
    const uint32_t count = where.block_count;

    JPEGACT_PROCESS(load_words(masks, words_for(count, kMasksPerWord), mask_words));
    JPEGACT_PROCESS(load_words(values, words_for(value_bytes, kWordBytes), value_words));
    JPEGACT_PROCESS(load_row_scales(scales, where, row_scale_sets));
    JPEGACT_PROCESS(split_masks(mask_words, count, block_masks, named_bytes, mask_sum));
    JPEGACT_PROCESS(align_values(value_words, value_bytes, block_masks, count, windows));
    JPEGACT_PROCESS(expand_blocks(windows, count, coefficients));
    JPEGACT_PROCESS(dequantise_blocks(coefficients, count, shifts_0, shifts_1, shifts_2, shifts_3, restored));
    JPEGACT_PROCESS(inverse_transform_blocks(restored, count, non_negative, integers));
    JPEGACT_PROCESS(rescale_blocks(integers, row_scale_sets, where, float_words, data_sum));
    JPEGACT_PROCESS(store_words(float_words, count * kWordsPerBlock, blocks));
    JPEGACT_REGION_END;
}

}  // namespace
}  // namespace jpegact

extern "C" void jpegact_decode(const jpegact::word_t* masks, const jpegact::word_t* values,
                               const jpegact::word_t* scales, jpegact::word_t* blocks, jpegact::word_t* result,
                               uint32_t block_count, uint32_t value_bytes, uint32_t blocks_per_row,
                               uint32_t rows_per_scale, uint32_t scale_count, uint32_t first_column, uint32_t first_row,
                               uint32_t first_scale, uint64_t shifts_0, uint64_t shifts_1, uint64_t shifts_2,
                               uint64_t shifts_3, uint32_t non_negative) {
// Outstanding bursts times their length: at least 256 words in flight, to cover the memory's latency.
// clang-format off
#pragma HLS INTERFACE m_axi port = masks bundle = gmem0 offset = slave latency = 100 max_read_burst_length = 64 num_read_outstanding = 4
#pragma HLS INTERFACE m_axi port = values bundle = gmem1 offset = slave latency = 100 max_read_burst_length = 64 num_read_outstanding = 8
#pragma HLS INTERFACE m_axi port = scales bundle = gmem2 offset = slave latency = 100 num_read_outstanding = 16
#pragma HLS INTERFACE m_axi port = blocks bundle = gmem3 offset = slave latency = 100 max_write_burst_length = 64 num_write_outstanding = 8
#pragma HLS INTERFACE m_axi port = result bundle = gmem2 offset = slave
#pragma HLS INTERFACE s_axilite port = block_count
#pragma HLS INTERFACE s_axilite port = value_bytes
#pragma HLS INTERFACE s_axilite port = blocks_per_row
#pragma HLS INTERFACE s_axilite port = rows_per_scale
#pragma HLS INTERFACE s_axilite port = scale_count
#pragma HLS INTERFACE s_axilite port = first_column
#pragma HLS INTERFACE s_axilite port = first_row
#pragma HLS INTERFACE s_axilite port = first_scale
#pragma HLS INTERFACE s_axilite port = shifts_0
#pragma HLS INTERFACE s_axilite port = shifts_1
#pragma HLS INTERFACE s_axilite port = shifts_2
#pragma HLS INTERFACE s_axilite port = shifts_3
#pragma HLS INTERFACE s_axilite port = non_negative
#pragma HLS INTERFACE s_axilite port = return
    // clang-format on
    using namespace jpegact;
    const geometry where = {block_count,  blocks_per_row, rows_per_scale, scale_count,
                            first_column, first_row,      first_scale};
    const bool good = is_good(where) && are_good_shifts(shifts_0 | shifts_1 | shifts_2 | shifts_3) &&
                      non_negative <= 1 && value_bytes <= block_count * kBlockValues;
    launch_result report = {kStatusBadArgument, block_count, 0, 0, 0};
    if (good) {
        decode_region(masks, values, scales, blocks, where, value_bytes, shifts_0, shifts_1, shifts_2, shifts_3,
                      non_negative == 1, report.value_bytes, report.mask_sum, report.data_sum);
        report.status = report.value_bytes == value_bytes ? kStatusGood : kStatusValueBytesDiffer;
    }
    result[0] = pack_result(report);
}
