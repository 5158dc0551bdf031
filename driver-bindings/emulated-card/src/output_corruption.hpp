#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "command.hpp"
#include "image.hpp"

namespace jpegact::card {

/// Flips one bit of what a kernel run writes. Takes a copy of the output buffers before the run, to tell which bytes
/// the run has changed; emulated_card.h says which one is chosen.
class OutputCorruption {
  public:
    OutputCorruption(const ComputeUnitDescription& unit, const Command& command);

    /// Call after the run. `bit` is 0..7. Returns what was flipped, for the log.
    std::string flip(int bit);

  private:
    struct Output {
        std::string name;
        char* data;
        std::vector<char> before;
    };
    std::vector<Output> outputs_;
};

/// Where an address lies relative to the buffers of a command, for the log.
std::string describe_address(const ComputeUnitDescription& unit, const Command& command, std::uintptr_t address);

}  // namespace jpegact::card
