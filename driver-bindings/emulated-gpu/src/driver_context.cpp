// Driver API: initialisation, the device, its primary context, errors' names.
#include <cstdio>
#include <cstring>

#include "device.hpp"

using namespace jpegact::gpu;

namespace {

constexpr int driver_version = 12000;

struct ErrorText {
    CUresult number;
    const char* name;
    const char* text;
};

constexpr ErrorText errors[] = {
    {success, "CUDA_SUCCESS", "no error"},
    {invalid_value, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {out_of_memory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {not_initialised, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {no_device, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {invalid_device, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {invalid_image, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {invalid_context, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {214, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"},
    {invalid_ptx, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {invalid_handle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {not_found, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {not_ready, "CUDA_ERROR_NOT_READY", "device not ready"},
    {illegal_address, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {launch_out_of_resources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {host_memory_already_registered, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED",
     "part or all of the requested memory range is already mapped"},
    {host_memory_not_registered, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED",
     "pointer does not correspond to a registered memory region"},
    {launch_failed, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {unknown, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const ErrorText* text_of(CUresult error) {
    for (const ErrorText& known : errors) {
        if (known.number == error) {
            return &known;
        }
    }
    return nullptr;
}

// The attributes that programs of ours ask for, as an H200 would answer where that matters.
int attribute_value(int attribute) {
    switch (attribute) {
        case 10: return 32;       // warp size
        case 13: return 1980000;  // clock rate, kHz: not used for figures
        case 16: return 132;      // multiprocessors
        case 36: return 2619000;  // memory clock, kHz
        case 37: return 6144;     // memory bus, bits
        case 75: return 9;        // compute capability
        case 76: return 0;
        default: return -1;
    }
}

}  // namespace

JPEGACT_EXPORT CUresult cuInit(unsigned flags) {
    Device& device = Device::instance();
    if (flags != 0 || !device.fault_problem.empty()) {
        return invalid_value;
    }
    if (const auto fault = device.faults.strike(FaultPoint::init)) {
        return *fault;
    }
    device.initialised = true;
    return success;
}

JPEGACT_EXPORT CUresult cuDriverGetVersion(int* version) {
    *version = driver_version;
    return success;
}

JPEGACT_EXPORT CUresult cuDeviceGetCount(int* count) {
    *count = 1;
    return Device::instance().enter(std::nullopt, false);
}

JPEGACT_EXPORT CUresult cuDeviceGet(CUdevice* handle, int ordinal) {
    *handle = ordinal;
    const CUresult result = Device::instance().enter(std::nullopt, false);
    return result != success ? result : ordinal == 0 ? success : invalid_device;
}

JPEGACT_EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice) {
    std::snprintf(name, static_cast<std::size_t>(length), "EMULATED GPU (the CUDA kernels on this machine's CPU)");
    return success;
}

JPEGACT_EXPORT CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice) {
    *value = attribute_value(attribute);
    return *value >= 0 ? success : invalid_value;
}

JPEGACT_EXPORT CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice) {
    *bytes = DeviceMemory::instance().size();
    return success;
}

JPEGACT_EXPORT CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice) {
    std::snprintf(id, static_cast<std::size_t>(length), "none");
    return success;
}

JPEGACT_EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) {
    Device& device = Device::instance();
    const CUresult result = device.enter(FaultPoint::context, false);
    if (result == success) {
        device.contexts++;
        *context = &device.context;
    }
    return result;
}

JPEGACT_EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
    Device& device = Device::instance();
    if (device.contexts == 0) {
        return invalid_context;
    }
    if (--device.contexts == 0) {
        device.synchronise();
    }
    return success;
}

JPEGACT_EXPORT CUresult cuCtxPushCurrent_v2(CUcontext context) {
    const CUresult result = Device::instance().enter(std::nullopt, false);
    if (result == success) {
        if (context != &Device::instance().context) {
            return invalid_context;
        }
        current_context() = context;
    }
    return result;
}

// Every program of ours pushes one context at a time, so the stack has one place.
JPEGACT_EXPORT CUresult cuCtxPopCurrent_v2(CUcontext* context) {
    if (context != nullptr) {
        *context = current_context();
    }
    current_context() = nullptr;
    return success;
}

JPEGACT_EXPORT CUresult cuGetErrorName(CUresult error, const char** name) {
    const ErrorText* known = text_of(error);
    *name = known == nullptr ? nullptr : known->name;
    return known == nullptr ? invalid_value : success;
}

JPEGACT_EXPORT CUresult cuGetErrorString(CUresult error, const char** text) {
    const ErrorText* known = text_of(error);
    *text = known == nullptr ? nullptr : known->text;
    return known == nullptr ? invalid_value : success;
}
