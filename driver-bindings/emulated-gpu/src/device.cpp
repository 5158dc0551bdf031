#include "device.hpp"

#include <cstdio>
#include <cstdlib>

#include "../emulated_gpu.h"

namespace jpegact::gpu {

Device& Device::instance() {
    static Device* device = new Device();  // streams' threads may use it up to the process's end
    return *device;
}

Device::Device() : default_stream_(std::make_shared<CUstream_st>()) {
    if (const char* text = std::getenv("JPEGACT_GPU_FAULTS")) {
        if (auto rules = parse_faults(text, fault_problem)) {
            faults.set(std::move(*rules));
        } else {
            std::fprintf(stderr, "emulated GPU: JPEGACT_GPU_FAULTS: %s\n", fault_problem.c_str());
        }
    }
}

CUresult Device::enter(std::optional<FaultPoint> point, bool needs_context) {
    if (!initialised) {
        return not_initialised;
    }
    if (needs_context && (current_context() == nullptr || contexts == 0)) {
        return invalid_context;
    }
    if (const CUresult error = sticky) {
        return error;
    }
    return point ? faults.strike(*point).value_or(success) : success;
}

std::shared_ptr<CUstream_st> Device::stream(CUstream handle) {
    return reinterpret_cast<std::uintptr_t>(handle) <= 2 ? default_stream_ : streams.find(handle);
}

void Device::synchronise() {
    default_stream_->synchronise();
    for (const std::shared_ptr<CUstream_st>& stream : streams.all()) {
        stream->synchronise();
    }
}

void Device::fail(CUresult error, const std::string& why) {
    CUresult none = success;
    if (sticky.compare_exchange_strong(none, error)) {
        std::fprintf(stderr, "emulated GPU: error %d: %s\n", error, why.c_str());
    }
}

void Device::hang() {
    std::unique_lock lock(hang_mutex_);
    const std::uint64_t before = resets_;
    released_.wait(lock, [&] { return resets_ != before; });
}

bool Device::hold(std::uint64_t releases, std::chrono::milliseconds limit) {
    std::unique_lock lock(hang_mutex_);
    return released_.wait_for(lock, limit, [&] { return releases_ != releases; });
}

std::uint64_t Device::releases() {
    const std::lock_guard lock(hang_mutex_);
    return releases_;
}

void Device::release() {
    {
        const std::lock_guard lock(hang_mutex_);
        releases_++;
    }
    released_.notify_all();
}

void Device::reset() {
    {
        const std::lock_guard lock(hang_mutex_);
        resets_++;
        releases_++;
    }
    released_.notify_all();
    // What was queued behind a hanging kernel runs now, not in the middle of whatever comes next.
    synchronise();
    sticky = success;
}

std::int64_t Device::live_objects() {
    const std::lock_guard lock(mutex);
    return static_cast<std::int64_t>(streams.count() + events.count() + modules.count() + host.size() +
                                     DeviceMemory::instance().count()) +
           contexts;
}

CUcontext& current_context() {
    static thread_local CUcontext context = nullptr;
    return context;
}

}  // namespace jpegact::gpu

using jpegact::gpu::Device;

JPEGACT_EXPORT int jpegact_gpu_is_emulated(void) { return 1; }

JPEGACT_EXPORT int jpegact_gpu_set_faults(const char* specification) {
    std::string problem;
    auto rules = jpegact::gpu::parse_faults(specification == nullptr ? "" : specification, problem);
    if (!rules) {
        std::fprintf(stderr, "emulated GPU: %s\n", problem.c_str());
        return -1;
    }
    Device::instance().faults.set(std::move(*rules));
    Device::instance().release();
    return 0;
}

JPEGACT_EXPORT std::int64_t jpegact_gpu_fault_hits(const char* point) {
    const auto known = jpegact::gpu::fault_point_of(point == nullptr ? "" : point);
    return known ? Device::instance().faults.hits(*known) : -1;
}

JPEGACT_EXPORT std::int64_t jpegact_gpu_live_objects(void) { return Device::instance().live_objects(); }

JPEGACT_EXPORT std::int64_t jpegact_gpu_live_bytes(void) {
    return static_cast<std::int64_t>(jpegact::gpu::DeviceMemory::instance().used());
}

JPEGACT_EXPORT std::int64_t jpegact_gpu_kernels_run(void) { return Device::instance().kernels; }

JPEGACT_EXPORT void jpegact_gpu_release(void) { Device::instance().release(); }

JPEGACT_EXPORT void jpegact_gpu_reset(void) { Device::instance().reset(); }
