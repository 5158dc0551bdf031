#pragma once

#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>

#include "../emulated_card.h"
#include "check.hpp"

// What the tests of the whole card share. They use the plug-in through the real libxrt_coreutil, on the two cards of
// one process, in any order.

using namespace std::chrono_literals;

/// Far longer than anything here takes, on a machine that stalls too: only a failing test waits for it.
inline constexpr auto enough = 60s;
inline constexpr std::size_t buffer_size = 8192;

/// A function of emulated_card.h, in the plug-in that XRT has loaded. Fails the test where it is not exported.
void* control(const char* name);

#define CONTROL(name) reinterpret_cast<decltype(&name)>(control(#name))

void set_faults(const char* specification);

/// Waits until a fault has fired: a compute unit starts its command some time after the host has submitted it.
void await_fault(const char* point, std::int64_t times = 1);

/// Lets a firing of a hold point go on; 0: all of them.
void release(const char* point, std::uint32_t firing = 0);

/// What went on at once on card 0 since the last call.
jpegact_card_traffic take_traffic();

/// Takes a card away and puts it back: blank, whatever tests did to it before.
void renew_card(unsigned index);

/// Sets a pointer argument by number, as XRT's C API lets a host do: the C++ API checks and keeps buffer objects.
void set_address(xrt::run& run, int index, std::uint64_t address);

/// The error number of an exception of XRT; 0 when nothing is thrown.
template <class Action>
int error_of(Action action) {
    try {
        action();
        return 0;
    } catch (const std::system_error& error) {
        return error.code().value();
    } catch (const std::exception&) {
        return -1;
    }
}

/// A card with the test image, and what a run of the copy kernel needs.
struct Bench {
    xrt::device device;
    xrt::uuid uuid;
    xrt::kernel copy;
    xrt::bo in, out, launches;

    explicit Bench(unsigned index = 0, const char* unit = "copy:{copy_1}");
    ~Bench();

    xrt::run start(unsigned delay = 0) { return copy(in, out, launches, unsigned(buffer_size), delay); }
    ert_cmd_state run(unsigned delay = 0) { return start(delay).wait(enough); }

    /// How many bytes of the output on the card have the input's value.
    int copied();
    unsigned count();
};
