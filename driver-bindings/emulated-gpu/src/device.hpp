// State of the one emulated GPU: faults, the sticky error, handles and host memory.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "cuda.hpp"
#include "device_memory.hpp"
#include "faults.hpp"
#include "kernel_table.hpp"
#include "stream.hpp"

struct CUctx_st {
    int unused;
};

struct CUfunc_st {
    const jpegact::gpu::Kernel* kernel;
};

struct CUmod_st {
    std::string ptx;
    std::map<std::string, CUfunc_st> functions;
};

struct CUstream_st {
    jpegact::gpu::Stream stream;
};

struct CUevent_st {
    std::shared_ptr<jpegact::gpu::EventState> state = std::make_shared<jpegact::gpu::EventState>();
};

namespace jpegact::gpu {

class Device {
  public:
    static Device& instance();

    FaultPlan faults;
    std::string fault_problem;           // why the environment's specification was refused
    std::atomic<bool> initialised{false};
    std::atomic<CUresult> sticky{success};
    std::atomic<std::int64_t> kernels{0};
    std::atomic<int> contexts{0};
    CUctx_st context{};

    /// What a call gives before it does anything: not initialised, no context, a sticky error, or a fault's value.
    CUresult enter(std::optional<FaultPoint> point = std::nullopt, bool needs_context = true);

    /// A stream, where null and 1 (legacy) and 2 (per thread) name the default one; or null for a foreign handle.
    Stream* stream(CUstream handle);

    void fail(CUresult error, const std::string& why);
    void hang();
    void reset();
    std::int64_t live_objects();

    // Handles that are alive.
    std::mutex mutex;
    std::set<CUstream> streams;
    std::set<CUevent> events;
    std::set<CUmodule> modules;
    std::map<std::uint64_t, std::pair<std::size_t, bool>> host;  // address to bytes, and whether it was allocated here

  private:
    Device();

    std::unique_ptr<Stream> default_stream_;
    std::mutex hang_mutex_;
    std::condition_variable released_;
    std::uint64_t resets_ = 0;
};

/// The calling thread's current context.
CUcontext& current_context();

}  // namespace jpegact::gpu
