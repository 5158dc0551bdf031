#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace jpegact::card {

/// Where a card can be made to fail. emulated_card.h says what each does and what its value means.
enum class FaultPoint {
    open,
    load,
    alloc,
    map,
    sync_in,
    sync_out,
    corrupt_in,
    copy,
    context,
    submit,
    remove,
    slow,
    slow_sync,
    hang,
    error,
    timeout,
    firewall,
    drop,
    corrupt,
    lost,
};

inline constexpr std::size_t fault_point_count = static_cast<std::size_t>(FaultPoint::lost) + 1;

/// The point of a name in a specification, or nothing.
std::optional<FaultPoint> fault_point_of(const std::string& name);

/// One rule of a fault specification, and its state.
struct FaultRule {
    FaultPoint point;
    int value;
    int most = value;  // above value: each firing draws from value to most
    std::uint64_t skip = 0;
    std::uint64_t remaining = 1;
    std::optional<double> probability = std::nullopt;
    std::uint64_t generator = 0;
};

/// Parses the grammar documented at jpegact_card_set_faults. On failure returns nothing and explains in `problem`.
std::optional<std::vector<FaultRule>> parse_faults(const std::string& specification, std::string& problem);

/// A fault that fired.
struct Fault {
    FaultPoint point;
    int value;
};

/// The faults in force. Thread-safe; costs one relaxed load while there are none.
class FaultPlan {
  public:
    /// Replaces all rules and clears the counters.
    void set(std::vector<FaultRule> rules);

    /// Reports an occurrence of `point`: the value of the rule that fires, or nothing.
    std::optional<int> strike(FaultPoint point);

    /// Reports an occurrence of several points at once, of which at most one fires: the first rule that wants to.
    std::optional<Fault> strike_one_of(std::initializer_list<FaultPoint> points);

    /// Rules of this point that fired since the last set.
    std::uint64_t hits(FaultPoint point) const;

  private:
    std::atomic<bool> armed_{false};
    mutable std::mutex mutex_;
    std::vector<FaultRule> rules_;
    std::array<std::uint64_t, fault_point_count> hits_{};
};

/// The faults of all cards of this process. Never destroyed: XRT may call in from its own static destructors.
FaultPlan& faults();

}  // namespace jpegact::card
