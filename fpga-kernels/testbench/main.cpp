// Runs every test, or those whose names contain the first argument. Exit code 0 when none failed.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "report.hpp"

namespace {

const char* running = "";

// A guard page was hit (see guarded_buffer), or a kernel does not come to an end.
void on_signal(int number) {
    const char* why = number == SIGALRM ? " does not come to an end\n" : " touched memory outside of its buffers\n";
    const char* parts[] = {"FAIL ", running, why};
    for (const char* part : parts) {
        if (write(STDOUT_FILENO, part, std::strlen(part)) < 0) {
            break;
        }
    }
    _exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    using testbench::test;
    constexpr unsigned kSecondsForAll = 3600;
    signal(SIGSEGV, on_signal);
    signal(SIGBUS, on_signal);
    signal(SIGALRM, on_signal);
    alarm(kSecondsForAll);
    setvbuf(stdout, nullptr, _IOLBF, 0);

    std::vector<test> tests;
    for (const auto& group :
         {testbench::encode_tests(), testbench::decode_tests(), testbench::maximum_tests(), testbench::batch_tests(),
          testbench::hostile_tests(), testbench::number_tests(), testbench::volume_tests(),
          testbench::concurrency_tests(), testbench::standin_tests(), testbench::step_tests()}) {
        tests.insert(tests.end(), group.begin(), group.end());
    }
    int passed = 0, failed = 0, skipped = 0;
    for (const test& each : tests) {
        if (argc > 1 && std::strstr(each.name, argv[1]) == nullptr) {
            continue;
        }
        running = each.name;
        try {
            each.run();
            std::printf("PASS %s\n", each.name);
            passed++;
        } catch (const testbench::skipped& why) {
            std::printf("SKIP %s %s\n", each.name, why.what());
            skipped++;
        } catch (const std::exception& error) {
            std::printf("FAIL %s %s\n", each.name, error.what());
            failed++;
        }
    }
    std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed == 0 && passed > 0 ? 0 : 1;
}
