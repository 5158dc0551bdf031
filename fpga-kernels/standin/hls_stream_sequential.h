// hls::stream for sequential C simulation: unbounded, single-threaded, fast. Include hls_stream.h, not this file.
#ifndef JPEGACT_STANDIN_HLS_STREAM_SEQUENTIAL_H
#define JPEGACT_STANDIN_HLS_STREAM_SEQUENTIAL_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace hls {

// Items that were left in FIFOs when they were destroyed, since the program started. Hardware would hand them to the
// next launch, so tests require 0.
inline std::atomic<unsigned long long>& leftover_items() {
    static std::atomic<unsigned long long> count{0};
    return count;
}

namespace detail {

struct aligned_delete {
    void operator()(unsigned char* bytes) const { ::operator delete(bytes, std::align_val_t(64)); }
};

// Memory of one FIFO.
struct fifo_memory {
    std::unique_ptr<unsigned char, aligned_delete> bytes;
    size_t size = 0;

    static fifo_memory allocate(size_t size) {
        fifo_memory memory;
        memory.bytes.reset(static_cast<unsigned char*>(::operator new(size, std::align_val_t(64))));
        memory.size = size;
        return memory;
    }
};

// FIFO memory kept by a thread between launches, so that a launch does not pay for page faults. It is a stack: FIFOs
// are destroyed in the reverse order of their creation, so the next launch hands each its own memory back.
inline std::vector<fifo_memory>& spare_memory() {
    static thread_local std::vector<fifo_memory> spare;
    return spare;
}

}  // namespace detail

template <class T, int DEPTH = 0>
class stream;

// Not safe for use by several threads; different streams may be used by different threads.
template <class T>
class stream<T, 0> {
    static_assert(std::is_trivially_copyable_v<T>, "a FIFO in hardware holds plain bits");

  public:
    explicit stream(const char* name = "unnamed", size_t /*depth*/ = 2) : name_(name) {
        auto& spare = detail::spare_memory();
        if (spare.empty()) {
            use(detail::fifo_memory::allocate(kFirstItems * sizeof(T)));
        } else {
            use(std::move(spare.back()));
            spare.pop_back();
        }
    }
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    ~stream() {
        leftover_items() += written_ - read_;
        detail::spare_memory().push_back(std::move(memory_));
    }

    void write(const T& item) {
        if (__builtin_expect(written_ == capacity_, 0)) {
            make_room();
        }
        items_[written_++] = item;
    }
    T read() {
        if (__builtin_expect(read_ == written_, 0)) {
            throw std::runtime_error("read of an empty stream: " + std::string(name_));
        }
        return items_[read_++];
    }
    void read(T& item) { item = read(); }
    bool empty() const { return read_ == written_; }
    size_t size() const { return written_ - read_; }

  private:
    static constexpr size_t kFirstItems = 256;

    void use(detail::fifo_memory memory) {
        memory_ = std::move(memory);
        items_ = reinterpret_cast<T*>(memory_.bytes.get());
        capacity_ = memory_.size / sizeof(T);
    }

    // Starts over when everything has been read, else moves to a block of twice the size.
    void make_room() {
        if (read_ == written_ && written_ != 0) {
            read_ = written_ = 0;
            return;
        }
        const size_t doubled = memory_.size * 2;
        const size_t least = kFirstItems * sizeof(T);
        detail::fifo_memory larger = detail::fifo_memory::allocate(doubled > least ? doubled : least);
        T* items = reinterpret_cast<T*>(larger.bytes.get());
        for (size_t i = read_; i < written_; i++) {
            items[i - read_] = items_[i];
        }
        written_ -= read_;
        read_ = 0;
        use(std::move(larger));
    }

    const char* name_;
    detail::fifo_memory memory_;
    T* items_ = nullptr;
    size_t capacity_ = 0;
    size_t read_ = 0;
    size_t written_ = 0;
};

}  // namespace hls

#endif
