#include "card.hpp"

#include <xrt/xclbin.h>
#include <xrt/xrt_error_code.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include "fault_plan.hpp"
#include "log.hpp"

namespace jpegact::card {
namespace {

constexpr unsigned no_unit = ~0u;
constexpr std::size_t max_async_errors = 32;  // of the driver's table

std::vector<std::shared_ptr<MemoryBank>> make_banks(const ImageDescription& image) {
    std::vector<std::shared_ptr<MemoryBank>> banks;
    for (const BankDescription& bank : image.banks) {
        const auto index = static_cast<unsigned>(banks.size());
        banks.push_back(bank.used && bank.size > 0 ? MemoryBank::create(bank.tag, index, bank.base, bank.size)
                                                   : nullptr);
    }
    return banks;
}

void check_arguments(const ComputeUnitDescription& unit) {
    for (const KernelArgument& argument : unit.arguments) {
        const bool fits = argument.size >= 1 && argument.size <= 8 && argument.offset % 4 == 0 &&
                          argument.offset < ComputeUnit::register_map_size - 8;
        if (!fits || (argument.kind == KernelArgument::Kind::pointer && argument.size != 8)) {
            throw ImageError(EINVAL, "argument '" + argument.name + "' of " + unit.kernel +
                                         " has a size or an offset " + "that a register map cannot hold");
        }
    }
}

}  // namespace

int Card::load(const axlf* axlf_image) {
    const std::lock_guard lock(mutex_);
    if (loaded_ && std::memcmp(uuid_, axlf_image->m_header.uuid, sizeof uuid_) == 0) {
        return 0;
    }
    if (contexts_ > 0 || memory_in_use()) {
        log(LogLevel::error, "card %u: the image cannot be changed while contexts or buffers are open", index_);
        return -EBUSY;
    }
    try {
        const ImageDescription image = describe_image(axlf_image);
        std::vector<std::shared_ptr<MemoryBank>> banks = make_banks(image);
        std::vector<Unit> units;
        for (const ComputeUnitDescription& description : image.units) {
            check_arguments(description);
            units.push_back({std::make_unique<ComputeUnit>(description, image, counters_->working_units,
                                                           [this] { raise_firewall(); })});
        }
        banks_ = std::move(banks);
        units_ = std::move(units);
        std::memcpy(uuid_, image.uuid, sizeof uuid_);
        loaded_ = true;
        log(LogLevel::event, "card %u: loaded %zu compute units and %zu banks", index_, units_.size(), banks_.size());
        return 0;
    } catch (const ImageError& error) {
        log(LogLevel::error, "card %u: %s", index_, error.what());
        return -error.error_number();
    } catch (const std::system_error& error) {
        log(LogLevel::error, "card %u: %s", index_, error.what());
        return -error.code().value();
    } catch (const std::exception& error) {
        // XRT's own parser throws these for metadata that it cannot read.
        log(LogLevel::error, "card %u: the xclbin's metadata is malformed: %s", index_, error.what());
        return -EINVAL;
    }
}

int Card::open_context(const xuid_t uuid, unsigned unit, bool shared) {
    const std::lock_guard lock(mutex_);
    if (!loaded_ || std::memcmp(uuid, uuid_, sizeof uuid_) != 0) {
        return -EINVAL;
    }
    if (unit != no_unit) {
        Unit* chosen = unit_at(unit);
        if (chosen == nullptr) {
            return -EINVAL;
        }
        if (chosen->exclusive > 0 || (!shared && chosen->shared > 0)) {
            return -EBUSY;
        }
        ++(shared ? chosen->shared : chosen->exclusive);
    }
    ++contexts_;
    return 0;
}

void Card::close_context(unsigned unit, bool shared) {
    const std::lock_guard lock(mutex_);
    if (Unit* chosen = unit == no_unit ? nullptr : unit_at(unit)) {
        --(shared ? chosen->shared : chosen->exclusive);
    }
    --contexts_;
}

std::shared_ptr<DeviceMemory> Card::allocate(unsigned bank, std::uint64_t size, int& error_number) {
    std::shared_ptr<MemoryBank> chosen;
    {
        const std::lock_guard lock(mutex_);
        if (bank < banks_.size()) {
            chosen = banks_[bank];
        }
    }
    if (chosen == nullptr) {
        log(LogLevel::error, "card %u: the image uses no memory bank %u", index_, bank);
        error_number = EINVAL;
        return nullptr;
    }
    std::shared_ptr<DeviceMemory> memory = chosen->allocate(size);
    if (memory == nullptr) {
        error_number = ENOMEM;
    }
    return memory;
}

std::shared_ptr<DeviceMemory> Card::find(std::uint64_t device_address) const {
    const std::lock_guard lock(mutex_);
    for (const std::shared_ptr<MemoryBank>& bank : banks_) {
        if (bank == nullptr) {
            continue;
        }
        if (std::shared_ptr<DeviceMemory> memory = bank->find(device_address)) {
            return memory;
        }
    }
    return nullptr;
}

std::optional<std::uint64_t> Card::runs(const std::string& unit) const {
    const std::lock_guard lock(mutex_);
    for (const Unit& candidate : units_) {
        if (candidate.unit->description().name == unit) {
            return candidate.unit->runs();
        }
    }
    return std::nullopt;
}

std::optional<jpegact_card_times> Card::kernel_time(const std::string& unit) const {
    const std::lock_guard lock(mutex_);
    for (const Unit& candidate : units_) {
        if (candidate.unit->description().name == unit) {
            return candidate.unit->kernel_time();
        }
    }
    return std::nullopt;
}

void Card::reset() {
    const std::lock_guard lock(mutex_);
    for (const Unit& unit : units_) {
        unit.unit->reset();
    }
}

void Card::remove(std::chrono::milliseconds absence) {
    if (absence.count() > 0) {
        const auto back = std::chrono::steady_clock::now() + absence;
        back_at_.store(back.time_since_epoch().count());
    }
    gone_.store(true);
    faults().look_again();
    const std::lock_guard lock(mutex_);
    for (const Unit& unit : units_) {
        unit.unit->disconnect();
    }
    log(LogLevel::event, "card %u: removed", index_);
}

bool Card::replaceable() const {
    const std::int64_t back = back_at_.load();
    return gone() && back != 0 && std::chrono::steady_clock::now().time_since_epoch().count() >= back;
}

void Card::raise_firewall() {
    const std::uint64_t code = XRT_ERROR_CODE_BUILD(
        static_cast<std::uint64_t>(XRT_ERROR_NUM_FIRWWALL_TRIP), static_cast<std::uint64_t>(XRT_ERROR_DRIVER_XOCL),
        static_cast<std::uint64_t>(XRT_ERROR_SEVERITY_EMERGENCY), static_cast<std::uint64_t>(XRT_ERROR_MODULE_FIREWALL),
        static_cast<std::uint64_t>(XRT_ERROR_CLASS_SYSTEM));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto nanoseconds =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
    const std::lock_guard lock(errors_mutex_);
    // The driver keeps one error a class, the last.
    errors_.assign(1, {code, nanoseconds});
}

std::vector<AsyncError> Card::async_errors() const {
    const std::lock_guard lock(errors_mutex_);
    return errors_;
}

std::uint64_t Card::memory_size(unsigned& banks) const {
    const std::lock_guard lock(mutex_);
    banks = 0;
    std::uint64_t size = 0;
    for (const std::shared_ptr<MemoryBank>& bank : banks_) {
        if (bank != nullptr) {
            ++banks;
            size += bank->size();
        }
    }
    return size;
}

bool Card::memory_in_use() const {
    return std::any_of(banks_.begin(), banks_.end(),
                       [](const std::shared_ptr<MemoryBank>& bank) { return bank != nullptr && bank->in_use(); });
}

Card::Unit* Card::unit_at(unsigned index) { return index < units_.size() ? &units_[index] : nullptr; }

}  // namespace jpegact::card
