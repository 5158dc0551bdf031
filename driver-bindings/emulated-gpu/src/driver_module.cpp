// Driver API: modules, kernels, launches. A module's PTX must be of the sources that this library was compiled from.
#include <cstdio>
#include <cstring>
#include <thread>

#include "device.hpp"
#include "group_runner.hpp"
#include "thread_group.hpp"

using namespace jpegact::gpu;

namespace {

constexpr int error_log_buffer = 5;  // CU_JIT_ERROR_LOG_BUFFER and its size
constexpr int error_log_bytes = 6;

CUresult refuse(const std::string& why, unsigned count, const int* options, void* const* values) {
    char* log = nullptr;
    std::size_t room = 0;
    for (unsigned i = 0; i < count; i++) {
        log = options[i] == error_log_buffer ? static_cast<char*>(values[i]) : log;
        room = options[i] == error_log_bytes ? reinterpret_cast<std::uintptr_t>(values[i]) : room;
    }
    if (log != nullptr && room != 0) {
        std::snprintf(log, room, "%s", why.c_str());
    }
    return invalid_ptx;
}

// Bytes of a kernel's argument as the PTX declares it, or 0.
std::size_t declared_bytes(const std::string& ptx, const std::string& name) {
    const std::string mark = name + "_param_0[";
    const std::size_t at = ptx.find(mark);
    return at == std::string::npos ? 0 : std::strtoul(ptx.c_str() + at + mark.size(), nullptr, 10);
}

void run_kernel(const Kernel& kernel, const std::string& arguments, unsigned groups) {
    Device& device = Device::instance();
    if (device.sticky != success) {
        return;
    }
    if (const auto milliseconds = device.faults.strike(FaultPoint::slow)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(*milliseconds));
    }
    const std::uint64_t releases = device.releases();
    if (const auto milliseconds = device.faults.strike(FaultPoint::hold)) {
        if (!device.hold(releases, std::chrono::milliseconds(*milliseconds))) {
            device.fail(unknown, "nobody released a held kernel within " + std::to_string(*milliseconds) + " ms");
            return;
        }
    }
    if (device.faults.strike(FaultPoint::hang)) {
        device.hang();
        return;
    }
    for (const FaultPoint point : {FaultPoint::illegal, FaultPoint::lost}) {
        if (const auto error = device.faults.strike(point)) {
            device.fail(*error, "a fault that was asked for, at " + kernel.name);
            return;
        }
    }
    device.kernels++;
    std::string problem;
    // Arguments begin where any of their members may lie.
    alignas(16) char aligned[512];
    std::memcpy(aligned, arguments.data(), arguments.size());
    if (!GroupRunner::instance().run(kernel, aligned, groups, problem)) {
        device.fail(illegal_address, kernel.name + ": " + problem);
    }
}

}  // namespace

JPEGACT_EXPORT CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, int* options,
                                           void** values) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter(FaultPoint::module)) {
        return result == invalid_ptx ? refuse("a fault that was asked for", count, options, values) : result;
    }
    const std::string ptx = static_cast<const char*>(image);
    if (ptx.find(".version") == std::string::npos || ptx.find(".target sm_") == std::string::npos) {
        return refuse("this is no PTX", count, options, values);
    }
    if (ptx.find(kernel_sources()) == std::string::npos) {
        return refuse("the PTX and the emulated GPU were built from different kernel sources: build both again", count,
                      options, values);
    }
    *module = device.modules.make(ptx);
    return success;
}

JPEGACT_EXPORT CUresult cuModuleUnload(CUmodule module) {
    Device::instance().synchronise();
    return destroy(&Device::modules, module);
}

JPEGACT_EXPORT CUresult cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
    return call(std::nullopt, [&](Device& device) {
        const std::shared_ptr<CUmod_st> module = device.modules.find(handle);
        if (!module) {
            return invalid_handle;
        }
        const Kernel* kernel = find_kernel(name);
        if (kernel == nullptr || module->ptx.find(".entry " + kernel->name + "(") == std::string::npos) {
            return not_found;
        }
        if (declared_bytes(module->ptx, kernel->name) != kernel->argument_bytes) {
            return invalid_image;
        }
        const std::lock_guard lock(module->mutex);
        *function = &module->functions.emplace(name, CUfunc_st{kernel}).first->second;
        return success;
    });
}

JPEGACT_EXPORT CUresult cuFuncGetAttribute(int* value, int, CUfunction) {
    *value = 0;  // registers and local memory are what no emulation knows
    return success;
}

JPEGACT_EXPORT CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                       unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                                       CUstream handle, void** parameters, void** extra) {
    return call(FaultPoint::launch, [&](Device& device) {
        const std::shared_ptr<CUstream_st> stream = device.stream(handle);
        if (!stream || function == nullptr) {
            return invalid_handle;
        }
        if (grid_x == 0 || grid_x > 0x7fffffffu || grid_y != 1 || grid_z != 1 || block_x != ThreadGroup::threads ||
            block_y != 1 || block_z != 1 || shared_bytes != 0 || parameters == nullptr || extra != nullptr ||
            function->kernel->argument_bytes > 512) {
            return invalid_value;
        }
        const Kernel* kernel = function->kernel;
        stream->put(
            [kernel, grid_x, arguments = std::string(static_cast<const char*>(parameters[0]), kernel->argument_bytes)] {
                run_kernel(*kernel, arguments, grid_x);
            });
        return success;
    });
}
