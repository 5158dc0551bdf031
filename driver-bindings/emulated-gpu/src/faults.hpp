// Where the emulated GPU can be made to fail. emulated_gpu.h says what each does.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace jpegact::gpu {

enum class FaultPoint {
    init,
    context,
    module,
    alloc,
    host_alloc,
    launch,
    copy,
    event,
    illegal,
    lost,
    hang,
    hold,
    slow,
    corrupt
};

inline constexpr std::size_t fault_point_count = static_cast<std::size_t>(FaultPoint::corrupt) + 1;

std::optional<FaultPoint> fault_point_of(const std::string& name);

struct FaultRule {
    FaultPoint point;
    int value;
    std::uint64_t skip = 0;
    std::uint64_t remaining = 1;
};

/// Parses a specification. On failure returns nothing and explains in `problem`.
std::optional<std::vector<FaultRule>> parse_faults(const std::string& specification, std::string& problem);

/// The faults in force. Thread-safe.
class FaultPlan {
  public:
    void set(std::vector<FaultRule> rules);

    /// Reports an occurrence of `point`: the value of the rule that fires, or nothing.
    std::optional<int> strike(FaultPoint point);

    std::int64_t hits(FaultPoint point) const;

  private:
    std::atomic<bool> armed_{false};
    mutable std::mutex mutex_;
    std::vector<FaultRule> rules_;
    std::array<std::int64_t, fault_point_count> hits_{};
};

}  // namespace jpegact::gpu
