#pragma once

#include <xrt/xrt.h>
// After xrt.h, on which it depends.
#include <xrt/deprecated/xrt.h>

#include <cerrno>
#include <memory>

#include "registry.hpp"

#define XCL_EXPORT extern "C" __attribute__((visibility("default")))

/// What the xcl functions share. XRT's hardware driver leaves errno set by its ioctl when it returns a negative value,
/// and XRT's C API hands that errno on, so this driver sets it too.
namespace jpegact::card {

inline int report(int result) {
    if (result < 0) {
        errno = -result;
    }
    return result;
}

/// Runs `operation(Client&)`, which returns an int, on the client of a handle: -EBADF when the handle is not open,
/// -ENODEV when its card was removed.
template <class Operation>
int with_client(xclDeviceHandle handle, Operation operation) {
    const std::shared_ptr<Client> client = Registry::instance().client(handle);
    if (client == nullptr) {
        return report(-EBADF);
    }
    return report(client->card().gone() ? -ENODEV : operation(*client));
}

}  // namespace jpegact::card
