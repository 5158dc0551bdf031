#include "output_corruption.hpp"

#include <algorithm>

namespace jpegact::card {
namespace {

constexpr std::size_t word_size = sizeof(std::uint64_t);

}  // namespace

OutputCorruption::OutputCorruption(const ComputeUnitDescription& unit, const Command& command) {
    for (std::size_t index = 0; index < unit.arguments.size(); ++index) {
        const DeviceMemory* memory = command.memories[index].get();
        if (memory != nullptr && unit.arguments[index].is_output) {
            outputs_.push_back({unit.arguments[index].name, memory->data(),
                                std::vector<char>(memory->data(), memory->data() + memory->size())});
        }
    }
}

OutputCorruption::Range OutputCorruption::longest_change() const {
    Range longest;
    for (const Output& output : outputs_) {
        const auto first = static_cast<std::size_t>(
            std::mismatch(output.before.begin(), output.before.end(), output.data).first - output.before.begin());
        std::size_t end = output.before.size();
        while (end > first && output.before[end - 1] == output.data[end - 1]) {
            --end;
        }
        if (end - first > longest.end - longest.first) {
            longest = {&output, first, end};
        }
    }
    return longest;
}

std::string OutputCorruption::flip(int bit) const {
    if (outputs_.empty()) {
        return "flipped nothing: the kernel has no output buffer";
    }
    const Range range = longest_change();
    const Output* chosen = range.output;
    const std::size_t position = chosen == nullptr ? 0 : range.first + (range.end - range.first - 1) / 2;
    if (chosen == nullptr) {
        chosen = &*std::max_element(outputs_.begin(), outputs_.end(), [](const Output& left, const Output& right) {
            return left.before.size() < right.before.size();
        });
    }
    chosen->data[position] = static_cast<char>(chosen->data[position] ^ (1 << bit));
    return "flipped bit " + std::to_string(bit) + " of byte " + std::to_string(position) + " of '" + chosen->name + "'";
}

std::string OutputCorruption::swap() const {
    const Range range = longest_change();
    const std::size_t first = (range.first + word_size - 1) / word_size;
    const std::size_t end = range.end / word_size;
    const std::size_t half = first + (end - std::min(first, end)) / 2;
    for (std::size_t left = first; left < half; ++left) {
        char* one = range.output->data + left * word_size;
        for (std::size_t right = half; right < end; ++right) {
            char* other = range.output->data + right * word_size;
            if (!std::equal(one, one + word_size, other)) {
                std::swap_ranges(one, one + word_size, other);
                return "swapped words " + std::to_string(left) + " and " + std::to_string(right) + " of '" +
                       range.output->name + "'";
            }
        }
    }
    return "swapped nothing: no two words of what the kernel changed differ";
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
