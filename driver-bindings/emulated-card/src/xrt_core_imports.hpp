#pragma once

#include <experimental/xrt_xclbin.h>
#include <xrt/xrt.h>

#include <memory>

struct axlf;

/// What this library calls in libxrt_coreutil: exported there, but declared in no installed header.
namespace xrt_core {

class device;

/// Creates and registers XRT's object for a handle that a driver has just opened.
std::shared_ptr<device> get_userpf_device(xclDeviceHandle handle, unsigned index);

}  // namespace xrt_core

namespace jpegact::card {

/// xrt_core::device::register_axlf(const axlf*): tells XRT what is now loaded on the device.
void register_axlf(xrt_core::device* device, const axlf* image) asm("_ZN8xrt_core6device13register_axlfEPK4axlf");

/// xrt_core::device::load_xclbin(const xrt::xclbin&): loads; where that fails, XRT takes the device for an empty one.
void load_xclbin(xrt_core::device* device,
                 const xrt::xclbin& image) asm("_ZN8xrt_core6device11load_xclbinERKN3xrt6xclbinE");

}  // namespace jpegact::card
