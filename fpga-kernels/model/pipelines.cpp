#include "pipelines.hpp"

#include <cstring>

namespace model {
namespace {

uint64_t blocks(const work& w) { return w.blocks; }
uint64_t data_words(const work& w) { return w.data_words; }
uint64_t masks(const work& w) { return w.masks; }
uint64_t mask_words(const work& w) { return w.mask_words; }
uint64_t value_words(const work& w) { return w.value_words; }
uint64_t scale_steps(const work& w) { return w.scale_steps; }
uint64_t table_reads(const work& w) { return w.table_reads; }
uint64_t parts(const work& w) { return w.parts; }
uint64_t offset_entries(const work& w) { return w.offset_entries; }
uint64_t offset_words(const work& w) { return w.offset_words; }
uint64_t updates(const work& w) { return w.updates; }
uint64_t table_entries(const work& w) { return w.table_entries; }
uint64_t emitted(const work& w) { return w.emitted; }
uint64_t emitted_words(const work& w) { return w.emitted_words; }
uint64_t descriptor_words(const work&) { return 2; }
uint64_t one(const work&) { return 1; }
uint64_t none(const work&) { return 0; }

const process kLoadData = {"load_words", 3, {{1, data_words}}};
const process kStepScales = {"step_scales", 6, {{1, scale_steps}}};
const process kFetchScales = {"fetch_scales", 6, {{1, scale_steps}}};
const process kWiden = {"widen_words", 6, {{1, data_words}}};

kernel encode() {
    return {"jpegact_encode",
            {"descriptors", "results", "data", "scales", "masks", "values", "tile_offsets", "descriptor_count",
             "data_words", "scales_words", "masks_words", "values_words", "tile_offsets_words"},
            {{"encode_region",
              {kLoadData,
               kStepScales,
               kFetchScales,
               kWiden,
               {"scale_blocks", 14, {{1, parts}}},
               {"transform_blocks", 12, {{1, blocks}}},
               {"quantise_blocks", 5, {{1, blocks}}},
               {"compact_blocks", 13, {{1, blocks}}},
               {"pack_masks", 3, {{1, masks}}},
               {"pack_values", 6, {{1, blocks}}},
               {"pack_offsets", 2, {{1, offset_entries}}},
               {"store_words", 3, {{1, mask_words}}},
               // Values that did not fit are taken out of their FIFO by the second loop instead of the first.
               {"store_bursts", 3, {{1, value_words}, {1, none}}},
               {"store_words", 3, {{1, offset_words}}}}}},
            {},
            {{"gmem_index",
              0,
              16,
              0,
              0,
              {{"descriptors", descriptor_words, false, true},
               {"results", one, true, true},
               {"scales", table_reads, false, false},
               {"tile_offsets", offset_words, true, true}}},
             {"gmem_data", 64, 8, 0, 0, {{"data", data_words, false, true}}},
             {"gmem_masks", 0, 0, 64, 4, {{"masks", mask_words, true, true}}},
             {"gmem_values", 0, 0, 64, 8, {{"values", value_words, true, true, true}}}}};
}

kernel decode() {
    return {"jpegact_decode",
            {"descriptors", "results", "data", "scales", "masks", "values", "descriptor_count", "data_words",
             "scales_words", "masks_words", "values_words"},
            {{"decode_region",
              {{"load_words", 3, {{1, mask_words}}},
               {"load_words", 3, {{1, value_words}}},
               kStepScales,
               kFetchScales,
               {"split_masks", 8, {{1, blocks}}},
               // Words that no mask names are taken out of their FIFO by the second loop.
               {"align_values", 8, {{1, blocks}, {1, none}}},
               {"expand_blocks", 14, {{1, blocks}}},
               {"dequantise_blocks", 3, {{1, blocks}}},
               {"inverse_transform_blocks", 14, {{1, blocks}}},
               {"rescale_blocks", 10, {{1, parts}}},
               {"narrow_words", 6, {{1, data_words}}},
               {"store_words", 3, {{1, data_words}}}}}},
            {},
            {{"gmem_index",
              0,
              16,
              0,
              0,
              {{"descriptors", descriptor_words, false, true},
               {"results", one, true, true},
               {"scales", table_reads, false, false}}},
             {"gmem_data", 0, 0, 64, 8, {{"data", data_words, true, true}}},
             {"gmem_masks", 64, 4, 0, 0, {{"masks", mask_words, false, true}}},
             {"gmem_values", 64, 8, 0, 0, {{"values", value_words, false, true}}}}};
}

kernel maximum() {
    return {"jpegact_maximum",
            {"descriptors", "results", "data", "scales", "descriptor_count", "data_words", "scales_words"},
            {{"maximum_region",
              {kLoadData,
               kStepScales,
               {"gather_indices", 3, {{1, scale_steps}}},
               kWiden,
               {"find_maxima", 10, {{1, parts}}},
               {"update_table", 8, {{1, updates}}}}},
             {"table_region", {{"emit_table", 30, {{1, emitted}}}, {"store_words", 3, {{1, emitted_words}}}}}},
            {{1, table_entries}},
            {{"gmem_index",
              0,
              16,
              64,
              0,
              {{"descriptors", descriptor_words, false, true},
               {"results", one, true, true},
               {"scales", emitted_words, true, true}}},
             {"gmem_data", 64, 8, 0, 0, {{"data", data_words, false, true}}}}};
}

}  // namespace

const std::vector<kernel>& kernels() {
    static const std::vector<kernel> all = {encode(), decode(), maximum()};
    return all;
}

const kernel* find_kernel(const char* name) {
    for (const kernel& each : kernels()) {
        if (std::strcmp(each.name, name) == 0) {
            return &each;
        }
    }
    return nullptr;
}

}  // namespace model
