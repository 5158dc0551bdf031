// How much of everything one descriptor makes a kernel do, in the units that stages count in.
#ifndef JPEGACT_MODEL_WORK_HPP
#define JPEGACT_MODEL_WORK_HPP

#include <cstdint>

namespace model {

// A descriptor's fields as the model needs them, and the value bytes that came of it.
struct job {
    uint32_t method = 1;        // jpegact::kMethod...
    uint32_t element_type = 1;  // jpegact::kType...
    uint64_t block_count = 0;
    uint64_t blocks_per_row = 1;
    uint64_t first_column = 0;
    uint64_t positions_per_scale = 1;
    uint64_t first_position = 0;
    uint64_t scale_count = 1;
    uint64_t value_bytes = 0;
    bool writes_scales = false;  // maximum
    bool continues = false;      // maximum
};

struct work {
    uint64_t blocks;
    uint64_t data_words;
    uint64_t mask_words;
    uint64_t masks;  // masks made or read: blocks, or 0
    uint64_t value_words;
    uint64_t offset_entries;
    uint64_t offset_words;
    uint64_t scale_steps;    // rows of rows of blocks, or runs of elements
    uint64_t scale_sets;     // rows of blocks, or runs
    uint64_t updates;        // maximum: rows of sets that go into the table, 8 of a set with more than one scale
    uint64_t table_reads;    // words of the scale table that are fetched
    uint64_t parts;          // steps of the stages that take half a block at a time
    uint64_t table_entries;  // maximum: entries cleared
    uint64_t emitted;        // maximum: entries emitted, over all its tables
    uint64_t emitted_words;
};

work work_of(const job& job);

}  // namespace model

#endif
