// Tests of the whole card under the real libxrt_coreutil. They run in order on the two cards of one process.
#include <dlfcn.h>
#include <xrt/experimental/xrt_error.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>

#include "../emulated_card.h"
#include "check.hpp"
#include "test_image.hpp"

namespace {

using namespace std::chrono_literals;

constexpr auto enough = 5s;
constexpr std::size_t buffer_size = 8192;

/// A function of emulated_card.h, in the plug-in that XRT has loaded.
template <class Function>
Function control(const char* name) {
    static void* plugin =
        dlopen((std::string(std::getenv("XILINX_XRT")) + "/lib/libxrt_core.so.2").c_str(), RTLD_NOW | RTLD_NOLOAD);
    void* function = plugin != nullptr ? dlsym(plugin, name) : nullptr;
    if (function == nullptr) {
        check::fail(__FILE__, __LINE__, std::string(name) + " is not exported by the plug-in that XRT has loaded");
    }
    return reinterpret_cast<Function>(function);
}

#define CONTROL(name) control<decltype(&name)>(#name)

void set_faults(const char* specification) { CHECK(CONTROL(jpegact_card_set_faults)(specification) == 0); }

/// Waits until a fault has fired once: a compute unit starts its command some time after the host has submitted it.
void await_fault(const char* point) {
    const auto deadline = std::chrono::steady_clock::now() + enough;
    while (CONTROL(jpegact_card_fault_hits)(point) == 0) {
        CHECK(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(1ms);
    }
}

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

/// Sets a pointer argument by number, as XRT's C API lets a host do: the C++ API checks and keeps buffer objects.
void set_address(xrt::run& run, int index, std::uint64_t address) {
    run.set_arg(index, static_cast<const void*>(&address), sizeof address);
}

/// A card with the test image, and what a run of the copy kernel needs.
struct Bench {
    xrt::device device;
    xrt::uuid uuid;
    xrt::kernel copy;
    xrt::bo in, out, launches;

    explicit Bench(unsigned index = 0, const char* unit = "copy:{copy_1}")
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
    ~Bench() { CONTROL(jpegact_card_set_faults)(""); }

    xrt::run start(unsigned delay = 0) { return copy(in, out, launches, unsigned(buffer_size), delay); }
    ert_cmd_state run(unsigned delay = 0) { return start(delay).wait(enough); }

    /// How many bytes of the output on the card have the input's value.
    int copied() {
        out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
        return static_cast<int>(std::count(out.map<char*>(), out.map<char*>() + buffer_size, 7));
    }
    unsigned count() {
        launches.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
        return *launches.map<unsigned*>();
    }
};

}  // namespace

TEST(card_describes_itself) {
    xrt::device first(0);
    xrt::device second(1);
    CHECK(first.get_info<xrt::info::device::name>() == "jpegact_emulated_u250_1");
    CHECK(first.get_info<xrt::info::device::bdf>() == "0000:3b:00.1");
    CHECK(second.get_info<xrt::info::device::bdf>() == "0000:3c:00.1");
    CHECK_THROWS(xrt::device(2));
}

TEST(card_memory_is_apart_from_host_memory) {
    Bench bench;
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.out.map<char*>()[0] == 1);  // not transferred yet
    CHECK(bench.copied() == int(buffer_size));
    std::memset(bench.in.map(), 9, buffer_size);  // not transferred at all
    std::memset(bench.out.map(), 1, buffer_size);
    bench.out.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.copied() == int(buffer_size));
    bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.copied() == 0 && bench.out.map<char*>()[buffer_size - 1] == 9);
}

TEST(compute_units_have_their_own_static_variables) {
    Bench first(0, "copy:{copy_1}");
    CHECK(first.run() == ERT_CMD_STATE_COMPLETED);
    const unsigned before = first.count();
    Bench second(0, "copy:{copy_2}");
    CHECK(second.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(second.count() == 1);
    CHECK(first.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(first.count() == before + 1);
    CHECK(CONTROL(jpegact_card_runs)(0, "copy:copy_2") == 1);
    CHECK(CONTROL(jpegact_card_runs)(0, "copy:copy_1") == before + 1);
    CHECK(CONTROL(jpegact_card_runs)(0, "copy:copy_9") == -ENOENT);
    CHECK(CONTROL(jpegact_card_runs)(1, "copy:copy_1") == -ENOENT);  // open, but nothing is loaded
}

TEST(modelled_time_is_kept_beside_real_time) {
    Bench bench;
    const auto time = [] {
        jpegact_card_times time;
        CHECK(CONTROL(jpegact_card_kernel_time)(0, "copy:copy_1", &time) == 0);
        return time;
    };
    const jpegact_card_times before = time();
    CHECK(bench.run(2000) == ERT_CMD_STATE_COMPLETED);
    set_faults("error");
    CHECK(bench.run() == ERT_CMD_STATE_ERROR);
    CHECK(bench.run(2000) == ERT_CMD_STATE_COMPLETED);
    const jpegact_card_times after = time();
    CHECK(after.launches == before.launches + 2);
    CHECK(after.modelled_launches == before.modelled_launches + 2);
    CHECK(after.descriptors == before.descriptors + 2);  // the model saw what the kernel had written
    CHECK(after.real_seconds >= before.real_seconds + 0.004);
    CHECK(after.model_seconds - before.model_seconds == 2 * (buffer_size + 0.5));
    CHECK(after.model_fixed_seconds - before.model_fixed_seconds == 2 * 0.5);
    CHECK(std::string(after.model_limit) == "DDR[0]");

    // A kernel that the model does not know.
    xrt::kernel fill(bench.device, bench.uuid, "fill");
    CHECK(fill(bench.out, std::uint64_t(1), 5u).wait(enough) == ERT_CMD_STATE_COMPLETED);
    jpegact_card_times filled;
    CHECK(CONTROL(jpegact_card_kernel_time)(0, "fill:fill_1", &filled) == 0);
    CHECK(filled.launches == 1 && filled.modelled_launches == 0 && filled.model_seconds == 0);
    CHECK(CONTROL(jpegact_card_kernel_time)(0, "copy:copy_9", &filled) == -ENOENT);
    CHECK(CONTROL(jpegact_card_kernel_time)(0, "copy:copy_1", nullptr) == -EINVAL);
}

TEST(compute_units_run_at_the_same_time) {
    Bench first(0, "copy:{copy_1}");
    Bench second(0, "copy:{copy_2}");
    const auto begin = std::chrono::steady_clock::now();
    xrt::run one = first.start(500'000);
    xrt::run two = second.start(500'000);
    CHECK(one.wait(enough) == ERT_CMD_STATE_COMPLETED && two.wait(enough) == ERT_CMD_STATE_COMPLETED);
    CHECK(std::chrono::steady_clock::now() - begin < 950ms);
}

TEST(a_buffer_in_the_wrong_bank_is_an_error) {
    Bench bench;
    xrt::bo elsewhere(bench.device, buffer_size, 1);
    xrt::run run(bench.copy);
    const std::uint64_t address = elsewhere.address();
    const std::uint64_t in = bench.in.address();
    const std::uint64_t launches = bench.launches.address();
    set_address(run, 0, in);
    set_address(run, 1, address);
    set_address(run, 2, launches);
    run.set_arg(3, 64u);
    run.set_arg(4, 0u);
    run.start();
    CHECK(run.wait(enough) == ERT_CMD_STATE_ERROR);
}

TEST(an_overrun_is_an_error_and_the_card_lives_on) {
    Bench bench;
    xrt::kernel fill(bench.device, bench.uuid, "fill");
    xrt::run overrun = fill(bench.out, std::uint64_t(buffer_size / 4 + 1), 5u);
    CHECK(overrun.wait(enough) == ERT_CMD_STATE_ERROR);
    const xrt::error error(bench.device, XRT_ERROR_CLASS_SYSTEM);
    CHECK(XRT_ERROR_NUM(error.get_error_code()) == XRT_ERROR_NUM_FIRWWALL_TRIP);
    xrt::run good = fill(bench.out, std::uint64_t(buffer_size / 4), 0x07070707u);
    CHECK(good.wait(enough) == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.copied() == int(buffer_size));
}

TEST(a_buffer_freed_under_a_running_kernel_stays_until_it_ends) {
    Bench bench;
    auto out = std::make_unique<xrt::bo>(bench.device, buffer_size, bench.copy.group_id(1));
    const std::uint64_t in = bench.in.address();
    const std::uint64_t address = out->address();
    const std::uint64_t launches = bench.launches.address();
    xrt::run run(bench.copy);
    set_address(run, 0, in);
    set_address(run, 1, address);
    set_address(run, 2, launches);
    run.set_arg(3, unsigned(buffer_size));
    run.set_arg(4, 500'000u);
    run.start();
    out.reset();
    xrt::bo next(bench.device, buffer_size, bench.copy.group_id(1));
    CHECK(next.address() != address);  // not handed out again yet
    CHECK(run.wait(enough) == ERT_CMD_STATE_COMPLETED);
    xrt::bo after(bench.device, buffer_size, bench.copy.group_id(1));
    CHECK(after.address() == address);
}

TEST(kernel_faults_end_in_their_states) {
    Bench bench;
    set_faults("error,timeout@1,drop@2,firewall@3");
    CHECK(bench.run() == ERT_CMD_STATE_ERROR);
    CHECK(bench.run() == ERT_CMD_STATE_TIMEOUT);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(CONTROL(jpegact_card_fault_hits)("drop") == 1);
    CHECK(bench.copied() == 0);
    CHECK(bench.run() == ERT_CMD_STATE_ERROR);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.copied() == int(buffer_size));
}

TEST(corruption_flips_one_bit_of_the_longest_output) {
    Bench bench;
    set_faults("corrupt=3");
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.copied() == int(buffer_size) - 1);
    CHECK(bench.out.map<char*>()[(buffer_size - 1) / 2] == (7 ^ 8));
}

TEST(a_slow_kernel_ends_late) {
    Bench bench;
    set_faults("slow=500");
    xrt::run run = bench.start();
    CHECK(run.wait(20ms) != ERT_CMD_STATE_COMPLETED);
    CHECK(run.wait(enough) == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.copied() == int(buffer_size));
}

TEST(a_hung_unit_answers_after_a_reset) {
    Bench bench;
    set_faults("hang");
    xrt::run hung = bench.start();
    xrt::run queued = bench.start();
    await_fault("hang");
    CHECK(hung.wait(50ms) != ERT_CMD_STATE_COMPLETED);
    CHECK(hung.state() == ERT_CMD_STATE_RUNNING && queued.state() == ERT_CMD_STATE_QUEUED);
    CHECK(CONTROL(jpegact_card_reset)(0) == 0);
    CHECK(hung.wait(enough) == ERT_CMD_STATE_ABORT);
    CHECK(queued.wait(enough) == ERT_CMD_STATE_COMPLETED);
}

TEST(a_watchdog_resets_a_hung_unit) {
    Bench bench;
    set_faults("hang=50");
    xrt::run hung = bench.start();
    await_fault("hang");
    CHECK(hung.wait(enough) == ERT_CMD_STATE_ABORT);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
}

TEST(a_lost_completion_leaves_the_output_written) {
    Bench bench;
    set_faults("lost");
    xrt::run run = bench.start();
    await_fault("lost");
    CHECK(run.wait(50ms) != ERT_CMD_STATE_COMPLETED);
    CHECK(run.state() == ERT_CMD_STATE_RUNNING);
    CHECK(CONTROL(jpegact_card_reset)(0) == 0);
    CHECK(run.wait(enough) == ERT_CMD_STATE_ABORT);
    CHECK(bench.copied() == int(buffer_size));
}

TEST(transfer_faults_copy_nothing_and_carry_their_number) {
    Bench bench;
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    set_faults("sync_out=ETIMEDOUT,sync_in");
    CHECK(error_of([&] { bench.out.sync(XCL_BO_SYNC_BO_FROM_DEVICE); }) == ETIMEDOUT);
    CHECK(bench.out.map<char*>()[0] == 1);
    CHECK(error_of([&] { bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE); }) == EIO);
    CHECK(CONTROL(jpegact_card_fault_hits)("sync_in") == 1);
    CHECK(bench.copied() == int(buffer_size));
    CHECK(CONTROL(jpegact_card_fault_hits)("nothing") == -EINVAL);
    CHECK(CONTROL(jpegact_card_set_faults)("nothing") == -EINVAL);
}

TEST(a_damaged_transfer_ends_well_and_leaves_one_wrong_bit) {
    Bench bench;
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    set_faults("corrupt_in=5");
    bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE, 1024, 512);
    CHECK(CONTROL(jpegact_card_fault_hits)("corrupt_in") == 1);
    const char right = bench.in.map<char*>()[1024];
    bench.in.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    CHECK(bench.in.map<char*>()[1024] == static_cast<char>(right ^ 1 << 5));
    bench.in.map<char*>()[1024] = right;
    bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.copied() == int(buffer_size));
}

TEST(allocation_submission_and_context_faults_are_reported) {
    Bench bench;
    set_faults("alloc,submit,context,map");
    CHECK_THROWS(xrt::bo(bench.device, 4096, bench.copy.group_id(0)));
    CHECK(error_of([&] { bench.start(); }) == EBUSY);
    CHECK_THROWS(xrt::kernel(bench.device, bench.uuid, "fill"));
    CHECK(CONTROL(jpegact_card_fault_hits)("alloc") == 1);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
}

TEST(a_bank_that_is_full_says_so) {
    Bench bench;
    CHECK_THROWS(xrt::bo(bench.device, bank_size, bench.copy.group_id(0)));
    xrt::bo fits(bench.device, bank_size / 2, bench.copy.group_id(0));
    CHECK_THROWS(xrt::bo(bench.device, 4096, 99));
}

TEST(user_host_and_peer_buffers_work) {
    Bench bench;
    std::unique_ptr<char, decltype(&std::free)> user(static_cast<char*>(std::aligned_alloc(4096, buffer_size)),
                                                     std::free);
    std::memset(user.get(), 0, buffer_size);
    xrt::bo user_buffer(bench.device, user.get(), buffer_size, bench.copy.group_id(1));
    CHECK(bench.copy(bench.in, user_buffer, bench.launches, 100u, 0u).wait(enough) == ERT_CMD_STATE_COMPLETED);
    CHECK(user.get()[0] == 0);
    user_buffer.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    CHECK(user.get()[99] == 7 && user.get()[100] == 0);
    xrt::bo host(bench.device, buffer_size, xrt::bo::flags::host_only, 2);
    host.map<char*>()[0] = 3;
    host.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    xrt::bo peer(bench.device, buffer_size, xrt::bo::flags::p2p, bench.copy.group_id(1));
    CHECK(bench.copy(bench.in, peer, bench.launches, 100u, 0u).wait(enough) == ERT_CMD_STATE_COMPLETED);
    CHECK(peer.map<char*>()[99] == 7);  // no transfer: the mapping is the card's memory
}

TEST(buffers_are_copied_on_the_card) {
    Bench bench;
    bench.out.copy(bench.in, 100, 50, 10);
    CHECK(bench.copied() == 100);
    set_faults("copy*forever");
    bench.out.copy(bench.in, 200, 0, 0);  // XRT falls back to a copy through the host
    CHECK(CONTROL(jpegact_card_fault_hits)("copy") > 0);
    set_faults("");
    CHECK(bench.copied() == 200);
}

TEST(registers_start_a_kernel) {
    Bench bench(0, "copy:{copy_2}");
    xrt::kernel fill(bench.device, bench.uuid, "fill", xrt::kernel::cu_access_mode::exclusive);
    xrt::bo out(bench.device, 4096, fill.group_id(0));
    const std::uint64_t address = out.address();
    fill.write_register(0x10, static_cast<std::uint32_t>(address));
    fill.write_register(0x14, static_cast<std::uint32_t>(address >> 32));
    fill.write_register(0x1c, 16);
    fill.write_register(0x28, 0x11223344);
    fill.write_register(0, 1);
    const auto deadline = std::chrono::steady_clock::now() + enough;
    std::uint32_t control = 0;
    while ((control & 2) == 0 && std::chrono::steady_clock::now() < deadline) {
        control = fill.read_register(0);
    }
    CHECK((control & 2) != 0);
    CHECK((fill.read_register(0) & 2) == 0);  // reading it clears done
    out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    CHECK(out.map<std::uint32_t*>()[15] == 0x11223344);
    CHECK_THROWS(xrt::kernel(bench.device, bench.uuid, "fill"));  // the unit is taken
    CHECK_THROWS(bench.copy.read_register(0));                    // a shared unit has no registers for the host
}

TEST(an_image_is_not_replaced_while_it_is_in_use) {
    const std::vector<char> payload = test_payload();
    Bench bench(1);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK_THROWS(bench.device.load_xclbin(xrt::xclbin(make_test_image(4, payload))));  // in use
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
}

TEST(a_bad_image_leaves_an_idle_card_as_it_was) {
    xrt::device device(1);
    const std::vector<char> payload = test_payload();
    const auto runs = CONTROL(jpegact_card_runs)(1, "copy:copy_1");
    CHECK(runs == 2);
    CHECK_THROWS(device.load_xclbin(xrt::xclbin(make_test_image(2, {'n', 'o', ' ', 'E', 'L', 'F'}))));
    CHECK_THROWS(device.load_xclbin(xrt::xclbin(make_test_image(3, payload, "missing"))));
    set_faults("load=ENOSPC");
    CHECK(error_of([&] { device.load_xclbin(xrt::xclbin(make_test_image(4, payload))); }) == ENOSPC);
    CHECK(CONTROL(jpegact_card_runs)(1, "copy:copy_1") == runs);
    Bench bench(1);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(CONTROL(jpegact_card_runs)(1, "copy:copy_1") == runs + 1);
}

TEST(another_image_brings_its_own_kernels) {
    xrt::device device(1);
    const xrt::uuid uuid = device.load_xclbin(xrt::xclbin(make_test_image(5, test_payload())));
    CHECK(CONTROL(jpegact_card_runs)(1, "copy:copy_1") == 0);
    xrt::kernel copy(device, uuid, "copy:{copy_1}");
    xrt::bo buffer(device, 4096, copy.group_id(0));
    CHECK(copy(buffer, buffer, buffer, 0u, 0u).wait(enough) == ERT_CMD_STATE_COMPLETED);
    buffer.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    CHECK(*buffer.map<unsigned*>() == 1);
}

TEST(a_removed_card_is_gone_for_its_handles_and_comes_back_blank) {
    auto bench = std::make_unique<Bench>(0);
    Bench other(1);
    set_faults("hang");
    xrt::run hung = bench->start();
    xrt::run queued = bench->start();
    xrt::run ended = bench->start();
    await_fault("hang");
    CHECK(CONTROL(jpegact_card_remove)(0) == 0);
    CHECK(CONTROL(jpegact_card_remove)(0) == -ENODEV);
    CHECK(hung.wait(enough) == ERT_CMD_STATE_ABORT);
    CHECK(queued.wait(enough) == ERT_CMD_STATE_ABORT);
    CHECK(error_of([&] { bench->out.sync(XCL_BO_SYNC_BO_FROM_DEVICE); }) == ENODEV);
    CHECK(ended.wait(enough) == ERT_CMD_STATE_ABORT);
    CHECK(error_of([&] { ended.start(); }) == ENODEV);
    CHECK_THROWS(bench->start());
    CHECK_THROWS(xrt::bo(bench->device, 4096, 0));
    CHECK(other.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(CONTROL(jpegact_card_restore)(0) == 0);
    CHECK(CONTROL(jpegact_card_restore)(0) == -EEXIST);
    CHECK(error_of([&] { bench->out.sync(XCL_BO_SYNC_BO_FROM_DEVICE); }) == ENODEV);  // the old handle stays dead
    hung = xrt::run();
    queued = xrt::run();
    ended = xrt::run();
    bench.reset();
    CHECK(CONTROL(jpegact_card_live_buffers)(0) == 0);
    Bench again(0);
    CHECK(again.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(again.count() == 1);
}

TEST(a_fault_removes_a_card_at_a_submission) {
    {
        Bench bench;
        set_faults("remove@1");
        xrt::run run = bench.start();
        CHECK(run.wait(enough) == ERT_CMD_STATE_COMPLETED);
        CHECK(error_of([&] { run.start(); }) == ENODEV);
        CHECK_THROWS(xrt::device(0));
        CHECK(CONTROL(jpegact_card_runs)(0, "copy:copy_1") == -ENODEV);
        CHECK(CONTROL(jpegact_card_remove)(0) == -ENODEV);
    }
    CHECK(CONTROL(jpegact_card_restore)(0) == 0);
    CHECK(Bench().run() == ERT_CMD_STATE_COMPLETED);
}

TEST(a_card_that_a_fault_removed_for_a_time_comes_back_blank) {
    Bench old;
    set_faults("remove=100");
    CHECK(error_of([&] { old.start(); }) == ENODEV);
    CHECK_THROWS(xrt::device(0));
    std::this_thread::sleep_for(150ms);
    CHECK(CONTROL(jpegact_card_restore)(0) == -EEXIST);
    Bench again;
    CHECK(again.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(again.count() == 1);
    CHECK(error_of([&] { old.start(); }) == ENODEV);
}

TEST(transfers_and_buffers_are_counted) {
    const auto in_before = CONTROL(jpegact_card_bytes_synced)(0, JPEGACT_CARD_TO_DEVICE);
    const auto out_before = CONTROL(jpegact_card_bytes_synced)(0, JPEGACT_CARD_FROM_DEVICE);
    {
        Bench bench;
        CHECK(CONTROL(jpegact_card_live_buffers)(0) == 3);
        bench.copied();
    }
    CHECK(CONTROL(jpegact_card_live_buffers)(0) == 0);
    CHECK(CONTROL(jpegact_card_live_buffers)(1) == 0);
    CHECK(CONTROL(jpegact_card_bytes_synced)(0, JPEGACT_CARD_TO_DEVICE) - in_before == 2 * int(buffer_size));
    CHECK(CONTROL(jpegact_card_bytes_synced)(0, JPEGACT_CARD_FROM_DEVICE) - out_before == int(buffer_size));
    CHECK(CONTROL(jpegact_card_bytes_synced)(0, 2) == -EINVAL);
    CHECK(CONTROL(jpegact_card_live_buffers)(2) == -ENODEV);
}
