#include "stream.hpp"

namespace jpegact::gpu {

std::uint64_t EventState::announce() {
    const std::lock_guard lock(mutex_);
    return ++announced_;
}

void EventState::complete(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    completed_ = std::max(completed_, number);
    time_ = std::chrono::steady_clock::now();
    changed_.notify_all();
}

bool EventState::is_complete() const {
    const std::lock_guard lock(mutex_);
    return completed_ >= announced_;
}

void EventState::wait(std::uint64_t number) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return completed_ >= number; });
}

void EventState::wait() const { wait(announced()); }

std::uint64_t EventState::announced() const {
    const std::lock_guard lock(mutex_);
    return announced_;
}

std::chrono::steady_clock::time_point EventState::time() const {
    const std::lock_guard lock(mutex_);
    return time_;
}

Stream::Stream() : thread_(&Stream::run, this) {}

Stream::~Stream() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Stream::put(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
    }
    changed_.notify_all();
}

void Stream::synchronise() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return work_.empty() && !running_; });
}

bool Stream::is_idle() const {
    const std::lock_guard lock(mutex_);
    return work_.empty() && !running_;
}

void Stream::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return closed_ || !work_.empty(); });
        if (work_.empty()) {
            return;
        }
        std::function<void()> next = std::move(work_.front());
        work_.pop_front();
        running_ = true;
        lock.unlock();
        next();
        next = nullptr;
        lock.lock();
        running_ = false;
        changed_.notify_all();
    }
}

}  // namespace jpegact::gpu
