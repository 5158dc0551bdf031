// The xcl functions that open a card, load it and describe it.
#include <cstring>

#include "fault_plan.hpp"
#include "log.hpp"
#include "platform.hpp"
#include "xcl_support.hpp"
#include "xrt_core_imports.hpp"

using namespace jpegact::card;

XCL_EXPORT unsigned xclProbe() { return Registry::instance().slot_count(); }

XCL_EXPORT xclDeviceHandle xclOpen(unsigned index, const char*, xclVerbosityLevel) {
    log(LogLevel::trace, "open card %u", index);
    return Registry::instance().open(index);
}

XCL_EXPORT void xclClose(xclDeviceHandle handle) {
    faults().hold_closing(FaultPoint::hold_close);
    Registry::instance().close(handle);
}

XCL_EXPORT unsigned xclVersion() { return 2; }

XCL_EXPORT int xclGetDeviceInfo2(xclDeviceHandle handle, xclDeviceInfo2* info) {
    return with_client(handle, [info](Client& client) {
        if (info == nullptr) {
            return -EINVAL;
        }
        std::memset(info, 0, sizeof *info);
        info->mMagic = 0X586C0C6C;  // of xrt.h
        std::strncpy(info->mName, platform_name, sizeof info->mName - 1);
        info->mHALMajorVersion = 2;
        info->mHALMinorVersion = 13;
        info->mVendorId = 0x10ee;  // Xilinx
        info->mDeviceId = 0x5005;  // Alveo U250
        info->mDataAlignment = page_size;
        info->mDMAThreads = 2;
        info->mPCIeLinkWidth = 16;
        info->mPCIeLinkSpeed = 3;
        info->mOCLFrequency[0] = 300;
        info->mPciSlot = client.card().index();
        unsigned banks = 0;
        info->mDDRSize = client.card().memory_size(banks);
        info->mDDRBankCount = static_cast<unsigned short>(banks);
        return 0;
    });
}

XCL_EXPORT int xclLoadXclBin(xclDeviceHandle handle, const axlf* image) {
    return with_client(handle, [handle, image](Client& client) {
        if (image == nullptr) {
            return -EINVAL;
        }
        if (const int error_number = client.hold(FaultPoint::hold_load)) {
            return -error_number;
        }
        if (const auto error_number = faults().strike(FaultPoint::load)) {
            return -*error_number;
        }
        if (const int result = client.card().load(image)) {
            return result;
        }
        try {
            register_axlf(Registry::instance().core_device(handle).get(), image);
            return 0;
        } catch (const std::exception& error) {
            log(LogLevel::error, "XRT refuses the image: %s", error.what());
            return -EINVAL;
        }
    });
}

XCL_EXPORT int xclOpenContext(xclDeviceHandle handle, const xuid_t uuid, unsigned unit, bool shared) {
    return with_client(handle, [&](Client& client) {
        if (const auto error_number = faults().strike(FaultPoint::context)) {
            return -*error_number;
        }
        return client.open_context(uuid, unit, shared);
    });
}

XCL_EXPORT int xclCloseContext(xclDeviceHandle handle, const xuid_t, unsigned unit) {
    faults().hold_closing(FaultPoint::hold_close_context);
    // Not with_client: a context can be closed on a card that was removed.
    const std::shared_ptr<Client> client = Registry::instance().client(handle);
    return report(client == nullptr ? -EBADF : client->close_context(unit));
}

// A card of one process, with clocks that exist only in its description: nothing to lock, clock or switch on.
XCL_EXPORT int xclLockDevice(xclDeviceHandle) { return 0; }
XCL_EXPORT int xclUnlockDevice(xclDeviceHandle) { return 0; }
XCL_EXPORT int xclReClock2(xclDeviceHandle, unsigned short, const unsigned short*) { return 0; }
XCL_EXPORT int xclP2pEnable(xclDeviceHandle, bool, bool) { return 0; }

// The borrowed XRT objects call these by their C++ names.
int xclCmaEnable(xclDeviceHandle, bool, std::uint64_t) { return 0; }
int xclUpdateSchedulerStat(xclDeviceHandle) { return 0; }
int xclInternalResetDevice(xclDeviceHandle handle, xclResetKind) {
    return with_client(handle, [](Client& client) {
        client.card().reset();
        return 0;
    });
}
