// State of the one emulated GPU: faults, the sticky error, handles and host memory.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cuda.hpp"
#include "device_memory.hpp"
#include "faults.hpp"
#include "handles.hpp"
#include "kernel_table.hpp"
#include "stream.hpp"

struct CUctx_st {
    int unused;
};

struct CUfunc_st {
    const jpegact::gpu::Kernel* kernel;
};

struct CUmod_st {
    explicit CUmod_st(std::string text) : ptx(std::move(text)) {}

    std::string ptx;
    std::mutex mutex;
    std::map<std::string, CUfunc_st> functions;
};

struct CUstream_st : jpegact::gpu::Stream {};

struct CUevent_st : jpegact::gpu::EventState {};

namespace jpegact::gpu {

class Device {
  public:
    static Device& instance();

    FaultPlan faults;
    std::string fault_problem;  // why the environment's specification was refused
    std::atomic<bool> initialised{false};
    std::atomic<CUresult> sticky{success};
    std::atomic<std::int64_t> kernels{0};
    std::atomic<int> contexts{0};
    CUctx_st context{};

    /// What a call gives before it does anything: not initialised, no context, a sticky error, or a fault's value.
    CUresult enter(std::optional<FaultPoint> point = std::nullopt, bool needs_context = true);

    /// A stream, where null and 1 (legacy) and 2 (per thread) name the default one; or null for a foreign handle.
    std::shared_ptr<CUstream_st> stream(CUstream handle);

    /// Waits for all streams' work, as a driver does before it frees what that work may use.
    void synchronise();

    void fail(CUresult error, const std::string& why);
    void hang();

    /// Waits for release(), reset() or other faults since `releases` was read; false: the time was over first.
    bool hold(std::uint64_t releases, std::chrono::milliseconds limit);
    std::uint64_t releases();
    void release();
    void reset();
    std::int64_t live_objects();

    Handles<CUstream_st> streams;
    Handles<CUevent_st> events;
    Handles<CUmod_st> modules;

    std::mutex mutex;                                            // of `host`
    std::map<std::uint64_t, std::pair<std::size_t, bool>> host;  // address to bytes, and whether it was allocated here

  private:
    Device();

    std::shared_ptr<CUstream_st> default_stream_;
    std::mutex hang_mutex_;
    std::condition_variable released_;
    std::uint64_t resets_ = 0;
    std::uint64_t releases_ = 0;
};

/// The calling thread's current context.
CUcontext& current_context();

/// A call of the API: what Device::enter gives where that is an error, else what the body gives.
template <typename Body>
CUresult call(std::optional<FaultPoint> point, Body body) {
    Device& device = Device::instance();
    const CUresult result = device.enter(point);
    return result != success ? result : body(device);
}

/// Destroys the object of a handle, in whatever state the device is. Streams end their work first.
template <typename T>
CUresult destroy(Handles<T> Device::* objects, T* handle) {
    Device& device = Device::instance();
    return (device.*objects).take(handle) ? device.sticky.load() : invalid_handle;
}

}  // namespace jpegact::gpu
