#include "kernel_table.hpp"

#include <map>

namespace jpegact::gpu {
namespace {

std::map<std::string, Kernel>& table() {
    static std::map<std::string, Kernel> kernels;
    return kernels;
}

}  // namespace

const Kernel* find_kernel(const std::string& name) {
    const auto found = table().find(name);
    return found == table().end() ? nullptr : &found->second;
}

const char* kernel_sources() { return JPEGACT_KERNEL_SOURCES; }

KernelRegistration::KernelRegistration(const char* name, std::size_t argument_bytes,
                                       void (*body)(const void* arguments)) {
    table().emplace(name, Kernel{name, argument_bytes, body});
}

}  // namespace jpegact::gpu
