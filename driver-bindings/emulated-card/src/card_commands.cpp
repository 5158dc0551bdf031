// The part of a card that turns command packets and register writes into commands of its compute units.
#include <xrt/ert.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "card.hpp"
#include "fault_plan.hpp"
#include "log.hpp"

namespace jpegact::card {
namespace {

std::string hexadecimal(std::uint64_t value) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

/// Why a pointer argument cannot be accessed by a compute unit; empty when it can.
std::string check_pointer(const ComputeUnitDescription& unit, std::size_t argument, std::uint64_t address,
                          const DeviceMemory* memory) {
    const std::string& name = unit.arguments[argument].name;
    if (memory == nullptr) {
        return "argument '" + name + "' is " + hexadecimal(address) + ", which is in no buffer";
    }
    const std::vector<unsigned>& wired = unit.argument_banks[argument];
    if (!wired.empty() && std::find(wired.begin(), wired.end(), memory->bank().index()) == wired.end()) {
        return "argument '" + name + "' is in bank " + memory->bank().tag() + ", to which the unit is not wired";
    }
    return {};
}

}  // namespace

Command Card::make_command(const ComputeUnit& unit, std::vector<std::uint32_t> registers) const {
    const ComputeUnitDescription& description = unit.description();
    Command command;
    command.registers = std::move(registers);
    command.memories.resize(description.arguments.size());
    for (std::size_t index = 0; index < description.arguments.size() && command.problem.empty(); ++index) {
        const KernelArgument& argument = description.arguments[index];
        if (argument.offset + argument.size > command.registers.size() * sizeof(std::uint32_t)) {
            command.problem = "the command packet ends before argument '" + argument.name + "'";
        } else if (argument.kind == KernelArgument::Kind::pointer) {
            std::uint64_t address = 0;
            std::memcpy(&address, reinterpret_cast<const char*>(command.registers.data()) + argument.offset, 8);
            for (const std::shared_ptr<MemoryBank>& bank : banks_) {
                if (bank != nullptr && command.memories[index] == nullptr) {
                    command.memories[index] = bank->find(address);
                }
            }
            command.problem = check_pointer(description, index, address, command.memories[index].get());
        }
    }
    return command;
}

Card::Unit* Card::least_loaded(const std::uint32_t (&masks)[4], std::size_t mask_count) {
    Unit* best = nullptr;
    std::size_t best_load = 0;
    for (std::size_t index = 0; index < std::min(units_.size(), mask_count * 32); ++index) {
        if ((masks[index / 32] >> (index % 32) & 1) == 0) {
            continue;
        }
        Unit& unit = units_[index];
        if (unit.exclusive == 0 && unit.shared == 0) {
            log(LogLevel::error, "card %u: command for %s, on which nobody has a context", index_,
                unit.unit->description().name.c_str());
            return nullptr;
        }
        const std::size_t load = unit.unit->load();
        if (best == nullptr || load < best_load) {
            best = &unit;
            best_load = load;
        }
    }
    return best;
}

int Card::start(std::shared_ptr<Buffer> packet, std::shared_ptr<CompletionQueue> completions) {
    const auto* start = reinterpret_cast<const ert_start_kernel_cmd*>(packet->host);
    const std::size_t masks_after_first = start->extra_cu_masks;
    const std::size_t words = start->count;
    if (words < 1 + masks_after_first || !packet->contains(0, (1 + words) * sizeof(std::uint32_t))) {
        log(LogLevel::error, "card %u: a command packet of %zu words does not fit its buffer", index_, words);
        return -EINVAL;
    }
    std::uint32_t masks[4] = {start->cu_mask};
    std::copy_n(start->data, masks_after_first, masks + 1);
    const std::uint32_t* map = start->data + masks_after_first;
    // The register map starts with the control register, which the packet may leave out entirely.
    std::vector<std::uint32_t> registers(map, map + (words - 1 - masks_after_first));
    registers.resize(std::min<std::size_t>(std::max<std::size_t>(registers.size(), 1),
                                           ComputeUnit::register_map_size / sizeof(std::uint32_t)));

    const std::lock_guard lock(mutex_);
    Unit* unit = least_loaded(masks, 1 + masks_after_first);
    if (unit == nullptr) {
        return -EINVAL;
    }
    Command command = make_command(*unit->unit, std::move(registers));
    command.packet = std::move(packet);
    command.completions = std::move(completions);
    unit->unit->submit(std::move(command));
    return 0;
}

void Card::abort(const Buffer* packet) {
    const std::lock_guard lock(mutex_);
    for (const Unit& unit : units_) {
        if (unit.unit->abort(packet)) {
            return;
        }
    }
}

int Card::read_register(unsigned index, std::uint32_t offset, std::uint32_t& value) {
    const std::lock_guard lock(mutex_);
    Unit* unit = unit_at(index);
    if (unit == nullptr || offset % 4 != 0 || offset >= ComputeUnit::register_map_size) {
        return -EINVAL;
    }
    if (unit->exclusive == 0) {
        return -EACCES;
    }
    value = unit->unit->read_register(offset);
    return 0;
}

int Card::write_register(unsigned index, std::uint32_t offset, std::uint32_t value) {
    const std::lock_guard lock(mutex_);
    Unit* unit = unit_at(index);
    if (unit == nullptr || offset % 4 != 0 || offset >= ComputeUnit::register_map_size) {
        return -EINVAL;
    }
    if (unit->exclusive == 0) {
        return -EACCES;
    }
    if (unit->unit->write_register(offset, value)) {
        unit->unit->submit(make_command(*unit->unit, unit->unit->registers()));
    }
    return 0;
}

}  // namespace jpegact::card
