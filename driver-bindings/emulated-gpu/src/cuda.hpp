// The part of the CUDA driver API that this library has: types and numbers as cuda.h defines them.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct CUctx_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using CUstream = struct CUstream_st*;
using CUevent = struct CUevent_st*;
}

namespace jpegact::gpu {

constexpr CUresult success = 0;
constexpr CUresult invalid_value = 1;
constexpr CUresult out_of_memory = 2;
constexpr CUresult not_initialised = 3;
constexpr CUresult no_device = 100;
constexpr CUresult invalid_device = 101;
constexpr CUresult invalid_image = 200;
constexpr CUresult invalid_context = 201;
constexpr CUresult invalid_ptx = 218;
constexpr CUresult invalid_handle = 400;
constexpr CUresult not_found = 500;
constexpr CUresult not_ready = 600;
constexpr CUresult illegal_address = 700;
constexpr CUresult launch_out_of_resources = 701;
constexpr CUresult host_memory_already_registered = 712;
constexpr CUresult host_memory_not_registered = 713;
constexpr CUresult launch_failed = 719;
constexpr CUresult unknown = 999;

}  // namespace jpegact::gpu

#define JPEGACT_EXPORT extern "C" __attribute__((visibility("default")))
