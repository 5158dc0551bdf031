// The result word of a descriptor.
#ifndef JPEGACT_RESULT_HPP
#define JPEGACT_RESULT_HPP

#include "jpegact/types.hpp"
#include "jpegact/words.hpp"

namespace jpegact {

// What a kernel reports on a descriptor; fields as in docs/kernels.md.
struct descriptor_result {
    uint32_t status;
    uint32_t block_count;
    uint32_t index;
    uint64_t value_bytes;
    uint64_t first_word;
    uint64_t mask_sum;
    uint64_t written_sum;
    uint64_t read_sum;
    uint64_t descriptor_sum;
};

// The result of a descriptor that is not carried out.
inline descriptor_result refusal(uint32_t status, uint32_t block_count, uint32_t index, uint64_t descriptor_sum) {
#pragma HLS INLINE
    return {status, block_count, index, 0, 0, 0, 0, 0, descriptor_sum};
}

inline word_t pack_result(const descriptor_result& result) {
#pragma HLS INLINE
    using namespace result_field;
    word_t word = 0;
    set_lane64(word, kVersion.lane, kLayoutVersion | uint64_t(result.status) << kStatus.low);
    set_lane64(word, kValueBytes.lane, result.value_bytes);
    set_lane64(word, kFirstWord.lane, result.first_word);
    set_lane64(word, kBlockCount.lane, result.block_count | uint64_t(result.index) << kIndex.low);
    set_lane64(word, kMaskSum.lane, result.mask_sum);
    set_lane64(word, kWrittenSum.lane, result.written_sum);
    set_lane64(word, kReadSum.lane, result.read_sum);
    set_lane64(word, kDescriptorSum.lane, result.descriptor_sum);
    return word;
}

}  // namespace jpegact

#endif
