// Tests of the card as a whole, and its compute units.
#include <chrono>
#include <string>

#include "card_bench.hpp"

TEST(card_describes_itself) {
    xrt::device first(0);
    xrt::device second(1);
    CHECK(first.get_info<xrt::info::device::name>() == "jpegact_emulated_u250_1");
    CHECK(first.get_info<xrt::info::device::bdf>() == "0000:3b:00.1");
    CHECK(second.get_info<xrt::info::device::bdf>() == "0000:3c:00.1");
    CHECK_THROWS(xrt::device(2));
}

TEST(compute_units_have_their_own_static_variables) {
    renew_card(0);
    renew_card(1);
    const xrt::device blank(1);
    Bench first(0, "copy:{copy_1}");
    CHECK(first.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(first.count() == 1);
    Bench second(0, "copy:{copy_2}");
    CHECK(second.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(second.count() == 1);
    CHECK(first.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(first.count() == 2);
    CHECK(CONTROL(jpegact_card_runs)(0, "copy:copy_2") == 1);
    CHECK(CONTROL(jpegact_card_runs)(0, "copy:copy_1") == 2);
    CHECK(CONTROL(jpegact_card_runs)(0, "copy:copy_9") == -ENOENT);
    CHECK(CONTROL(jpegact_card_runs)(1, "copy:copy_1") == -ENOENT);  // open, but nothing is loaded
}

TEST(modelled_time_is_kept_beside_real_time) {
    renew_card(0);
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
    take_traffic();
    set_faults("hold*2");
    xrt::run one = first.start();
    xrt::run two = second.start();
    await_fault("hold", 2);  // neither has ended
    CHECK(one.state() == ERT_CMD_STATE_RUNNING && two.state() == ERT_CMD_STATE_RUNNING);
    release("hold");
    CHECK(one.wait(enough) == ERT_CMD_STATE_COMPLETED && two.wait(enough) == ERT_CMD_STATE_COMPLETED);
    CHECK(take_traffic().peak_units == 2);
    CHECK(first.run() == ERT_CMD_STATE_COMPLETED);
    CHECK(take_traffic().peak_units == 1);
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
