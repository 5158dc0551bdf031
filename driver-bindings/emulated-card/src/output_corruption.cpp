#include "output_corruption.hpp"

#include <algorithm>

namespace jpegact::card {

OutputCorruption::OutputCorruption(const ComputeUnitDescription& unit, const Command& command) {
    for (std::size_t index = 0; index < unit.arguments.size(); ++index) {
        const DeviceMemory* memory = command.memories[index].get();
        if (memory != nullptr && unit.arguments[index].is_output) {
            outputs_.push_back({unit.arguments[index].name, memory->data(),
                                std::vector<char>(memory->data(), memory->data() + memory->size())});
        }
    }
}

std::string OutputCorruption::flip(int bit) {
    if (outputs_.empty()) {
        return "nothing: the kernel has no output buffer";
    }
    const Output* chosen = nullptr;
    std::size_t position = 0;
    std::size_t longest = 0;
    for (const Output& output : outputs_) {
        const auto size = output.before.size();
        const auto first = static_cast<std::size_t>(
            std::mismatch(output.before.begin(), output.before.end(), output.data).first - output.before.begin());
        std::size_t end = size;
        while (end > first && output.before[end - 1] == output.data[end - 1]) {
            --end;
        }
        if (end - first > longest) {
            chosen = &output;
            longest = end - first;
            position = first + (longest - 1) / 2;
        }
    }
    if (chosen == nullptr) {
        chosen = &*std::max_element(outputs_.begin(), outputs_.end(), [](const Output& left, const Output& right) {
            return left.before.size() < right.before.size();
        });
    }
    chosen->data[position] = static_cast<char>(chosen->data[position] ^ (1 << bit));
    return "bit " + std::to_string(bit) + " of byte " + std::to_string(position) + " of '" + chosen->name + "'";
}

std::string describe_address(const ComputeUnitDescription& unit, const Command& command, std::uintptr_t address) {
    std::string nearest = "far from its buffers";
    std::uintptr_t distance = UINTPTR_MAX;
    for (std::size_t index = 0; index < unit.arguments.size(); ++index) {
        const DeviceMemory* memory = command.memories[index].get();
        if (memory == nullptr) {
            continue;
        }
        const auto end = reinterpret_cast<std::uintptr_t>(memory->data()) + memory->size();
        if (address >= end && address - end < distance) {
            distance = address - end;
            nearest = std::to_string(distance) + " bytes past the end of '" + unit.arguments[index].name + "', " +
                      std::to_string(memory->size()) + " bytes";
        }
    }
    return nearest;
}

}  // namespace jpegact::card
