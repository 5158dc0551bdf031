#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
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
    hold,
    hold_in,
    hold_out,
    hold_open,
    hold_load,
    hold_alloc,
    hold_submit,
    hold_free,
    hold_close_context,
    hold_close,
    hang,
    error,
    timeout,
    firewall,
    drop,
    corrupt,
    swap,
    lost,
};

inline constexpr std::size_t fault_point_count = static_cast<std::size_t>(FaultPoint::lost) + 1;

/// The point of a name in a specification, or nothing.
std::optional<FaultPoint> fault_point_of(const std::string& name);

/// Whether what happens at the point is held until somebody releases it.
bool is_hold_point(FaultPoint point);

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

/// How a hold ended.
enum class HoldEnd { not_held, released, given_up, out_of_time };

/// Told of the name of a point at which a call is held (true), and that it goes on (false).
using HoldObserver = void (*)(const char* point, int held);

/// The faults in force. Thread-safe; costs one relaxed load while there are none.
class FaultPlan {
  public:
    /// Replaces all rules, clears the counters, and releases all that is held.
    void set(std::vector<FaultRule> rules);

    /// Reports an occurrence of `point`: the value of the rule that fires, or nothing.
    std::optional<int> strike(FaultPoint point);

    /// Reports an occurrence of several points at once, of which at most one fires: the first rule that wants to.
    std::optional<Fault> strike_one_of(std::initializer_list<FaultPoint> points);

    /// Reports an occurrence of a hold point. Where a rule fires, blocks until release() names this firing, the rules
    /// are replaced, `given_up` holds, or the rule's time is over. `given_up` is called under the plan's lock: it may
    /// look at atomics, no more, and look_again() must follow when they change.
    HoldEnd hold(FaultPoint point, const std::function<bool()>& given_up);

    /// As hold(), for calls into the driver, of which the observer is told: 0, or the errno with which the call fails.
    int hold_call(FaultPoint point, const std::function<bool()>& given_up);

    /// As hold_call(), for what is freed or closed: it goes on in the end, whatever ended the hold.
    void hold_closing(FaultPoint point) {
        (void)hold_call(point, [] { return false; });
    }

    /// Lets a firing of a hold point go on, held already or yet to come: the first is 1; 0: all, those to come too.
    void release(FaultPoint point, std::uint64_t firing);

    /// Has an observer told of each call that is held, on its thread, and when it goes on; null: none.
    void observe(HoldObserver observer) { observer_.store(observer); }

    /// Has every hold ask its `given_up`.
    void look_again();

    /// Rules of this point that fired since the last set.
    std::uint64_t hits(FaultPoint point) const;

  private:
    std::atomic<bool> armed_{false};
    std::optional<Fault> strike_locked(std::initializer_list<FaultPoint> points);
    HoldEnd hold(FaultPoint point, const std::function<bool()>& given_up, HoldObserver observer);
    bool is_released(FaultPoint point, std::uint64_t firing) const;

    std::atomic<HoldObserver> observer_{nullptr};
    mutable std::mutex mutex_;
    std::condition_variable holds_changed_;
    std::vector<FaultRule> rules_;
    std::array<std::uint64_t, fault_point_count> hits_{};
    std::uint64_t sets_ = 0;                                   // so that a hold notices that its rules are gone
    std::set<std::pair<FaultPoint, std::uint64_t>> released_;  // firing 0: all of the point
};

/// The faults of all cards of this process. Never destroyed: XRT may call in from its own static destructors.
FaultPlan& faults();

}  // namespace jpegact::card
