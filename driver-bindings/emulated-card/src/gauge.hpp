#pragma once

#include <atomic>
#include <cstdint>

namespace jpegact::card {

/// How many of something go on at once, and the most so far. Counts only once somebody has looked at it, so that what
/// nobody watches costs nothing. Thread-safe.
class Gauge {
  public:
    /// Counts as one for as long as it lives.
    class Scope {
      public:
        explicit Scope(Gauge& gauge) : gauge_(gauge.watched_.load(std::memory_order_relaxed) ? &gauge : nullptr) {
            if (gauge_ != nullptr) {
                gauge_->enter();
            }
        }
        ~Scope() {
            if (gauge_ != nullptr) {
                --gauge_->current_;
            }
        }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

      private:
        Gauge* gauge_;
    };

    /// The most at once since the last call; begins anew.
    std::uint32_t take_peak() {
        watched_ = true;
        return peak_.exchange(current_.load());
    }

  private:
    void enter() {
        const std::uint32_t now = ++current_;
        std::uint32_t seen = peak_.load();
        while (seen < now && !peak_.compare_exchange_weak(seen, now)) {
        }
    }

    std::atomic<bool> watched_{false};
    std::atomic<std::uint32_t> current_{0};
    std::atomic<std::uint32_t> peak_{0};
};

}  // namespace jpegact::card
