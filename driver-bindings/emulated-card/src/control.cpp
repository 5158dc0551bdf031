// The functions of emulated_card.h.
#include <cerrno>
#include <string>
#include <utility>

#include "../emulated_card.h"
#include "fault_plan.hpp"
#include "log.hpp"
#include "registry.hpp"

#define CARD_EXPORT extern "C" __attribute__((visibility("default")))

using namespace jpegact::card;

namespace {

int fail(int error_number, const char* function, const std::string& message) {
    log(LogLevel::error, "%s: %s", function, message.c_str());
    return -error_number;
}

bool has_slot(std::uint32_t index) { return index < Registry::instance().slot_count(); }

/// Runs `operation(Card&)` on a card that is in its slot. A card that nobody has opened yet has no state to act on.
template <class Operation>
std::int64_t with_card(std::uint32_t index, const char* function, Operation operation) {
    const std::shared_ptr<Card> card = has_slot(index) ? Registry::instance().card(index) : nullptr;
    if (card == nullptr) {
        return fail(ENODEV, function,
                    "card " + std::to_string(index) + " does not exist, is removed, or was never opened");
    }
    return operation(*card);
}

}  // namespace

CARD_EXPORT int jpegact_card_set_faults(const char* specification) {
    std::string problem;
    auto rules = parse_faults(specification != nullptr ? specification : "", problem);
    if (!rules) {
        return fail(EINVAL, __func__, problem);
    }
    Registry::instance();  // reads JPEGACT_CARD_FAULTS first, so that it does not overwrite this later
    faults().set(std::move(*rules));
    return 0;
}

CARD_EXPORT int64_t jpegact_card_fault_hits(const char* point) {
    const std::optional<FaultPoint> found = point != nullptr ? fault_point_of(point) : std::nullopt;
    if (!found) {
        return fail(EINVAL, __func__, "no such fault point");
    }
    return static_cast<int64_t>(faults().hits(*found));
}

CARD_EXPORT int jpegact_card_release(const char* point, uint32_t firing) {
    const std::optional<FaultPoint> found = point != nullptr ? fault_point_of(point) : std::nullopt;
    if (!found || !is_hold_point(*found)) {
        return fail(EINVAL, __func__, "no such hold point");
    }
    faults().release(*found, firing);
    return 0;
}

CARD_EXPORT void jpegact_card_observe_holds(jpegact_card_hold_observer observer) { faults().observe(observer); }

CARD_EXPORT int jpegact_card_remove(uint32_t index) {
    const int result = Registry::instance().remove(index);
    return result == 0 ? 0 : fail(-result, __func__, "no such card, or already removed");
}

CARD_EXPORT int jpegact_card_restore(uint32_t index) {
    const int result = Registry::instance().restore(index);
    return result == 0 ? 0 : fail(-result, __func__, "no such card, or not removed");
}

CARD_EXPORT int jpegact_card_raise_firewall(uint32_t index) {
    return static_cast<int>(with_card(index, __func__, [](Card& card) {
        card.raise_firewall();
        return 0;
    }));
}

CARD_EXPORT int jpegact_card_reset(uint32_t index) {
    return static_cast<int>(with_card(index, __func__, [](Card& card) {
        card.reset();
        return 0;
    }));
}

CARD_EXPORT int64_t jpegact_card_runs(uint32_t index, const char* compute_unit) {
    const std::string name = compute_unit != nullptr ? compute_unit : "";
    return with_card(index, __func__, [&name](Card& card) -> int64_t {
        const std::optional<std::uint64_t> runs = card.runs(name);
        return runs ? static_cast<int64_t>(*runs)
                    : fail(ENOENT, "jpegact_card_runs", "no compute unit '" + name + "' is loaded");
    });
}

CARD_EXPORT int jpegact_card_kernel_time(uint32_t index, const char* compute_unit, struct jpegact_card_times* time) {
    const std::string name = compute_unit != nullptr ? compute_unit : "";
    if (time == nullptr) {
        return fail(EINVAL, __func__, "there is no place for the result");
    }
    return static_cast<int>(with_card(index, __func__, [&](Card& card) -> int64_t {
        const std::optional<jpegact_card_times> found = card.kernel_time(name);
        if (!found) {
            return fail(ENOENT, "jpegact_card_kernel_time", "no compute unit '" + name + "' is loaded");
        }
        *time = *found;
        return 0;
    }));
}

CARD_EXPORT int64_t jpegact_card_live_buffers(uint32_t index) {
    return has_slot(index) ? Registry::instance().counters(index)->live_buffers.load()
                           : fail(ENODEV, __func__, "no such card");
}

CARD_EXPORT int jpegact_card_take_traffic(uint32_t index, struct jpegact_card_traffic* traffic) {
    if (!has_slot(index)) {
        return fail(ENODEV, __func__, "no such card");
    }
    if (traffic == nullptr) {
        return fail(EINVAL, __func__, "there is no place for the result");
    }
    const std::shared_ptr<SlotCounters> counters = Registry::instance().counters(index);
    *traffic = {counters->transfers_to_device.take_peak(), counters->transfers_from_device.take_peak(),
                counters->working_units.take_peak(), counters->user_buffers.exchange(0),
                counters->driver_buffers.exchange(0)};
    return 0;
}

CARD_EXPORT int64_t jpegact_card_bytes_synced(uint32_t index, int direction) {
    if (!has_slot(index)) {
        return fail(ENODEV, __func__, "no such card");
    }
    const std::shared_ptr<SlotCounters> counters = Registry::instance().counters(index);
    switch (direction) {
        case JPEGACT_CARD_TO_DEVICE: return counters->bytes_to_device.load();
        case JPEGACT_CARD_FROM_DEVICE: return counters->bytes_from_device.load();
        default: return fail(EINVAL, __func__, "no such direction");
    }
}
