// hls::stream for C simulation in one thread. Include hls_stream.h, not this file.
//
// The processes of a region are fibers: each runs until its FIFO is full or empty, then the next one does. FIFOs hold
// some ten kilobytes whatever their declared depth, so that the whole pipeline works within the CPU's caches, and a
// launch of any length takes the same memory.
#ifndef JPEGACT_STANDIN_HLS_STREAM_COOPERATIVE_H
#define JPEGACT_STANDIN_HLS_STREAM_COOPERATIVE_H

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "fiber.h"

namespace hls {

// Every process of a region waits for another, so that nothing can ever change again.
struct deadlock : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Items that were left in FIFOs when they were destroyed, since the program started. Hardware would hand them to the
// next launch, so tests require 0.
inline std::atomic<unsigned long long>& leftover_items() {
    static std::atomic<unsigned long long> count{0};
    return count;
}

namespace detail {

// The state of a FIFO that scheduling needs.
struct channel {
    const char* name;
    size_t capacity;
    size_t read = 0;     // items read so far
    size_t written = 0;  // items written so far
    bool can_read() const { return read != written; }
    bool can_write() const { return written - read != capacity; }
};

// What a process waits for.
struct waiting {
    const channel* on = nullptr;
    bool to_write = false;
    bool is_over() const { return on == nullptr || (to_write ? on->can_write() : on->can_read()); }
};

// Thrown through the processes of a region that has failed, so that their stacks unwind.
struct cancelled {};

}  // namespace detail

// One run of a dataflow region.
class region {
  public:
    region() : outer_(current()) { current() = this; }
    region(const region&) = delete;
    region& operator=(const region&) = delete;
    ~region() {
        for (auto& each : processes_) {
            detail::spare_fibers().push_back(std::move(each.fiber));
        }
        current() = outer_;
    }

    // The region that this thread is in, or null.
    static region*& current() {
        static thread_local region* value = nullptr;
        return value;
    }

    void add(std::function<void()> body) {
        processes_.push_back({detail::take_fiber(), {}});
        processes_.back().fiber->set_body([this, body = std::move(body)] {
            try {
                if (!error_) {
                    body();
                }
            } catch (const detail::cancelled&) {
                // The first error is what counts.
            } catch (...) {
                error_ = error_ ? error_ : std::current_exception();
            }
        });
    }

    // Runs the processes to their ends; throws the first error of any of them, deadlock included.
    void run() {
        for (bool any_live = true; any_live;) {
            any_live = false;
            bool any_ran = false;
            for (auto& each : processes_) {
                if (each.fiber->is_done()) {
                    continue;
                }
                any_live = true;
                if (error_ || each.waiting.is_over()) {
                    any_ran = true;
                    running_ = &each;
                    each.fiber->resume();
                }
            }
            if (any_live && !any_ran) {
                error_ = std::make_exception_ptr(deadlock(describe_deadlock()));
            }
        }
        running_ = nullptr;
        if (error_) {
            std::rethrow_exception(error_);
        }
    }

    // Pauses the running process until the FIFO is ready.
    void wait(const detail::channel& on, bool to_write) {
        if (running_ == nullptr) {
            throw std::logic_error(std::string("a stream used outside of the processes of its region: ") + on.name);
        }
        running_->waiting = {&on, to_write};
        running_->fiber->pause();
        if (error_) {
            throw detail::cancelled();
        }
        running_->waiting = {};
    }

  private:
    struct process {
        std::unique_ptr<detail::fiber> fiber;
        detail::waiting waiting;
    };

    std::string describe_deadlock() const {
        std::string text = "deadlock:";
        for (const auto& each : processes_) {
            if (!each.fiber->is_done()) {
                text += std::string(each.waiting.to_write ? " write to full " : " read of empty ") +
                        each.waiting.on->name + ";";
            }
        }
        return text;
    }

    region* outer_;
    std::vector<process> processes_;
    process* running_ = nullptr;
    std::exception_ptr error_;
};

namespace detail {

struct aligned_delete {
    void operator()(unsigned char* bytes) const { ::operator delete(bytes, std::align_val_t(64)); }
};
using fifo_memory = std::unique_ptr<unsigned char, aligned_delete>;

constexpr size_t kFifoBytes = 16 * 1024;

// FIFO memory kept by a thread between launches, all pieces of one size.
inline std::vector<fifo_memory>& spare_memory() {
    static thread_local std::vector<fifo_memory> spare;
    return spare;
}

inline fifo_memory take_memory() {
    auto& spare = spare_memory();
    if (spare.empty()) {
        return fifo_memory(static_cast<unsigned char*>(::operator new(kFifoBytes, std::align_val_t(64))));
    }
    fifo_memory taken = std::move(spare.back());
    spare.pop_back();
    return taken;
}

// The largest power of 2 of items that fit.
constexpr size_t items_in(size_t bytes, size_t item) {
    size_t count = 1;
    while (2 * count * item <= bytes) {
        count *= 2;
    }
    return count;
}

}  // namespace detail

template <class T, int DEPTH = 0>
class stream;

// A FIFO between two processes of the region that is current in the thread that makes it.
template <class T>
class stream<T, 0> {
    static_assert(sizeof(T) <= detail::kFifoBytes, "an item fits the FIFO");
    static_assert(alignof(T) <= 64, "an item fits the memory's alignment");

  public:
    explicit stream(const char* name = "unnamed", size_t /*depth*/ = 2)
        : region_(region::current()),
          channel_{name, kItems},
          memory_(detail::take_memory()),
          items_(reinterpret_cast<T*>(memory_.get())) {
        // No work for the stand-in's numbers; the vendor's have constructors and destructors.
        std::uninitialized_default_construct_n(items_, kItems);
    }
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    ~stream() {
        leftover_items() += channel_.written - channel_.read;
        std::destroy_n(items_, kItems);
        detail::spare_memory().push_back(std::move(memory_));
    }

    void write(const T& item) {
        if (__builtin_expect(!channel_.can_write(), 0)) {
            wait(true);
        }
        items_[channel_.written++ % kItems] = item;
    }
    T read() {
        if (__builtin_expect(!channel_.can_read(), 0)) {
            wait(false);
        }
        return items_[channel_.read++ % kItems];
    }
    void read(T& item) { item = read(); }
    bool empty() const { return !channel_.can_read(); }
    size_t size() const { return channel_.written - channel_.read; }

  private:
    static constexpr size_t kItems = detail::items_in(detail::kFifoBytes, sizeof(T));

    __attribute__((noinline)) void wait(bool to_write) {
        if (region_ == nullptr) {
            throw std::logic_error(std::string(to_write ? "write to full " : "read of empty ") + channel_.name +
                                   " outside of a region");
        }
        region_->wait(channel_, to_write);
    }

    region* region_;
    detail::channel channel_;
    detail::fifo_memory memory_;
    T* items_;
};

}  // namespace hls

#endif
