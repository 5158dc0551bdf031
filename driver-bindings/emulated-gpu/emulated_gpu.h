/**
 * Control interface of the emulated GPU: how tests disturb and observe it. The functions are exported by the library beside
 * the CUDA driver functions; a real driver has none of them, which is how a program tells the two apart.
 *
 * Environment, read when the library is loaded:
 *   JPEGACT_GPU_FAULTS     a fault specification, see jpegact_gpu_set_faults; cuInit fails with CUDA_ERROR_INVALID_VALUE
 *                          when it is malformed
 *   JPEGACT_GPU_MEMORY_MB  device memory in MiB, default 4096
 *   JPEGACT_GPU_THREADS    CPU threads that run kernels, default: as many as the machine has, 8 at most
 */
#ifndef JPEGACT_EMULATED_GPU_H
#define JPEGACT_EMULATED_GPU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** 1: this is an emulation. */
int jpegact_gpu_is_emulated(void);

/**
 * Replaces the faults, clears their counters, and releases what is held. NULL or "" removes all. Returns 0, or -1 and a line on standard error.
 *
 *   specification := rule { "," rule }
 *   rule          := point [ "=" value ] [ "@" skip ] [ "*" count | "*forever" ]
 *
 * A rule lets the first `skip` occurrences of its point pass (default 0), then fires `count` times (default 1).
 *
 *   point       happens at                     value (default)            effect
 *   init        cuInit                         CUresult (100 no device)   the call fails
 *   context     cuDevicePrimaryCtxRetain       CUresult (101)             the call fails
 *   module      cuModuleLoadDataEx             CUresult (218 invalid PTX) the call fails
 *   alloc       cuMemAlloc_v2                  CUresult (2 no memory)     the call fails
 *   host_alloc  cuMemHostAlloc                 CUresult (2 no memory)     the call fails
 *   launch      cuLaunchKernel                 CUresult (701)             the call fails
 *   copy        any copy or set                CUresult (1)               the call fails
 *   event       cuEventRecord                  CUresult (2 no memory)     the call fails
 *   illegal     a kernel starts                CUresult (700)             sticky: the kernel does not run, later calls fail
 *   lost        a kernel starts                CUresult (999)             sticky, as a GPU that fell off the bus
 *   hang        a kernel starts                none                       it does not end before jpegact_gpu_reset
 *   hold        a kernel starts                milliseconds (60000)       it waits for jpegact_gpu_release, then runs; where nobody
 *                                                                         releases it in time: sticky, as lost
 *   slow        a kernel starts                milliseconds (10)          it starts later
 *   corrupt     a copy from the device ends    bit 0..7 (0)               one bit of the middle byte is flipped
 */
int jpegact_gpu_set_faults(const char* specification);

/** Occurrences of a point at which a rule fired since the last jpegact_gpu_set_faults; -1 for a name that is none. */
int64_t jpegact_gpu_fault_hits(const char* point);

/** Objects that were created and not destroyed: device allocations, host allocations and registrations, streams, events, modules, contexts. */
int64_t jpegact_gpu_live_objects(void);

/** Bytes of device memory in use. */
int64_t jpegact_gpu_live_bytes(void);

/** Kernels that ran since the library was loaded. */
int64_t jpegact_gpu_kernels_run(void);

/** Lets the kernels that are held now run: so a test says in which order things end, and depends on no clock. */
void jpegact_gpu_release(void);

/** As if the process started anew: ends hanging kernels and what waits behind them, clears a sticky error. Objects stay. */
void jpegact_gpu_reset(void);

#ifdef __cplusplus
}
#endif

#endif
