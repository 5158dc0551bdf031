// Stage (decode): the packed values to one window of 64 bytes a block, its first value at the bottom.
#ifndef JPEGACT_ALIGN_HPP
#define JPEGACT_ALIGN_HPP

#include <hls_stream.h>

#include "jpegact/networks.hpp"
#include "jpegact/types.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// Takes the value words of a descriptor one by one, and sums them. Bytes from `value_bytes` on are zero, whatever the masks ask for and
// whatever the last word holds, and no word is read beyond it.
class value_reader {
  public:
    explicit value_reader(uint32_t value_bytes) : left_(value_bytes), sum_(0) {}

    byte_lanes next(hls::stream<word_t>& words) {
#pragma HLS INLINE
        byte_lanes bytes = no_bytes();
        if (left_ != 0) {
            bytes = to_bytes(words.read());
            if (left_ < kWordBytes) {
                bytes = splice(bytes, no_bytes(), position_t(left_));
                left_ = 0;
            } else {
                left_ -= kWordBytes;
            }
            sum_ += sum_of_lanes(to_word(bytes));
        }
        return bytes;
    }

    bool at_end() const { return left_ == 0; }
    uint64_t sum() const { return sum_; }

  private:
    uint32_t left_;
    uint64_t sum_;
};

// Two words and a byte position in the lower one. The window moves by whole words; the rotation of a block's bytes is
// feed-forward, so the recurrence is the 6-bit position and a word-wide choice.
struct value_window {
    byte_lanes low;
    byte_lanes high;
    position_t position;
};

// One step's output: the 64 bytes from the position on.
inline byte_lanes look(const value_window& window) {
#pragma HLS PIPELINE II = 1
    const byte_lanes merged = splice(window.high, window.low, window.position);
    return rotate_up(merged, position_t(kWordBytes - int(window.position.to_uint())));
}

inline void align_values(hls::stream<word_t>& words, uint32_t value_bytes, hls::stream<block_mask>& masks,
                         uint32_t block_count, hls::stream<masked_window>& windows, uint64_t& read_sum) {
    value_reader reader(value_bytes);
    value_window window;
    window.low = reader.next(words);
    window.high = reader.next(words);
    window.position = 0;
    for (uint32_t b = 0; b < block_count; b++) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 16384
        const block_mask block = masks.read();
        const masked_window out = {look(window), block.mask};
        windows.write(out);
        const ap_uint<7> end = ap_uint<7>(window.position + block.length);  // at most 63 + 64
        if (end[6]) {
            window.low = window.high;
            window.high = reader.next(words);
        }
        window.position = position_t(end.range(5, 0));
    }
    // Masks that name fewer bytes than there are: the words must still leave the FIFO.
    while (!reader.at_end()) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 16384
        reader.next(words);
    }
    read_sum = reader.sum();
}

}  // namespace jpegact

#endif
