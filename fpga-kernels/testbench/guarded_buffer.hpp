// Memory for a kernel's port that notices every access outside of it.
#ifndef JPEGACT_TESTBENCH_GUARDED_BUFFER_HPP
#define JPEGACT_TESTBENCH_GUARDED_BUFFER_HPP

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "jpegact/types.hpp"

namespace testbench {

// `words` memory words that end where an inaccessible page begins (so an overrun, reading or writing, is a fault) and
// that start after canary words. The words themselves start as canaries too, to show which were written.
class guarded_buffer {
  public:
    static constexpr uint8_t kCanary = 0xA7;

    explicit guarded_buffer(size_t words) : size_(words * jpegact::kWordBytes) {
        const size_t data_pages = (size_ + kPage - 1) / kPage + 1;
        mapped_ = (data_pages + 1) * kPage;
        void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED ||
            mprotect(static_cast<uint8_t*>(memory) + data_pages * kPage, kPage, PROT_NONE) != 0) {
            throw std::runtime_error("cannot map a guarded buffer");
        }
        base_ = static_cast<uint8_t*>(memory);
        std::memset(base_, kCanary, data_pages * kPage);
        data_ = base_ + data_pages * kPage - size_;
    }
    guarded_buffer(const guarded_buffer&) = delete;
    guarded_buffer& operator=(const guarded_buffer&) = delete;
    ~guarded_buffer() { munmap(base_, mapped_); }

    // A buffer that holds `bytes`, a whole number of words.
    explicit guarded_buffer(const std::vector<uint8_t>& bytes) : guarded_buffer(bytes.size() / jpegact::kWordBytes) {
        if (!bytes.empty()) {
            std::memcpy(data_, bytes.data(), bytes.size());
        }
    }

    jpegact::word_t* words() { return reinterpret_cast<jpegact::word_t*>(data_); }
    const uint8_t* bytes() const { return data_; }
    size_t size() const { return size_; }

    // Whether everything before the buffer is as it was made.
    bool is_untouched_before() const { return all_canaries(base_, data_); }

  private:
    static constexpr size_t kPage = 4096;

    static bool all_canaries(const uint8_t* from, const uint8_t* to) {
        for (; from != to; from++) {
            if (*from != kCanary) {
                return false;
            }
        }
        return true;
    }

    size_t size_;
    size_t mapped_ = 0;
    uint8_t* base_ = nullptr;
    uint8_t* data_ = nullptr;
};

}  // namespace testbench

#endif
