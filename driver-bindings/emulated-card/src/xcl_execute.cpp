// The xcl functions that run kernels and reach their registers.
#include <chrono>
#include <thread>

#include "xcl_support.hpp"

using namespace jpegact::card;

XCL_EXPORT int xclExecBuf(xclDeviceHandle handle, xclBufferHandle packet) {
    return with_client(handle, [packet](Client& client) { return client.execute(packet); });
}

XCL_EXPORT int xclExecWait(xclDeviceHandle handle, int milliseconds) {
    // Not with_client: the aborted commands of a card that was removed are still to be reported.
    const std::shared_ptr<Client> client = Registry::instance().client(handle);
    return client == nullptr ? report(-EBADF) : client->completions().wait(milliseconds);
}

XCL_EXPORT int xclRegRead(xclDeviceHandle handle, std::uint32_t unit, std::uint32_t offset, std::uint32_t* value) {
    return with_client(handle, [&](Client& client) { return client.card().read_register(unit, offset, *value); });
}

XCL_EXPORT int xclRegWrite(xclDeviceHandle handle, std::uint32_t unit, std::uint32_t offset, std::uint32_t value) {
    return with_client(handle, [&](Client& client) { return client.card().write_register(unit, offset, value); });
}

// Raw access to the card's address space, long deprecated: there is nothing behind it here.
XCL_EXPORT std::size_t xclWrite(xclDeviceHandle, xclAddressSpace, std::uint64_t, const void*, std::size_t) {
    return static_cast<std::size_t>(report(-EOPNOTSUPP));
}
XCL_EXPORT std::size_t xclRead(xclDeviceHandle, xclAddressSpace, std::uint64_t, void*, std::size_t) {
    return static_cast<std::size_t>(report(-EOPNOTSUPP));
}
