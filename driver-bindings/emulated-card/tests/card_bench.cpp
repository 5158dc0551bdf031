#include "card_bench.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "test_image.hpp"

void* control(const char* name) {
    static void* plugin =
        dlopen((std::string(std::getenv("XILINX_XRT")) + "/lib/libxrt_core.so.2").c_str(), RTLD_NOW | RTLD_NOLOAD);
    void* function = plugin != nullptr ? dlsym(plugin, name) : nullptr;
    if (function == nullptr) {
        check::fail(__FILE__, __LINE__, std::string(name) + " is not exported by the plug-in that XRT has loaded");
    }
    return function;
}

void set_faults(const char* specification) { CHECK(CONTROL(jpegact_card_set_faults)(specification) == 0); }

void await_fault(const char* point, std::int64_t times) {
    const auto deadline = std::chrono::steady_clock::now() + enough;
    while (CONTROL(jpegact_card_fault_hits)(point) < times) {
        CHECK(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(1ms);
    }
}

void release(const char* point, std::uint32_t firing) { CHECK(CONTROL(jpegact_card_release)(point, firing) == 0); }

jpegact_card_traffic take_traffic() {
    jpegact_card_traffic traffic;
    CHECK(CONTROL(jpegact_card_take_traffic)(0, &traffic) == 0);
    return traffic;
}

void renew_card(unsigned index) {
    xrt::device loads_the_plug_in(index);
    CHECK(CONTROL(jpegact_card_remove)(index) == 0);
    CHECK(CONTROL(jpegact_card_restore)(index) == 0);
}

void set_address(xrt::run& run, int index, std::uint64_t address) {
    run.set_arg(index, static_cast<const void*>(&address), sizeof address);
}

Bench::Bench(unsigned index, const char* unit)
    : device(index),
      uuid(device.load_xclbin(xrt::xclbin(make_test_image(1, test_payload())))),
      copy(device, uuid, unit),
      in(device, buffer_size, copy.group_id(0)),
      out(device, buffer_size, copy.group_id(1)),
      launches(device, 4096, copy.group_id(2)) {
    std::memset(in.map(), 7, buffer_size);
    std::memset(out.map(), 1, buffer_size);
    in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    out.sync(XCL_BO_SYNC_BO_TO_DEVICE);
}

Bench::~Bench() { CONTROL(jpegact_card_set_faults)(""); }

int Bench::copied() {
    out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    return static_cast<int>(std::count(out.map<char*>(), out.map<char*>() + buffer_size, 7));
}

unsigned Bench::count() {
    launches.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    return *launches.map<unsigned*>();
}
