// hls::stream for threaded C simulation: FIFOs block at their declared depth. Include hls_stream.h, not this file.
#ifndef JPEGACT_STANDIN_HLS_STREAM_THREADED_H
#define JPEGACT_STANDIN_HLS_STREAM_THREADED_H

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hls {

// Every process of a region waits for another: the depths are too small or the processes disagree on counts.
struct deadlock : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline std::atomic<unsigned long long>& leftover_items() {
    static std::atomic<unsigned long long> count{0};
    return count;
}

// When not 0, replaces every declared depth: lets a test prove that it would notice a FIFO that is too shallow.
inline std::atomic<size_t>& forced_depth() {
    static std::atomic<size_t> depth{0};
    return depth;
}

// Depths by FIFO name: those declared, noted as FIFOs are made, and those that `make fifo-depths` puts in their place.
class depth_table {
  public:
    static depth_table& instance() {
        static depth_table table;
        return table;
    }

    // Notes a declared depth and gives the one to use.
    size_t note(const std::string& name, size_t declared) {
        const std::lock_guard<std::mutex> hold(lock_);
        declared_[name] = declared;
        const auto forced = forced_.find(name);
        return forced == forced_.end() ? declared : forced->second;
    }
    void force(const std::string& name, size_t depth) {
        const std::lock_guard<std::mutex> hold(lock_);
        forced_[name] = depth;
    }
    void clear() {
        const std::lock_guard<std::mutex> hold(lock_);
        declared_.clear();
        forced_.clear();
    }
    std::map<std::string, size_t> declared() {
        const std::lock_guard<std::mutex> hold(lock_);
        return declared_;
    }

  private:
    std::mutex lock_;
    std::map<std::string, size_t> declared_;
    std::map<std::string, size_t> forced_;
};

// One run of a dataflow region: its processes as threads, and the lock its FIFOs share.
// Deadlock is found exactly: each process that finds its FIFO unready counts itself once after each change of any FIFO;
// when all live processes have done so, nothing can ever change again. A process that neither finishes nor touches a
// FIFO is caught by the time limit.
class region {
  public:
    region() : outer_(current()) { current() = this; }
    region(const region&) = delete;
    region& operator=(const region&) = delete;
    ~region() {
        finish();
        current() = outer_;
    }

    // The region whose FIFOs are being made by this thread.
    static region*& current() {
        static thread_local region* value = nullptr;
        return value;
    }

    // Adds a process. They all start in run(), so that none is missed in the count of live ones.
    void add(std::function<void()> process) { processes_.push_back(std::move(process)); }

    // Runs the processes to their ends; throws the first error of any of them.
    void run() {
        live_ = processes_.size();
        for (auto& process : processes_) {
            threads_.emplace_back([this, &process] { guard(process); });
        }
        finish();
        if (error_) {
            std::rethrow_exception(error_);
        }
    }

    // Waits under the region's lock until ready() holds. Throws deadlock.
    template <class Ready>
    void wait(std::unique_lock<std::mutex>& lock, Ready ready, const char* what, const char* name) {
        unsigned long long counted = epoch_ - 1;
        while (!ready()) {
            if (error_) {
                throw deadlock("stopped: another process failed");
            }
            if (counted != epoch_) {
                counted = epoch_;
                stalled_++;
            }
            if (stalled_ == live_) {
                stop(std::string("deadlock: ") + what + " " + name);
            }
            const unsigned long long before = epoch_;
            if (changed_.wait_for(lock, kTimeLimit) == std::cv_status::timeout && before == epoch_ && !ready()) {
                stop(std::string("no progress within the time limit: ") + what + " " + name);
            }
        }
    }
    // To be called under the lock whenever a FIFO changed.
    void note_change() {
        epoch_++;
        stalled_ = 0;
        changed_.notify_all();
    }
    std::mutex& lock() { return lock_; }

  private:
    static constexpr std::chrono::seconds kTimeLimit{30};

    [[noreturn]] void stop(const std::string& reason) {
        const deadlock failure(reason);
        if (!error_) {
            error_ = std::make_exception_ptr(failure);
        }
        changed_.notify_all();
        throw failure;
    }
    void guard(const std::function<void()>& process) {
        std::exception_ptr failure;
        try {
            process();
        } catch (...) {
            failure = std::current_exception();
        }
        std::unique_lock<std::mutex> hold(lock_);
        if (failure && !error_) {
            error_ = failure;
        }
        live_--;
        // The rest may now all be waiting: count them afresh.
        note_change();
    }
    void finish() {
        for (auto& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

    region* outer_;
    std::mutex lock_;
    std::condition_variable changed_;
    std::vector<std::function<void()>> processes_;
    std::vector<std::thread> threads_;
    size_t live_ = 0;
    size_t stalled_ = 0;
    unsigned long long epoch_ = 1;
    std::exception_ptr error_;
};

template <class T, int DEPTH = 0>
class stream;

// A FIFO of the region that is current in the thread that makes it.
template <class T>
class stream<T, 0> {
  public:
    explicit stream(const char* name = "unnamed", size_t depth = 2)
        : name_(name), depth_(depth_table::instance().note(name, depth)), region_(region::current()) {
        if (forced_depth() != 0) {
            depth_ = forced_depth();
        }
        if (region_ == nullptr) {
            throw std::logic_error(std::string("a threaded stream outside of a region: ") + name);
        }
    }
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    ~stream() { leftover_items() += items_.size(); }

    void write(const T& item) {
        std::unique_lock<std::mutex> hold(region_->lock());
        region_->wait(hold, [this] { return items_.size() < depth_; }, "write to full", name_);
        items_.push_back(item);
        region_->note_change();
    }
    T read() {
        std::unique_lock<std::mutex> hold(region_->lock());
        region_->wait(hold, [this] { return !items_.empty(); }, "read of empty", name_);
        const T item = items_.front();
        items_.pop_front();
        region_->note_change();
        return item;
    }
    void read(T& item) { item = read(); }

  private:
    const char* name_;
    size_t depth_;
    region* region_;
    std::deque<T> items_;
};

}  // namespace hls

#endif
