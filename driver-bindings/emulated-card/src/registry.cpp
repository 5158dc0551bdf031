#include "registry.hpp"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>

#include "fault_plan.hpp"
#include "log.hpp"
#include "xrt_core_imports.hpp"

namespace jpegact::card {
namespace {

constexpr unsigned max_slots = 16;

// The slot that this thread is opening: XRT asks for properties of a device before open has returned.
thread_local unsigned t_opening_slot = 0;

unsigned configured_slots() {
    const char* text = std::getenv("JPEGACT_CARD_COUNT");
    if (text == nullptr || *text == '\0') {
        return 1;
    }
    unsigned count = 0;
    const char* end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, count);
    if (error != std::errc{} || rest != end || count > max_slots) {
        log(LogLevel::error, "JPEGACT_CARD_COUNT='%s' is not a number from 0 to %u: there is no card", text, max_slots);
        return 0;
    }
    return count;
}

bool configure_faults() {
    const char* specification = std::getenv("JPEGACT_CARD_FAULTS");
    if (specification == nullptr) {
        return true;
    }
    std::string problem;
    auto rules = parse_faults(specification, problem);
    if (!rules) {
        log(LogLevel::error, "JPEGACT_CARD_FAULTS='%s': %s", specification, problem.c_str());
        return false;
    }
    faults().set(std::move(*rules));
    return true;
}

// The next to open a handle is to find nothing loaded.
void forget_image(xrt_core::device* device) {
    const int error_number = errno;
    try {
        load_xclbin(device, xrt::xclbin{});
    } catch (const std::exception&) {
        // As meant: the handle is closed, so XRT can load nothing, and forgets what it had.
    }
    errno = error_number;
}

std::uintptr_t number_of(xclDeviceHandle handle) { return reinterpret_cast<std::uintptr_t>(handle); }

}  // namespace

Registry& Registry::instance() {
    static Registry& registry = *new Registry;
    return registry;
}

Registry::Registry() : faults_valid_(configure_faults()), slots_(configured_slots()) {}

xclDeviceHandle Registry::open(unsigned index) {
    if (!faults_valid_) {
        log(LogLevel::error, "card %u does not open: correct or unset JPEGACT_CARD_FAULTS", index);
        errno = EINVAL;
        return nullptr;
    }
    if (const int error_number = faults().hold_call(FaultPoint::hold_open, [] { return false; })) {
        errno = error_number;
        return nullptr;
    }
    if (const auto error_number = faults().strike(FaultPoint::open)) {
        errno = *error_number;
        return nullptr;
    }
    std::uintptr_t number = 0;
    std::shared_ptr<Card> dead;  // destroyed after the lock is gone: it may wait for a kernel
    {
        const std::lock_guard lock(mutex_);
        if (index >= slots_.size() || slots_[index].is_empty()) {
            errno = ENODEV;
            return nullptr;
        }
        Slot& slot = slots_[index];
        if (slot.card != nullptr && slot.card->gone()) {
            dead = std::move(slot.card);
        }
        if (slot.card == nullptr) {
            slot.card = std::make_shared<Card>(index, slot.counters);
        }
        Handle opened{std::make_shared<Client>(slot.card), nullptr};
        if (slot.idle.empty()) {
            number = next_handle_++;
        } else {
            number = slot.idle.back().number;
            opened.device = std::move(slot.idle.back().device);
            slot.idle.pop_back();
        }
        const bool known = opened.device != nullptr;
        handles_.emplace(number, std::move(opened));
        if (known) {
            return reinterpret_cast<xclDeviceHandle>(number);
        }
    }
    const auto handle = reinterpret_cast<xclDeviceHandle>(number);
    t_opening_slot = index;
    try {
        // Outside the lock: XRT calls back into this library.
        std::shared_ptr<xrt_core::device> device = xrt_core::get_userpf_device(handle, index);
        const std::lock_guard lock(mutex_);
        handles_[number].device = std::move(device);
        return handle;
    } catch (const std::exception& error) {
        log(LogLevel::error, "card %u does not open: %s", index, error.what());
        close(handle);
        errno = ENODEV;
        return nullptr;
    }
}

void Registry::close(xclDeviceHandle handle) {
    Handle closed;
    {
        const std::lock_guard lock(mutex_);
        const auto found = handles_.find(number_of(handle));
        if (found == handles_.end()) {
            return;
        }
        closed = std::move(found->second);
        handles_.erase(found);
    }
    const unsigned slot = closed.client->card().index();
    closed.client.reset();  // outside the lock: it may wait for a kernel
    if (closed.device != nullptr) {
        forget_image(closed.device.get());
        const std::lock_guard lock(mutex_);
        slots_[slot].idle.push_back({number_of(handle), std::move(closed.device)});
    }
}

std::shared_ptr<Client> Registry::client(xclDeviceHandle handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = handles_.find(number_of(handle));
    return found == handles_.end() ? nullptr : found->second.client;
}

std::shared_ptr<xrt_core::device> Registry::core_device(xclDeviceHandle handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = handles_.find(number_of(handle));
    return found == handles_.end() ? nullptr : found->second.device;
}

unsigned Registry::slot_of(const xrt_core::device* device) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, handle] : handles_) {
        if (handle.device.get() == device) {
            return handle.client->card().index();
        }
    }
    return t_opening_slot;
}

std::shared_ptr<Card> Registry::card(unsigned index) const {
    const std::lock_guard lock(mutex_);
    const Slot& slot = slots_[index];
    return slot.removed || slot.card == nullptr || slot.card->gone() ? nullptr : slot.card;
}

std::shared_ptr<SlotCounters> Registry::counters(unsigned index) const {
    const std::lock_guard lock(mutex_);
    return slots_[index].counters;
}

int Registry::remove(unsigned index) {
    std::shared_ptr<Card> removed;
    {
        const std::lock_guard lock(mutex_);
        if (index >= slots_.size() || slots_[index].is_empty()) {
            return -ENODEV;
        }
        slots_[index].removed = true;
        removed = std::move(slots_[index].card);
    }
    if (removed != nullptr) {
        removed->remove();
    }
    return 0;
}

int Registry::restore(unsigned index) {
    std::shared_ptr<Card> abandoned;  // destroyed after the lock is gone: it may wait for a kernel
    const std::lock_guard lock(mutex_);
    if (index >= slots_.size()) {
        return -ENODEV;
    }
    if (!slots_[index].is_empty()) {
        return -EEXIST;
    }
    // Its handles keep the old card, which stays dead.
    abandoned = std::move(slots_[index].card);
    slots_[index].removed = false;
    return 0;
}

}  // namespace jpegact::card
