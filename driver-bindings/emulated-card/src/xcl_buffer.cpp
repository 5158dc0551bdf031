// The xcl functions on buffer objects and on card memory.
#include <cstring>

#include "fault_plan.hpp"
#include "log.hpp"
#include "xcl_support.hpp"

using namespace jpegact::card;

namespace {

unsigned allocate(xclDeviceHandle handle, void* user, std::size_t size, unsigned flags) {
    unsigned buffer = NULLBO;
    with_client(handle, [&](Client& client) {
        buffer = client.allocate(user, size, flags);
        return buffer == NULLBO ? -errno : 0;
    });
    return buffer;
}

/// Runs `access(memory, room)` on the memory behind a device address; `room` is what the buffer holds from there.
template <class Access>
ssize_t access_memory(xclDeviceHandle handle, std::uint64_t address, std::size_t size, Access access) {
    return with_client(handle, [&](Client& client) {
        const std::shared_ptr<DeviceMemory> memory = client.card().find(address);
        if (memory == nullptr) {
            return -EINVAL;
        }
        const std::uint64_t offset = address - memory->device_address();
        if (offset > memory->size() || size > memory->size() - offset) {
            return -EINVAL;
        }
        access(memory->data() + offset);
        return 0;
    });
}

/// Runs `access(bytes)` on the host side of a buffer, within its bounds.
template <class Access>
std::size_t access_host_side(xclDeviceHandle handle, unsigned buffer, std::size_t size, std::size_t offset,
                             Access access) {
    const int result = with_client(handle, [&](Client& client) {
        const std::shared_ptr<Buffer> found = client.find(buffer);
        if (found == nullptr || found->host == nullptr || !found->contains(offset, size)) {
            return -EINVAL;
        }
        access(found->host + offset);
        return 0;
    });
    return static_cast<std::size_t>(result);
}

}  // namespace

XCL_EXPORT xclBufferHandle xclAllocBO(xclDeviceHandle handle, std::size_t size, int, unsigned flags) {
    return allocate(handle, nullptr, size, flags);
}

XCL_EXPORT xclBufferHandle xclAllocUserPtrBO(xclDeviceHandle handle, void* user, std::size_t size, unsigned flags) {
    if (user == nullptr || reinterpret_cast<std::uintptr_t>(user) % page_size != 0) {
        errno = EINVAL;
        return NULLBO;
    }
    return allocate(handle, user, size, flags);
}

XCL_EXPORT void xclFreeBO(xclDeviceHandle handle, xclBufferHandle buffer) {
    // Not with_client: a buffer can be freed on a card that was removed, and after its handle was closed.
    const std::shared_ptr<Client> client = Registry::instance().client(handle);
    if (client != nullptr && client->free(buffer) != 0) {
        log(LogLevel::error, "buffer %u is freed, but not open", buffer);
    }
}

XCL_EXPORT void* xclMapBO(xclDeviceHandle handle, xclBufferHandle buffer, bool) {
    void* host = nullptr;
    with_client(handle, [&](Client& client) {
        const std::shared_ptr<Buffer> found = client.find(buffer);
        if (found == nullptr || found->host == nullptr) {
            return -EINVAL;
        }
        if (!found->is_command_packet()) {
            if (const auto error_number = faults().strike(FaultPoint::map)) {
                return -*error_number;
            }
        }
        host = found->host;
        return 0;
    });
    return host;
}

XCL_EXPORT int xclUnmapBO(xclDeviceHandle, xclBufferHandle, void*) { return 0; }

XCL_EXPORT int xclSyncBO(xclDeviceHandle handle, xclBufferHandle buffer, xclBOSyncDirection direction, std::size_t size,
                         std::size_t offset) {
    return with_client(handle, [&](Client& client) { return client.synchronize(buffer, direction, size, offset); });
}

XCL_EXPORT int xclCopyBO(xclDeviceHandle handle, xclBufferHandle destination, xclBufferHandle source, std::size_t size,
                         std::size_t to, std::size_t from) {
    return with_client(handle, [&](Client& client) { return client.copy(destination, source, size, to, from); });
}

XCL_EXPORT int xclGetBOProperties(xclDeviceHandle handle, xclBufferHandle buffer, xclBOProperties* properties) {
    return with_client(handle, [&](Client& client) {
        const std::shared_ptr<Buffer> found = client.find(buffer);
        if (found == nullptr) {
            return -ENOENT;
        }
        properties->handle = buffer;
        properties->flags = found->flags;
        properties->size = found->size;
        properties->paddr = found->device != nullptr ? found->device->device_address() : ~std::uint64_t{0};
        return 0;
    });
}

XCL_EXPORT std::size_t xclWriteBO(xclDeviceHandle handle, xclBufferHandle buffer, const void* source, std::size_t size,
                                  std::size_t offset) {
    return access_host_side(handle, buffer, size, offset, [&](char* host) { std::memcpy(host, source, size); });
}

XCL_EXPORT std::size_t xclReadBO(xclDeviceHandle handle, xclBufferHandle buffer, void* destination, std::size_t size,
                                 std::size_t offset) {
    return access_host_side(handle, buffer, size, offset,
                            [&](const char* host) { std::memcpy(destination, host, size); });
}

XCL_EXPORT ssize_t xclUnmgdPwrite(xclDeviceHandle handle, unsigned, const void* source, std::size_t size,
                                  std::uint64_t address) {
    return access_memory(handle, address, size, [&](char* memory) { std::memcpy(memory, source, size); });
}

XCL_EXPORT ssize_t xclUnmgdPread(xclDeviceHandle handle, unsigned, void* destination, std::size_t size,
                                 std::uint64_t address) {
    return access_memory(handle, address, size, [&](const char* memory) { std::memcpy(destination, memory, size); });
}

// Cards of one process have nobody to share a buffer with.
XCL_EXPORT xclBufferExportHandle xclExportBO(xclDeviceHandle, xclBufferHandle) {
    errno = EOPNOTSUPP;
    return XRT_NULL_BO_EXPORT;
}
XCL_EXPORT xclBufferHandle xclImportBO(xclDeviceHandle, xclBufferExportHandle, unsigned) {
    errno = EOPNOTSUPP;
    return NULLBO;
}
int xclCloseExportHandle(xclBufferExportHandle) { return 0; }
