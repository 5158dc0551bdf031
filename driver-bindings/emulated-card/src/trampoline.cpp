#include "trampoline.hpp"

#include <cstring>
#include <utility>

#ifndef __x86_64__
#error "The emulated card calls kernels by the System V x86-64 convention."
#endif

namespace jpegact::card {
namespace {

template <std::size_t>
using StackWord = std::uint64_t;

/// All argument registers and all stack words: one call fits every signature, because the caller removes the stack
/// words and the function reads only what it declares.
template <std::size_t... Index>
void call_with_everything(void* function, const std::uint64_t (&integers)[6], const double (&reals)[8],
                          const std::uint64_t (&stack)[sizeof...(Index)], std::index_sequence<Index...>) {
    using Function = void (*)(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                              double, double, double, double, double, double, double, double, StackWord<Index>...);
    reinterpret_cast<Function>(function)(integers[0], integers[1], integers[2], integers[3], integers[4], integers[5],
                                         reals[0], reals[1], reals[2], reals[3], reals[4], reals[5], reals[6], reals[7],
                                         stack[Index]...);
}

}  // namespace

bool CallFrame::push(KernelArgument::Kind kind, std::uint64_t value) {
    if (kind == KernelArgument::Kind::real && real_count_ < 8) {
        std::memcpy(&reals_[real_count_++], &value, sizeof value);
    } else if (kind != KernelArgument::Kind::real && integer_count_ < 6) {
        integers_[integer_count_++] = value;
    } else if (stack_count_ < max_stack_words) {
        stack_[stack_count_++] = value;
    } else {
        return false;
    }
    return true;
}

void CallFrame::call(void* function) const {
    call_with_everything(function, integers_, reals_, stack_, std::make_index_sequence<max_stack_words>{});
}

}  // namespace jpegact::card
