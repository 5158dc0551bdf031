// Tests of cards that leave the bus and come back.
#include <memory>
#include <thread>

#include "card_bench.hpp"

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

TEST(a_removed_card_lets_go_of_what_was_held) {
    auto bench = std::make_unique<Bench>();
    set_faults("hold,hold_in");
    xrt::run held = bench->start();
    int error = 0;
    std::thread transfer([&] { error = error_of([&] { bench->in.sync(XCL_BO_SYNC_BO_TO_DEVICE); }); });
    await_fault("hold");
    await_fault("hold_in");
    CHECK(CONTROL(jpegact_card_remove)(0) == 0);
    CHECK(held.wait(enough) == ERT_CMD_STATE_ABORT);
    transfer.join();
    CHECK(error == ENODEV);
    CHECK(CONTROL(jpegact_card_restore)(0) == 0);
    held = xrt::run();
    bench.reset();
    CHECK(Bench().run() == ERT_CMD_STATE_COMPLETED);
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
    {
        Bench away;
        set_faults("remove=600000");
        CHECK(error_of([&] { away.start(); }) == ENODEV);
        CHECK_THROWS(xrt::device(0));
    }
    CHECK(CONTROL(jpegact_card_restore)(0) == 0);
    Bench old;
    set_faults("remove=100");
    const auto begin = std::chrono::steady_clock::now();
    CHECK(error_of([&] { old.start(); }) == ENODEV);
    while (error_of([] { xrt::device(0); }) != 0) {
        CHECK(std::chrono::steady_clock::now() - begin < enough);
        std::this_thread::sleep_for(1ms);
    }
    CHECK(std::chrono::steady_clock::now() - begin >= 100ms);
    CHECK(CONTROL(jpegact_card_restore)(0) == -EEXIST);
    Bench again;
    CHECK(again.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(again.count() == 1);
    CHECK(error_of([&] { old.start(); }) == ENODEV);
}
