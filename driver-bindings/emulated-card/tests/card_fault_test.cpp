// Tests of faults of kernels, transfers and the driver.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "card_bench.hpp"

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

TEST(swapped_words_leave_the_sum_of_the_output_as_it_was) {
    Bench bench;
    constexpr std::size_t words = buffer_size / sizeof(std::uint64_t);
    auto* in = bench.in.map<std::uint64_t*>();
    in[words / 2 + 3] = 42;  // all other words are equal
    bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    set_faults("swap,swap@1");
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    bench.out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    const auto* out = bench.out.map<const std::uint64_t*>();
    CHECK(out[0] == 42 && out[words / 2 + 3] == in[0]);
    CHECK(std::equal(out + 1, out + words / 2 + 3, in + 1));
    CHECK(CONTROL(jpegact_card_fault_hits)("swap") == 1);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(CONTROL(jpegact_card_fault_hits)("swap") == 2);
}

TEST(a_slow_kernel_and_a_slow_transfer_end_late) {
    Bench bench;
    set_faults("slow=100,slow_sync=100");
    const auto begin = std::chrono::steady_clock::now();
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(std::chrono::steady_clock::now() - begin >= 100ms);
    CHECK(bench.copied() == int(buffer_size));
    CHECK(std::chrono::steady_clock::now() - begin >= 200ms);
}

TEST(a_held_kernel_runs_when_it_is_released) {
    Bench bench;
    set_faults("hold*2");
    xrt::run first = bench.start();
    xrt::run second = bench.start();
    await_fault("hold");
    CHECK(first.wait(20ms) != ERT_CMD_STATE_COMPLETED);
    CHECK(first.state() == ERT_CMD_STATE_RUNNING && second.state() == ERT_CMD_STATE_QUEUED);
    CHECK(bench.copied() == 0);
    release("hold", 1);
    CHECK(first.wait(enough) == ERT_CMD_STATE_COMPLETED);
    await_fault("hold", 2);
    CHECK(second.state() == ERT_CMD_STATE_RUNNING);
    set_faults("");  // whoever is done with the faults leaves nothing held
    CHECK(second.wait(enough) == ERT_CMD_STATE_COMPLETED);
    CHECK(bench.copied() == int(buffer_size));
}

TEST(held_transfers_end_in_the_order_of_their_release) {
    Bench bench;
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    set_faults("hold_in*2,hold_out");
    std::atomic<bool> in_ended{false};
    std::atomic<bool> out_ended{false};
    std::thread in([&] {
        bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
        in_ended = true;
    });
    await_fault("hold_in");
    std::thread out([&] {
        bench.out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
        out_ended = true;
    });
    await_fault("hold_out");
    CHECK(!in_ended && !out_ended && bench.out.map<char*>()[0] == 1);
    release("hold_out", 1);
    out.join();
    CHECK(!in_ended && bench.out.map<char*>()[0] == 7);
    release("hold_in", 2);  // before it is held
    bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    CHECK(!in_ended && CONTROL(jpegact_card_fault_hits)("hold_in") == 2);
    release("hold_in");
    in.join();
}

TEST(what_nobody_releases_fails_loudly) {
    Bench bench;
    set_faults("hold=50,hold_in=50,hold_out=50");
    CHECK(bench.run() == ERT_CMD_STATE_TIMEOUT);
    CHECK(error_of([&] { bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE); }) == ETIMEDOUT);
    CHECK(error_of([&] { bench.out.sync(XCL_BO_SYNC_BO_FROM_DEVICE); }) == ETIMEDOUT);
    CHECK(bench.copied() == 0);
    CHECK(CONTROL(jpegact_card_release)("slow", 0) == -EINVAL && CONTROL(jpegact_card_release)(nullptr, 0) == -EINVAL);
}

TEST(calls_of_the_driver_do_not_return_before_they_are_released) {
    Bench bench;
    set_faults("hold_alloc,hold_submit,hold_open,hold_load");
    std::atomic<int> ended{0};
    std::thread allocating([&] {
        xrt::bo buffer(bench.device, 4096, bench.copy.group_id(0));
        ++ended;
    });
    std::thread submitting([&] {
        bench.start().wait(enough);
        ++ended;
    });
    std::thread opening([&] {
        xrt::device other(0);
        ++ended;
    });
    await_fault("hold_alloc");
    await_fault("hold_submit");
    await_fault("hold_open");
    CHECK(ended == 0);
    for (const char* point : {"hold_alloc", "hold_submit", "hold_open"}) {
        release(point);
    }
    allocating.join();
    submitting.join();
    opening.join();
    CHECK(ended == 3 && bench.copied() == int(buffer_size));
}

TEST(freeing_and_closing_wait_for_their_release_and_are_done_then) {
    Bench bench;
    auto buffer = std::make_unique<xrt::bo>(bench.device, 4096, bench.copy.group_id(0));
    auto kernel = std::make_unique<xrt::kernel>(bench.device, bench.uuid, "copy:{copy_2}");
    auto other = std::make_unique<xrt::device>(1);
    const std::int64_t buffers = CONTROL(jpegact_card_live_buffers)(0);
    set_faults("hold_free,hold_close_context,hold_close");
    std::atomic<int> ended{0};
    const auto drop = [&ended](auto& object) {
        return std::thread([&] {
            object.reset();
            ++ended;
        });
    };
    std::thread freeing = drop(buffer);
    std::thread leaving = drop(kernel);
    std::thread closing = drop(other);
    await_fault("hold_free");
    await_fault("hold_close_context");
    await_fault("hold_close");
    CHECK(ended == 0 && CONTROL(jpegact_card_live_buffers)(0) == buffers);
    for (const char* point : {"hold_free", "hold_close_context", "hold_close"}) {
        release(point);
    }
    freeing.join();
    leaving.join();
    closing.join();
    CHECK(CONTROL(jpegact_card_live_buffers)(0) == buffers - 1);
}

TEST(who_watches_holds_is_told_of_the_held_call_on_its_thread) {
    static std::atomic<int> begun{0};
    static std::atomic<int> gone_on{0};
    static std::atomic<std::thread::id> teller{};
    Bench bench;
    set_faults("hold_in@1");
    CONTROL(jpegact_card_observe_holds)
    ([](const char* point, int held) {
        teller = std::this_thread::get_id();
        CHECK(std::string(point) == "hold_in");
        ++(held != 0 ? begun : gone_on);
    });
    std::thread::id caller;
    std::thread in([&] {
        caller = std::this_thread::get_id();
        bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE);  // is not held
        CHECK(begun == 0);
        bench.in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
        CHECK(gone_on == 1);
    });
    await_fault("hold_in");
    while (begun == 0) {
        std::this_thread::yield();
    }
    CHECK(gone_on == 0);
    release("hold_in");
    in.join();
    CHECK(teller == caller && begun == 1);
    CONTROL(jpegact_card_observe_holds)(nullptr);
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
