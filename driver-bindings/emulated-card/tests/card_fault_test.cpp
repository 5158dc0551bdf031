// Tests of faults of kernels, transfers and the driver.
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
