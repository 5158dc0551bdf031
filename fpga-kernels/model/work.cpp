#include "work.hpp"

#include "jpegact/constants.hpp"

namespace model {
namespace {

using namespace jpegact;

uint64_t divide_up(uint64_t items, uint64_t per) { return (items + per - 1) / per; }

}  // namespace

work work_of(const job& job) {
    const bool squares = job.method == kMethodJpegAct;
    const bool integers = job.element_type == kTypeInt8;
    const bool scaled = job.method != kMethodBrc && !integers;
    const uint64_t words_a_block = job.element_type == kTypeFloat32 ? 4 : integers ? 1 : 2;
    const uint64_t elements = job.block_count * kBlockValues;
    constexpr uint64_t kHalf = kBlockValues / 2, kEntriesAWord = kWordBytes / 4;

    work work = {};
    work.blocks = job.block_count;
    work.data_words = job.block_count * words_a_block;
    work.masks = job.method == kMethodSfpr ? 0 : job.block_count;
    work.mask_words = divide_up(work.masks, kWordBytes / 8);
    work.value_words = divide_up(job.value_bytes, kWordBytes);
    work.offset_entries = divide_up(job.block_count, kTileBlocks) + 1;
    work.offset_words = divide_up(work.offset_entries, kEntriesAWord);
    work.parts = integers ? job.block_count : 2 * job.block_count;
    if (scaled) {
        work.scale_sets = squares ? divide_up(job.first_column + job.block_count, job.blocks_per_row)
                                  : divide_up(job.first_position + elements, job.positions_per_scale);
        work.scale_steps = squares ? work.scale_sets * kBlockSide : work.scale_sets;
        // Entered once at the start, and once for every 16 scales passed where the table has more than one word.
        const uint64_t passed =
            squares ? (job.first_position + work.scale_steps) / job.positions_per_scale : work.scale_sets;
        work.table_reads = 1 + (job.scale_count > kEntriesAWord ? passed / kEntriesAWord : 0);
        // A run that ends within a half costs one more step.
        work.parts += !squares && job.positions_per_scale % kHalf != 0 ? work.scale_sets - 1 : 0;
        // Rows of blocks in which one plane ends and another begins, unless planes end where rows of blocks do.
        const bool aligned = job.positions_per_scale % kBlockSide == 0 && job.first_position % kBlockSide == 0;
        const uint64_t mixed = squares && !aligned ? (passed < work.scale_sets ? passed : work.scale_sets) : 0;
        work.updates = work.scale_sets + (kBlockSide - 1) * mixed;
        work.table_entries = job.continues ? 0 : job.scale_count;
        const uint64_t tables = job.writes_scales ? 3 : 1;
        work.emitted = tables * job.scale_count;
        work.emitted_words = tables * divide_up(job.scale_count, kEntriesAWord);
    }
    return work;
}

}  // namespace model
