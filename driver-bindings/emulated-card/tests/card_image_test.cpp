// Tests of loading images.
#include <vector>

#include "card_bench.hpp"
#include "test_image.hpp"

TEST(an_image_is_not_replaced_while_it_is_in_use) {
    const std::vector<char> payload = test_payload();
    Bench bench(1);
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
    CHECK_THROWS(bench.device.load_xclbin(xrt::xclbin(make_test_image(4, payload))));  // in use
    CHECK(bench.run() == ERT_CMD_STATE_COMPLETED);
}

TEST(a_bad_image_leaves_an_idle_card_as_it_was) {
    CHECK(Bench(1).run() == ERT_CMD_STATE_COMPLETED);
    xrt::device device(1);
    const std::vector<char> payload = test_payload();
    const auto runs = CONTROL(jpegact_card_runs)(1, "copy:copy_1");
    CHECK(runs > 0);
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
