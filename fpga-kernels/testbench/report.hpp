// Test registration and the lines a test run prints: `PASS name`, `FAIL name detail`, `SKIP name why`, and a summary.
#ifndef JPEGACT_TESTBENCH_REPORT_HPP
#define JPEGACT_TESTBENCH_REPORT_HPP

#include <stdexcept>
#include <string>
#include <vector>

namespace testbench {

// A check did not hold; the message says where.
struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A test cannot run in this build; the message says why.
struct skipped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
    if (!holds) {
        throw failure(what);
    }
}

struct test {
    const char* name;
    void (*run)();
};

// Each file of tests gives its own.
std::vector<test> encode_tests();
std::vector<test> decode_tests();
std::vector<test> maximum_tests();
std::vector<test> batch_tests();
std::vector<test> hostile_tests();
std::vector<test> number_tests();
std::vector<test> volume_tests();
std::vector<test> concurrency_tests();
std::vector<test> standin_tests();
std::vector<test> step_tests();

// Blocks that the volume tests run for each mode: JPEGACT_TEST_BLOCKS in the environment, or what suits the build.
size_t blocks_per_mode();

}  // namespace testbench

#endif
