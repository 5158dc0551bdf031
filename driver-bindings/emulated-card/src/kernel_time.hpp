#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "../emulated_card.h"
#include "command.hpp"
#include "image.hpp"

namespace jpegact::card {

/// What the launches of one compute unit took: on this processor, and on a card by the cycle model that the kernels'
/// library brings along (fpga-kernels/model/launch_model.h), where it brings one. Thread-safe.
class KernelTime {
  public:
    /// Adds a launch that has ended well. `arguments` as the kernel got them; `model` may be null.
    void add(const ComputeUnitDescription& unit, const Command& command, const std::vector<std::uint64_t>& arguments,
             void* model, double real_seconds);

    jpegact_card_times total() const;

  private:
    mutable std::mutex mutex_;
    jpegact_card_times total_ = {};
    std::map<std::string, double> waited_;  // modelled seconds by what they were spent waiting for
};

}  // namespace jpegact::card
