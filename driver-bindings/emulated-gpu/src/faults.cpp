#include "faults.hpp"

#include <cstdlib>
#include <limits>
#include <sstream>

#include "cuda.hpp"

namespace jpegact::gpu {
namespace {

struct PointName {
    const char* name;
    int default_value;
};

constexpr std::array<PointName, fault_point_count> points{{
    {"init", no_device},
    {"context", invalid_device},
    {"module", invalid_ptx},
    {"alloc", out_of_memory},
    {"host_alloc", out_of_memory},
    {"launch", launch_out_of_resources},
    {"copy", invalid_value},
    {"event", out_of_memory},
    {"illegal", illegal_address},
    {"lost", unknown},
    {"hang", 0},
    {"hold", 60'000},
    {"slow", 10},
    {"corrupt", 0},
}};

std::optional<std::uint64_t> number(const std::string& text) {
    char* end = nullptr;
    const unsigned long long value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || text[0] < '0' || text[0] > '9' || *end != '\0' || value > std::numeric_limits<int>::max()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::optional<FaultPoint> fault_point_of(const std::string& name) {
    for (std::size_t i = 0; i < points.size(); i++) {
        if (name == points[i].name) {
            return static_cast<FaultPoint>(i);
        }
    }
    return std::nullopt;
}

std::optional<std::vector<FaultRule>> parse_faults(const std::string& specification, std::string& problem) {
    std::vector<FaultRule> rules;
    std::istringstream all(specification);
    for (std::string text; std::getline(all, text, ',');) {
        const std::size_t name_end = text.find_first_of("=@*");
        const std::string name = text.substr(0, name_end);
        const std::optional<FaultPoint> point = fault_point_of(name);
        if (!point) {
            problem = "there is no fault point '" + name + "'";
            return std::nullopt;
        }
        FaultRule rule{*point, points[static_cast<std::size_t>(*point)].default_value};
        for (std::size_t at = name_end; at < text.size();) {
            const char mark = text[at];
            const std::size_t end = std::min(text.find_first_of("=@*", at + 1), text.size());
            const std::string word = text.substr(at + 1, end - at - 1);
            const bool forever = mark == '*' && word == "forever";
            const std::optional<std::uint64_t> value =
                forever ? std::numeric_limits<std::uint64_t>::max() : number(word);
            if (!value) {
                problem = "'" + word + "' in '" + text + "' is no number";
                return std::nullopt;
            }
            if (mark == '=') {
                rule.value = static_cast<int>(*value);
            } else if (mark == '@') {
                rule.skip = *value;
            } else {
                rule.remaining = *value;
            }
            at = end;
        }
        rules.push_back(rule);
    }
    return rules;
}

void FaultPlan::set(std::vector<FaultRule> rules) {
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
    hits_.fill(0);
    armed_ = !rules_.empty();
}

std::optional<int> FaultPlan::strike(FaultPoint point) {
    if (!armed_.load(std::memory_order_relaxed)) {
        return std::nullopt;
    }
    const std::lock_guard lock(mutex_);
    std::optional<int> fired;
    for (FaultRule& rule : rules_) {
        if (rule.point != point) {
            continue;
        }
        if (rule.skip > 0) {
            rule.skip--;
        } else if (rule.remaining > 0 && !fired) {
            rule.remaining--;
            hits_[static_cast<std::size_t>(point)]++;
            fired = rule.value;
        }
    }
    return fired;
}

std::int64_t FaultPlan::hits(FaultPoint point) const {
    const std::lock_guard lock(mutex_);
    return hits_[static_cast<std::size_t>(point)];
}

}  // namespace jpegact::gpu
