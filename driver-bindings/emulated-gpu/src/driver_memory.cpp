// Driver API: device memory, page-locked host memory, copies.
#include <cstdlib>
#include <cstring>

#include "device.hpp"

using namespace jpegact::gpu;

namespace {

constexpr std::size_t page = 4096;

// True where the host range is page-locked: copies of other memory are done before the call returns, as a driver does
// that has to stage them.
bool is_pinned(const void* memory, std::size_t bytes) {
    Device& device = Device::instance();
    const std::lock_guard lock(device.mutex);
    const auto address = reinterpret_cast<std::uint64_t>(memory);
    auto next = device.host.upper_bound(address);
    if (next == device.host.begin()) {
        return false;
    }
    --next;
    return address - next->first + bytes <= next->second.first;
}

CUresult put_copy(CUstream handle, void* to, const void* from, std::size_t bytes, const void* host, bool out) {
    Device& device = Device::instance();
    const std::shared_ptr<CUstream_st> stream = device.stream(handle);
    if (!stream) {
        return invalid_handle;
    }
    if (bytes == 0) {
        return success;
    }
    stream->put([=, &device] {
        if (device.sticky != success) {
            return;
        }
        std::memcpy(to, from, bytes);
        if (out) {
            if (const auto bit = device.faults.strike(FaultPoint::corrupt)) {
                static_cast<std::uint8_t*>(to)[bytes / 2] ^= static_cast<std::uint8_t>(1 << (*bit & 7));
            }
        }
    });
    if (host != nullptr && !is_pinned(host, bytes)) {
        stream->synchronise();
    }
    return success;
}

}  // namespace

JPEGACT_EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t bytes) {
    if (const CUresult result = Device::instance().enter(FaultPoint::alloc)) {
        return result;
    }
    if (bytes == 0) {
        return invalid_value;
    }
    *address = DeviceMemory::instance().allocate(bytes);
    return *address != 0 ? success : out_of_memory;
}

JPEGACT_EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
    Device& device = Device::instance();
    device.synchronise();
    const bool known = DeviceMemory::instance().release(address);
    return device.sticky != success ? device.sticky.load() : known ? success : invalid_value;
}

JPEGACT_EXPORT CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
    *total = DeviceMemory::instance().size();
    *free = *total - DeviceMemory::instance().used();
    return Device::instance().enter();
}

JPEGACT_EXPORT CUresult cuMemHostAlloc(void** memory, std::size_t bytes, unsigned) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter(FaultPoint::host_alloc)) {
        return result;
    }
    *memory = std::aligned_alloc(page, (bytes + page - 1) / page * page);
    if (*memory == nullptr) {
        return out_of_memory;
    }
    const std::lock_guard lock(device.mutex);
    device.host[reinterpret_cast<std::uint64_t>(*memory)] = {bytes, true};
    return success;
}

JPEGACT_EXPORT CUresult cuMemFreeHost(void* memory) {
    Device& device = Device::instance();
    device.synchronise();
    const std::lock_guard lock(device.mutex);
    const auto found = device.host.find(reinterpret_cast<std::uint64_t>(memory));
    if (found == device.host.end() || !found->second.second) {
        return invalid_value;
    }
    device.host.erase(found);
    std::free(memory);
    return device.sticky;
}

JPEGACT_EXPORT CUresult cuMemHostRegister_v2(void* memory, std::size_t bytes, unsigned) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter(FaultPoint::host_alloc)) {
        return result;
    }
    const auto address = reinterpret_cast<std::uint64_t>(memory);
    const std::lock_guard lock(device.mutex);
    for (const auto& [start, known] : device.host) {
        if (start < address + bytes && address < start + known.first) {
            return host_memory_already_registered;
        }
    }
    device.host[address] = {bytes, false};
    return success;
}

JPEGACT_EXPORT CUresult cuMemHostUnregister(void* memory) {
    Device& device = Device::instance();
    device.synchronise();
    const std::lock_guard lock(device.mutex);
    const auto found = device.host.find(reinterpret_cast<std::uint64_t>(memory));
    if (found == device.host.end() || found->second.second) {
        return host_memory_not_registered;
    }
    device.host.erase(found);
    return device.sticky;
}

JPEGACT_EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
    return call(FaultPoint::copy, [&](Device&) {
        std::uint8_t* target = DeviceMemory::instance().range(to, bytes);
        return target == nullptr ? invalid_value : put_copy(stream, target, from, bytes, from, false);
    });
}

JPEGACT_EXPORT CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
    return call(FaultPoint::copy, [&](Device&) {
        const std::uint8_t* source = DeviceMemory::instance().range(from, bytes);
        return source == nullptr ? invalid_value : put_copy(stream, to, source, bytes, to, true);
    });
}

JPEGACT_EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
    return call(FaultPoint::copy, [&](Device&) {
        std::uint8_t* target = DeviceMemory::instance().range(to, bytes);
        const std::uint8_t* source = DeviceMemory::instance().range(from, bytes);
        return target == nullptr || source == nullptr ? invalid_value
                                                      : put_copy(stream, target, source, bytes, nullptr, false);
    });
}

JPEGACT_EXPORT CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t bytes, CUstream handle) {
    return call(FaultPoint::copy, [&](Device& device) {
        const std::shared_ptr<CUstream_st> stream = device.stream(handle);
        std::uint8_t* target = DeviceMemory::instance().range(to, bytes);
        if (!stream || target == nullptr) {
            return !stream ? invalid_handle : invalid_value;
        }
        stream->put([=, &device] {
            if (device.sticky == success) {
                std::memset(target, value, bytes);
            }
        });
        return success;
    });
}

JPEGACT_EXPORT CUresult cuPointerGetAttribute(void* data, int attribute, CUdeviceptr address) {
    constexpr int memory_type = 2, device_ordinal = 9;
    return call(std::nullopt, [&](Device&) {
        const bool device = DeviceMemory::instance().range(address, 1) != nullptr;
        if (!device && !is_pinned(reinterpret_cast<const void*>(address), 1)) {
            return invalid_value;  // memory that CUDA knows nothing of
        }
        if (attribute == memory_type) {
            *static_cast<unsigned*>(data) = device ? 2 : 1;
        } else if (attribute == device_ordinal) {
            *static_cast<int*>(data) = 0;
        } else {
            return invalid_value;
        }
        return success;
    });
}
