#include "jpegact_encode.hpp"

#include "jpegact/compact.hpp"
#include "jpegact/dataflow.hpp"
#include "jpegact/dct.hpp"
#include "jpegact/launch.hpp"
#include "jpegact/load.hpp"
#include "jpegact/pack.hpp"
#include "jpegact/quantise.hpp"
#include "jpegact/row_scales.hpp"
#include "jpegact/scale.hpp"
#include "jpegact/store.hpp"

namespace jpegact {
namespace {

// The whole launch as one dataflow region: each process runs once and handles every block.
// FIFO depths: short ones between stages that keep step; around memory, enough for a burst in flight. `values` must
// hold the burst that store_bursts waits for, plus what the packer emits meanwhile.
void encode_region(const word_t* blocks, const word_t* scales, word_t* masks, word_t* values, word_t* offsets,
                   geometry where, uint64_t shifts_0, uint64_t shifts_1, uint64_t shifts_2, uint64_t shifts_3,
                   bool truncate, uint32_t& value_bytes, uint64_t& mask_sum, uint64_t& data_sum) {
#pragma HLS DATAFLOW
    JPEGACT_REGION_BEGIN;
    hls::stream<word_t, 64> float_words("float_words");
    hls::stream<row_scales, 4> row_scale_sets("row_scale_sets");
    hls::stream<row_pair, 8> scaled("scaled");
    hls::stream<block32, 2> sums("sums");
    hls::stream<block8, 2> coefficients("coefficients");
    hls::stream<uint64_t, 16> block_masks("block_masks");
    hls::stream<packed_block, 4> packed("packed");
    hls::stream<word_t, 64> mask_words("mask_words");
    hls::stream<word_t, 2 * kBurstWords> value_words("value_words");
    hls::stream<uint32_t, 4> value_bursts("value_bursts");
    hls::stream<uint32_t, 4> tile_offsets("tile_offsets");
    hls::stream<word_t, 4> offset_words("offset_words");
    const uint32_t count = where.block_count;
    const uint32_t entries = tiles_of(count) + 1;

    JPEGACT_PROCESS(load_words(blocks, count * kWordsPerBlock, float_words));
    JPEGACT_PROCESS(load_row_scales(scales, where, row_scale_sets));
    JPEGACT_PROCESS(scale_blocks(float_words, row_scale_sets, where, scaled));
    JPEGACT_PROCESS(transform_blocks(scaled, count, sums));
    JPEGACT_PROCESS(quantise_blocks(sums, count, shifts_0, shifts_1, shifts_2, shifts_3, truncate, coefficients));
    JPEGACT_PROCESS(compact_blocks(coefficients, count, block_masks, packed));
    JPEGACT_PROCESS(pack_masks(block_masks, count, mask_words, mask_sum));
    JPEGACT_PROCESS(pack_values(packed, count, value_words, value_bursts, tile_offsets, value_bytes, data_sum));
    JPEGACT_PROCESS(pack_offsets(tile_offsets, entries, offset_words));
    JPEGACT_PROCESS(store_words(mask_words, words_for(count, kMasksPerWord), masks));
    JPEGACT_PROCESS(store_bursts(value_words, value_bursts, values));
    JPEGACT_PROCESS(store_words(offset_words, words_for(entries, kOffsetsPerWord), offsets));
    JPEGACT_REGION_END;
}

}  // namespace
}  // namespace jpegact

extern "C" void jpegact_encode(const jpegact::word_t* blocks, const jpegact::word_t* scales, jpegact::word_t* masks,
                               jpegact::word_t* values, jpegact::word_t* offsets, jpegact::word_t* result,
                               uint32_t block_count, uint32_t blocks_per_row, uint32_t rows_per_scale,
                               uint32_t scale_count, uint32_t first_column, uint32_t first_row, uint32_t first_scale,
                               uint64_t shifts_0, uint64_t shifts_1, uint64_t shifts_2, uint64_t shifts_3,
                               uint32_t truncate) {
// Outstanding bursts times their length: at least 256 words in flight, to cover the memory's latency.
// clang-format off
#pragma HLS INTERFACE m_axi port = blocks bundle = gmem0 offset = slave latency = 100 max_read_burst_length = 64 num_read_outstanding = 8
#pragma HLS INTERFACE m_axi port = scales bundle = gmem1 offset = slave latency = 100 num_read_outstanding = 16
#pragma HLS INTERFACE m_axi port = masks bundle = gmem2 offset = slave latency = 100 max_write_burst_length = 64 num_write_outstanding = 4
#pragma HLS INTERFACE m_axi port = values bundle = gmem3 offset = slave latency = 100 max_write_burst_length = 64 num_write_outstanding = 8
#pragma HLS INTERFACE m_axi port = offsets bundle = gmem1 offset = slave
#pragma HLS INTERFACE m_axi port = result bundle = gmem1 offset = slave
#pragma HLS INTERFACE s_axilite port = block_count
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
#pragma HLS INTERFACE s_axilite port = truncate
#pragma HLS INTERFACE s_axilite port = return
    // clang-format on
    using namespace jpegact;
    const geometry where = {block_count,  blocks_per_row, rows_per_scale, scale_count,
                            first_column, first_row,      first_scale};
    const bool good = is_good(where) && are_good_shifts(shifts_0 | shifts_1 | shifts_2 | shifts_3) && truncate <= 1;
    launch_result report = {kStatusBadArgument, block_count, 0, 0, 0};
    if (good) {
        report.status = kStatusGood;
        encode_region(blocks, scales, masks, values, offsets, where, shifts_0, shifts_1, shifts_2, shifts_3,
                      truncate == 1, report.value_bytes, report.mask_sum, report.data_sum);
    }
    result[0] = pack_result(report);
}
