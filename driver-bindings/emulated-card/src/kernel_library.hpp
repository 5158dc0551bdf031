#pragma once

#include <cstddef>
#include <string>

namespace jpegact::card {

/// A private copy of the kernels' machine code, loaded from memory. Each compute unit has its own, so that static
/// variables of a kernel belong to one unit, as the registers they stand for do on a card.
class KernelLibrary {
  public:
    /// Throws ImageError when the payload is not a loadable library or lacks the function `kernel`.
    KernelLibrary(const char* payload, std::size_t size, const std::string& kernel);
    ~KernelLibrary();
    KernelLibrary(const KernelLibrary&) = delete;
    KernelLibrary& operator=(const KernelLibrary&) = delete;

    void* function() const { return function_; }
    /// jpegact_model_launch of fpga-kernels/model/launch_model.h, or null: not every kernel library has a cycle model.
    void* model() const { return model_; }

  private:
    int file_ = -1;
    void* library_ = nullptr;
    void* function_ = nullptr;
    void* model_ = nullptr;
};

}  // namespace jpegact::card
