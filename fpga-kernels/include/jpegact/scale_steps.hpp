// Stages: which scale each part of the blocks needs, in order, and the scales themselves.
#ifndef JPEGACT_SCALE_STEPS_HPP
#define JPEGACT_SCALE_STEPS_HPP

#include <hls_stream.h>

#include "jpegact/descriptor.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// Where the next scale is needed.
struct scale_cursor {
    uint64_t position;  // within the scale: a row of the plane (squares), or an element
    uint32_t scale;
    uint32_t column;  // block column (squares)
    uint32_t row;     // of the row of blocks, 0 .. 7 (squares)
    uint32_t left;    // elements
};

struct cursor_step {
    scale_cursor next;
    scale_step out;
};

// One step. Squares: one row of a row of blocks; the last of its 8 says for how many elements the set of them holds.
// Otherwise: one run of elements that share a scale. Indices wrap after the last scale. No division, nothing wraps:
// position < positions_per_scale, column < blocks_per_row, scale < scale_count hold from step to step.
inline cursor_step advance(const scale_cursor& at, const geometry& where, bool squares) {
#pragma HLS INLINE
    const uint64_t rest = where.positions_per_scale - at.position;
    const uint32_t columns = where.blocks_per_row - at.column;
    const uint32_t blocks = at.left / kBlockValues;
    const bool last_row = at.row == kBlockSide - 1;
    const uint32_t of_row = (columns < blocks ? columns : blocks) * kBlockValues;
    const uint32_t of_run = rest < at.left ? uint32_t(rest) : at.left;
    const bool to_next = squares ? rest == 1 : true;
    const uint32_t following = at.scale + 1 == where.scale_count ? 0 : at.scale + 1;

    cursor_step step;
    step.out.scale = at.scale;
    step.out.length = squares ? (last_row ? of_row : 0) : of_run;
    step.next.position = to_next ? 0 : at.position + 1;
    step.next.scale = to_next ? following : at.scale;
    step.next.column = squares && last_row ? 0 : at.column;
    step.next.row = squares && !last_row ? at.row + 1 : 0;
    step.next.left = at.left - step.out.length;
    step.out.other_word = at.scale / kFloatsPerWord != step.next.scale / kFloatsPerWord;
    return step;
}

// Steps over `elements` (none where no scales are used). One step a cycle: 8 cycles a row of blocks, or one a run. Rows
// past the tensor's last step on like others: their values are zero whatever their scale.
inline void step_scales(geometry where, bool squares, uint32_t elements, hls::stream<scale_step>& steps) {
    scale_cursor at = {where.first_position, where.first_scale, where.first_column, 0, elements};
    bool other_word = true;
    while (at.left != 0) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 65536
        cursor_step step = advance(at, where, squares);
        const bool leaves_word = step.out.other_word;
        step.out.other_word = other_word;
        steps.write(step.out);
        other_word = leaves_word;
        at = step.next;
    }
}

// A set while it is gathered.
struct gathered_set {
    scale_set set;
    uint32_t row;
};

// One step: squares gather 8 rows, otherwise one value serves all 8.
inline gathered_set gather(const gathered_set& so_far, uint32_t value, uint32_t length, bool squares) {
#pragma HLS INLINE
    gathered_set next = so_far;
    for (uint32_t row = 0; row < kBlockSide; row++) {
#pragma HLS UNROLL
        next.set.row[row] = !squares || row == so_far.row ? value : so_far.set.row[row];
    }
    next.set.length = length;
    next.row = squares && length == 0 ? so_far.row + 1 : 0;
    return next;
}

// Steps to sets of scales. A word of the table is read only where the steps enter it; which one does not depend on what
// was read, so reads overlap. `scale_sum` is the sum of the scales' bit patterns.
inline void fetch_scales(const word_t* table, uint64_t first, uint32_t elements, bool squares,
                         hls::stream<scale_step>& steps, hls::stream<scale_set>& sets, uint64_t& scale_sum) {
    word_t held = 0;
    gathered_set gathered = {{{0, 0, 0, 0, 0, 0, 0, 0}, 0}, 0};
    uint64_t sum = 0;
    for (uint32_t covered = 0; covered != elements; covered += gathered.set.length) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 65536
        const scale_step step = steps.read();
        if (step.other_word) {
            held = table[first + step.scale / kFloatsPerWord];
        }
        uint32_t bits = 0;
        for (int lane = 0; lane < kFloatsPerWord; lane++) {
#pragma HLS UNROLL
            bits |= step.scale % kFloatsPerWord == uint32_t(lane) ? lane32(held, lane) : 0;
        }
        sum += bits;
        gathered = gather(gathered, bits, step.length, squares);
        if (step.length != 0) {
            sets.write(gathered.set);
        }
    }
    scale_sum = sum;
}

// Steps to sets of scale indices.
inline void gather_indices(uint32_t elements, bool squares, hls::stream<scale_step>& steps,
                           hls::stream<scale_set>& sets) {
    gathered_set gathered = {{{0, 0, 0, 0, 0, 0, 0, 0}, 0}, 0};
    for (uint32_t covered = 0; covered != elements; covered += gathered.set.length) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 65536
        const scale_step step = steps.read();
        gathered = gather(gathered, step.scale, step.length, squares);
        if (step.length != 0) {
            sets.write(gathered.set);
        }
    }
}

// Walks lanes of half blocks along with the sets: each step takes the lanes of the current half that the current set
// covers, all of them unless a run of elements ends within.
class lane_walk {
  public:
    explicit lane_walk(bool scaled) : scaled_(scaled), left_(0), at_(0), taken_(kHalfLanes) {}

    bool needs_half() const { return at_.to_uint() == 0; }
    bool needs_set() const { return scaled_ && left_ == 0; }
    void use(const scale_set& set) { left_ = set.length; }

    // Decides what this step takes.
    void begin() {
#pragma HLS INLINE
        const uint32_t lanes = kHalfLanes - at_.to_uint();
        taken_ = lanes_t(scaled_ && left_ < lanes ? left_ : lanes);
    }
    uint8_t first_lane() const { return uint8_t(at_.to_uint()); }
    uint8_t lane_count() const { return uint8_t(taken_.to_uint()); }
    // Moves on; whether the half is done.
    bool end() {
#pragma HLS INLINE
        const uint32_t after = at_.to_uint() + taken_.to_uint();
        left_ = scaled_ ? left_ - taken_.to_uint() : 0;
        at_ = lanes_t(after == kHalfLanes ? 0 : after);
        return after == kHalfLanes;
    }
    bool set_is_done() const { return left_ == 0; }

  private:
    bool scaled_;
    uint32_t left_;
    lanes_t at_;
    lanes_t taken_;
};

}  // namespace jpegact

#endif
