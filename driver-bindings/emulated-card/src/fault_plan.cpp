#include "fault_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <limits>
#include <utility>

#include "log.hpp"

namespace jpegact::card {
namespace {

enum class ValueKind { none, error_number, milliseconds, bit };

struct PointTraits {
    const char* name;
    ValueKind kind;
    int default_value;
};

// Indexed by FaultPoint.
constexpr std::array<PointTraits, fault_point_count> point_traits{{
    {"open", ValueKind::error_number, ENODEV},
    {"load", ValueKind::error_number, EIO},
    {"alloc", ValueKind::error_number, ENOMEM},
    {"map", ValueKind::error_number, EIO},
    {"sync_in", ValueKind::error_number, EIO},
    {"sync_out", ValueKind::error_number, EIO},
    {"corrupt_in", ValueKind::bit, 0},
    {"copy", ValueKind::error_number, EIO},
    {"context", ValueKind::error_number, EBUSY},
    {"submit", ValueKind::error_number, EBUSY},
    {"remove", ValueKind::milliseconds, 0},
    {"slow", ValueKind::milliseconds, 10},
    {"slow_sync", ValueKind::milliseconds, 10},
    {"hold", ValueKind::milliseconds, 60'000},
    {"hold_in", ValueKind::milliseconds, 60'000},
    {"hold_out", ValueKind::milliseconds, 60'000},
    {"hold_open", ValueKind::milliseconds, 60'000},
    {"hold_load", ValueKind::milliseconds, 60'000},
    {"hold_alloc", ValueKind::milliseconds, 60'000},
    {"hold_submit", ValueKind::milliseconds, 60'000},
    {"hold_free", ValueKind::milliseconds, 60'000},
    {"hold_close_context", ValueKind::milliseconds, 60'000},
    {"hold_close", ValueKind::milliseconds, 60'000},
    {"hang", ValueKind::milliseconds, 0},
    {"error", ValueKind::none, 0},
    {"timeout", ValueKind::none, 0},
    {"firewall", ValueKind::none, 0},
    {"drop", ValueKind::none, 0},
    {"corrupt", ValueKind::bit, 0},
    {"swap", ValueKind::none, 0},
    {"lost", ValueKind::milliseconds, 0},
}};

constexpr std::pair<const char*, int> error_names[] = {
    {"EPERM", EPERM},   {"ENOENT", ENOENT}, {"EIO", EIO},       {"EAGAIN", EAGAIN},
    {"ENOMEM", ENOMEM}, {"EACCES", EACCES}, {"EBUSY", EBUSY},   {"ENODEV", ENODEV},
    {"EINVAL", EINVAL}, {"ENOSPC", ENOSPC}, {"EPROTO", EPROTO}, {"ETIMEDOUT", ETIMEDOUT},
};

constexpr int max_error_number = 4095;  // the kernel's own bound
constexpr int max_milliseconds = 600'000;
constexpr std::uint64_t forever = std::numeric_limits<std::uint64_t>::max();

const PointTraits& traits(FaultPoint point) { return point_traits[static_cast<std::size_t>(point)]; }

template <class Number>
bool parse_number(const std::string& text, Number& number) {
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc{} && result.ptr == end;
}

bool parse_value(const std::string& text, ValueKind kind, int& value) {
    int low = 0;
    int high = 0;
    switch (kind) {
        case ValueKind::none: return false;
        case ValueKind::error_number:
            for (const auto& [name, number] : error_names) {
                if (text == name) {
                    value = number;
                    return true;
                }
            }
            low = 1;
            high = max_error_number;
            break;
        case ValueKind::milliseconds: high = max_milliseconds; break;
        case ValueKind::bit: high = 7; break;
    }
    return parse_number(text, value) && value >= low && value <= high;
}

/// A value, or for a time a range "LOW..HIGH".
bool parse_values(const std::string& text, ValueKind kind, FaultRule& rule) {
    const std::size_t dots = kind == ValueKind::milliseconds ? text.find("..") : std::string::npos;
    const bool good = parse_value(text.substr(0, dots), kind, rule.value);
    rule.most = rule.value;
    return good && (dots == std::string::npos ||
                    (parse_value(text.substr(dots + 2), kind, rule.most) && rule.most >= rule.value));
}

bool parse_probability(const std::string& text, FaultRule& rule) {
    const std::size_t slash = text.find('/');
    double probability = 0;
    if (!parse_number(text.substr(0, slash), probability) || !(probability >= 0 && probability <= 1)) {
        return false;
    }
    rule.probability = probability;
    return slash == std::string::npos || parse_number(text.substr(slash + 1), rule.generator);
}

std::optional<FaultRule> parse_rule(const std::string& text, std::string& problem) {
    constexpr const char* markers = "=@*~";
    std::size_t marker = text.find_first_of(markers);
    const std::string name = text.substr(0, marker);
    const std::optional<FaultPoint> point = fault_point_of(name);
    if (!point) {
        problem = "'" + name + "' is not a fault point";
        return std::nullopt;
    }
    FaultRule rule{*point, traits(*point).default_value};
    bool counted = false;
    std::string seen;
    while (marker != std::string::npos) {
        const char kind = text[marker];
        const std::size_t next = text.find_first_of(markers, marker + 1);
        const std::string field = text.substr(marker + 1, next == std::string::npos ? next : next - marker - 1);
        bool good = seen.find(kind) == std::string::npos;
        seen += kind;
        if (kind == '=') {
            good = good && parse_values(field, traits(*point).kind, rule);
        } else if (kind == '@') {
            good = good && parse_number(field, rule.skip);
        } else if (kind == '*') {
            counted = true;
            rule.remaining = forever;
            good = good && (field == "forever" || parse_number(field, rule.remaining));
        } else {
            good = good && parse_probability(field, rule);
        }
        if (!good) {
            problem = "'" + std::string(1, kind) + field + "' is not valid for fault point " + name;
            return std::nullopt;
        }
        marker = next;
    }
    if (rule.probability && !counted) {
        rule.remaining = forever;
    }
    return rule;
}

/// SplitMix64: one 64-bit state, every seed is good, the same sequence everywhere.
double next_uniform(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    return static_cast<double>(mixed >> 11) * 0x1p-53;
}

int draw_value(FaultRule& rule) {
    const int span = rule.most - rule.value;
    return span == 0 ? rule.value : rule.value + static_cast<int>(next_uniform(rule.generator) * (span + 1));
}

/// Counts an occurrence against a rule. `taken` says that an earlier rule decided: then this one may not fire.
bool fires(FaultRule& rule, bool taken) {
    if (rule.skip > 0) {
        --rule.skip;
        return false;
    }
    const bool drawn = !rule.probability || next_uniform(rule.generator) < *rule.probability;
    if (taken || !drawn || rule.remaining == 0) {
        return false;
    }
    if (rule.remaining != forever) {
        --rule.remaining;
    }
    return true;
}

}  // namespace

std::optional<FaultPoint> fault_point_of(const std::string& name) {
    for (std::size_t index = 0; index < fault_point_count; ++index) {
        if (name == point_traits[index].name) {
            return static_cast<FaultPoint>(index);
        }
    }
    return std::nullopt;
}

bool is_hold_point(FaultPoint point) { return point >= FaultPoint::hold && point <= FaultPoint::hold_close; }

std::optional<std::vector<FaultRule>> parse_faults(const std::string& specification, std::string& problem) {
    std::vector<FaultRule> rules;
    std::size_t start = 0;
    while (!specification.empty()) {
        const std::size_t comma = specification.find(',', start);
        const std::optional<FaultRule> rule =
            parse_rule(specification.substr(start, comma == std::string::npos ? comma : comma - start), problem);
        if (!rule) {
            return std::nullopt;
        }
        rules.push_back(*rule);
        if (comma == std::string::npos) {
            break;
        }
        start = comma + 1;
    }
    return rules;
}

void FaultPlan::set(std::vector<FaultRule> rules) {
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
    hits_.fill(0);
    released_.clear();
    ++sets_;
    armed_.store(!rules_.empty(), std::memory_order_relaxed);
    holds_changed_.notify_all();
}

std::optional<int> FaultPlan::strike(FaultPoint point) {
    const std::optional<Fault> fault = strike_one_of({point});
    return fault ? std::optional(fault->value) : std::nullopt;
}

std::optional<Fault> FaultPlan::strike_one_of(std::initializer_list<FaultPoint> points) {
    if (!armed_.load(std::memory_order_relaxed)) {
        return std::nullopt;
    }
    const std::lock_guard lock(mutex_);
    return strike_locked(points);
}

HoldEnd FaultPlan::hold(FaultPoint point, const std::function<bool()>& given_up) {
    return hold(point, given_up, nullptr);
}

HoldEnd FaultPlan::hold(FaultPoint point, const std::function<bool()>& given_up, HoldObserver observer) {
    if (!armed_.load(std::memory_order_relaxed)) {
        return HoldEnd::not_held;
    }
    std::unique_lock lock(mutex_);
    const std::optional<Fault> fault = strike_locked({point});
    if (!fault) {
        return HoldEnd::not_held;
    }
    const std::uint64_t set = sets_;
    const std::uint64_t firing = hits_[static_cast<std::size_t>(point)];
    if (observer != nullptr) {
        lock.unlock();  // it may call in
        observer(traits(point).name, 1);
        lock.lock();
    }
    const auto let_go = [&] { return sets_ != set || is_released(point, firing); };
    const bool ended =
        holds_changed_.wait_for(lock, std::chrono::milliseconds(fault->value), [&] { return let_go() || given_up(); });
    const HoldEnd end = !ended ? HoldEnd::out_of_time : let_go() ? HoldEnd::released : HoldEnd::given_up;
    lock.unlock();
    if (observer != nullptr) {
        observer(traits(point).name, 0);
    }
    if (ended) {
        return end;
    }
    log(LogLevel::error, "fault %s: nobody released firing %llu within %d ms", traits(point).name,
        static_cast<unsigned long long>(firing), fault->value);
    return end;
}

int FaultPlan::hold_call(FaultPoint point, const std::function<bool()>& given_up) {
    switch (hold(point, given_up, observer_.load())) {
        case HoldEnd::given_up: return ENODEV;
        case HoldEnd::out_of_time: return ETIMEDOUT;
        default: return 0;
    }
}

void FaultPlan::release(FaultPoint point, std::uint64_t firing) {
    const std::lock_guard lock(mutex_);
    released_.emplace(point, firing);
    holds_changed_.notify_all();
}

void FaultPlan::look_again() {
    const std::lock_guard lock(mutex_);
    holds_changed_.notify_all();
}

bool FaultPlan::is_released(FaultPoint point, std::uint64_t firing) const {
    return released_.count({point, firing}) > 0 || released_.count({point, 0}) > 0;
}

std::optional<Fault> FaultPlan::strike_locked(std::initializer_list<FaultPoint> points) {
    std::optional<Fault> fault;
    for (FaultRule& rule : rules_) {
        const bool concerned = std::find(points.begin(), points.end(), rule.point) != points.end();
        if (concerned && fires(rule, fault.has_value())) {
            fault = Fault{rule.point, draw_value(rule)};
        }
    }
    if (fault) {
        ++hits_[static_cast<std::size_t>(fault->point)];
    }
    return fault;
}

std::uint64_t FaultPlan::hits(FaultPoint point) const {
    const std::lock_guard lock(mutex_);
    return hits_[static_cast<std::size_t>(point)];
}

FaultPlan& faults() {
    static FaultPlan& plan = *new FaultPlan;
    return plan;
}

}  // namespace jpegact::card
