#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace jpegact::card {

/// Counts completions for xclExecWait, which has the meaning of poll(2): each return of 1 consumes one completion.
class CompletionQueue {
  public:
    void post();

    /// Returns 1 after a completion, 0 after `milliseconds` without one. Negative: one hour, never without a limit.
    int wait(int milliseconds);

  private:
    std::mutex mutex_;
    std::condition_variable posted_;
    std::uint64_t pending_ = 0;
};

}  // namespace jpegact::card
