// Tests of card memory, buffers and transfers, under the real libxrt_coreutil.
#include <xrt/experimental/xrt_error.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include "card_bench.hpp"
#include "test_image.hpp"

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

TEST(transfers_at_once_and_the_making_of_buffers_are_told) {
    Bench bench;
    take_traffic();
    const std::unique_ptr<char, decltype(&std::free)> user(static_cast<char*>(std::aligned_alloc(4096, buffer_size)),
                                                           std::free);
    xrt::bo user_buffer(bench.device, user.get(), buffer_size, bench.copy.group_id(0));
    xrt::bo driver_buffer(bench.device, buffer_size, bench.copy.group_id(0));
    set_faults("hold_in*2,hold_out");
    std::thread other([&] { bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE); });
    std::thread inward([&] { bench.out.sync(XCL_BO_SYNC_BO_FROM_DEVICE); });
    std::thread outward([&] { driver_buffer.sync(XCL_BO_SYNC_BO_TO_DEVICE); });
    await_fault("hold_in", 2);
    await_fault("hold_out");
    set_faults("");
    other.join();
    inward.join();
    outward.join();
    const jpegact_card_traffic told = take_traffic();
    CHECK(told.peak_to_device == 2 && told.peak_from_device == 1 && told.peak_units == 0);
    CHECK(told.user_buffers == 2 && told.driver_buffers == 0);  // XRT 2.13 brings the pages of the second one
    driver_buffer.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    const jpegact_card_traffic later = take_traffic();
    CHECK(later.peak_to_device == 1 && later.peak_from_device == 0 && later.user_buffers == 0);
    CHECK(CONTROL(jpegact_card_take_traffic)(2, nullptr) == -ENODEV);
    CHECK(CONTROL(jpegact_card_take_traffic)(0, nullptr) == -EINVAL);
}
