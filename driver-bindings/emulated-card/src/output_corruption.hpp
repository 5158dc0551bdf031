#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "command.hpp"
#include "image.hpp"

namespace jpegact::card {

/// Damages what a kernel run writes. Takes a copy of the output buffers before the run, to tell which bytes
/// the run has changed; emulated_card.h says which one is chosen.
class OutputCorruption {
  public:
    OutputCorruption(const ComputeUnitDescription& unit, const Command& command);

    /// Flips a bit, 0..7. Call after the run. Returns what was done, for the log.
    std::string flip(int bit) const;

    /// Exchanges two words. Call after the run. Returns what was done, for the log.
    std::string swap() const;

  private:
    struct Output {
        std::string name;
        char* data;
        std::vector<char> before;
    };
    /// Bytes of an output; none where `output` is null.
    struct Range {
        const Output* output = nullptr;
        std::size_t first = 0;
        std::size_t end = 0;
    };
    Range longest_change() const;

    std::vector<Output> outputs_;
};

/// Where an address lies relative to the buffers of a command, for the log.
std::string describe_address(const ComputeUnitDescription& unit, const Command& command, std::uintptr_t address);

}  // namespace jpegact::card
