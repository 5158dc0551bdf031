#include "completion_queue.hpp"

#include <chrono>

namespace jpegact::card {

void CompletionQueue::post() {
    {
        const std::lock_guard lock(mutex_);
        ++pending_;
    }
    posted_.notify_one();
}

int CompletionQueue::wait(int milliseconds) {
    const std::chrono::milliseconds limit =
        milliseconds < 0 ? std::chrono::hours(1) : std::chrono::milliseconds(milliseconds);
    std::unique_lock lock(mutex_);
    if (!posted_.wait_for(lock, limit, [this] { return pending_ > 0; })) {
        return 0;
    }
    --pending_;
    return 1;
}

}  // namespace jpegact::card
