#pragma once

#include <cstddef>
#include <cstdint>

#include "image.hpp"

namespace jpegact::card {

/// Arguments of a C function of any signature, in the places where the System V x86-64 convention wants them.
class CallFrame {
  public:
    static constexpr std::size_t max_stack_words = 32;

    /// Adds the next argument: its low bytes hold the value. Returns false when the frame is full.
    bool push(KernelArgument::Kind kind, std::uint64_t value);

    /// Calls the function. Registers and stack words that it does not declare are passed and ignored.
    void call(void* function) const;

  private:
    std::uint64_t integers_[6] = {};
    std::size_t integer_count_ = 0;
    double reals_[8] = {};
    std::size_t real_count_ = 0;
    std::uint64_t stack_[max_stack_words] = {};
    std::size_t stack_count_ = 0;
};

}  // namespace jpegact::card
