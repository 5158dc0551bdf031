// The kernels compiled into this library, by the names that they have in PTX.
#pragma once

#include <cstddef>
#include <string>

namespace jpegact::gpu {

struct Kernel {
    std::string name;
    std::size_t argument_bytes;
    void (*body)(const void* arguments);
};

/// The kernel of a name, or null.
const Kernel* find_kernel(const std::string& name);

/// Checksum of the sources that the kernels were compiled from; PTX of other sources is refused.
const char* kernel_sources();

/// Enters a kernel while the library is loaded.
class KernelRegistration {
  public:
    KernelRegistration(const char* name, std::size_t argument_bytes, void (*body)(const void* arguments));
};

}  // namespace jpegact::gpu
