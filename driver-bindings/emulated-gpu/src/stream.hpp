// Streams and events: what is put on a stream runs in order, on the stream's own CPU thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace jpegact::gpu {

/// Shared by an event's handle and the work that waits for it.
class EventState {
  public:
    /// Announces a recording that is under way; gives its number.
    std::uint64_t announce();
    void complete(std::uint64_t number);
    bool is_complete() const;
    void wait(std::uint64_t number) const;
    void wait() const;
    std::uint64_t announced() const;
    std::chrono::steady_clock::time_point time() const;

  private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::uint64_t announced_ = 0;
    std::uint64_t completed_ = 0;
    std::chrono::steady_clock::time_point time_;
};

class Stream {
  public:
    Stream();
    ~Stream();  // waits for what was put on it
    void put(std::function<void()> work);
    void synchronise();
    bool is_idle() const;

  private:
    void run();

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> work_;
    bool running_ = false;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace jpegact::gpu
