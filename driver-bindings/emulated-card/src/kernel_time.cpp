#include "kernel_time.hpp"

#include <launch_model.h>

#include <cstdio>

#include "log.hpp"
#include "memory_fault.hpp"

namespace jpegact::card {
namespace {

bool model_launch(void* model, const ComputeUnitDescription& unit, const Command& command,
                  const std::vector<std::uint64_t>& arguments, jpegact_model_time& time) {
    if (model == nullptr) {
        return false;
    }
    std::vector<const char*> banks;
    for (const auto& memory : command.memories) {
        banks.push_back(memory != nullptr ? memory->bank().tag().c_str() : nullptr);
    }
    const auto launch = reinterpret_cast<decltype(&jpegact_model_launch)>(model);
    int result = -1;
    const auto fault = run_guarded([&] {
        result = launch(unit.kernel.c_str(), arguments.data(), banks.data(),
                        static_cast<std::uint32_t>(arguments.size()), &time);
    });
    if (fault) {
        log(LogLevel::error, "the cycle model of %s read card memory outside every buffer", unit.name.c_str());
    }
    return !fault && result == 0;
}

}  // namespace

void KernelTime::add(const ComputeUnitDescription& unit, const Command& command,
                     const std::vector<std::uint64_t>& arguments, void* model, double real_seconds) {
    jpegact_model_time time = {};
    const bool modelled = model_launch(model, unit, command, arguments, time);
    {
        const std::lock_guard lock(mutex_);
        total_.launches += 1;
        total_.real_seconds += real_seconds;
        if (modelled) {
            total_.modelled_launches += 1;
            total_.descriptors += time.descriptors;
            total_.model_seconds += time.seconds;
            total_.model_fixed_seconds += time.fixed_seconds;
            waited_[time.limit] += time.seconds - time.fixed_seconds;
        }
    }
    if (modelled) {
        log(LogLevel::trace, "%s took %.1f us on this processor; MODEL: %.1f us on a card, limited by %s",
            unit.name.c_str(), real_seconds * 1e6, time.seconds * 1e6, time.limit[0] != '\0' ? time.limit : "nothing");
    }
}

jpegact_card_times KernelTime::total() const {
    const std::lock_guard lock(mutex_);
    jpegact_card_times total = total_;
    double most = 0;
    for (const auto& [limit, seconds] : waited_) {
        if (seconds > most) {
            most = seconds;
            std::snprintf(total.model_limit, sizeof total.model_limit, "%s", limit.c_str());
        }
    }
    return total;
}

}  // namespace jpegact::card
