#include "check.hpp"

#include <utility>
#include <vector>

namespace check {
namespace {

std::vector<std::pair<const char*, Test>>& tests() {
    static std::vector<std::pair<const char*, Test>> all;
    return all;
}

/// Why a test failed; empty when it passed.
std::string run(Test test) {
    try {
        test();
        return {};
    } catch (const Failure& failure) {
        return failure.message;
    } catch (const std::exception& error) {
        return std::string("unexpected exception: ") + error.what();
    }
}

}  // namespace

Registration::Registration(const char* name, Test test) { tests().emplace_back(name, test); }

int run_all() {
    int failed = 0;
    for (const auto& [name, test] : tests()) {
        const std::string problem = run(test);
        std::printf(problem.empty() ? "PASS %s\n" : "FAIL %s: %s\n", name, problem.c_str());
        std::fflush(stdout);
        failed += problem.empty() ? 0 : 1;
    }
    std::printf("%d passed, %d failed, 0 skipped\n", static_cast<int>(tests().size()) - failed, failed);
    return failed;
}

}  // namespace check

int main() { return check::run_all() == 0 ? 0 : 1; }
