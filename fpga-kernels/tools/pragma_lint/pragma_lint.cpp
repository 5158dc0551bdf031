// Checks the kernels' source for what Vitis accepts silently and wrongly, and for what this project bans.
//
//   pragma_lint FILE...            prints one line a finding; exit code 1 when there is any
//   pragma_lint --self-test FILE   FILE holds code in which each line that must be flagged ends in `// flag`
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "checker.hpp"

namespace pragma_lint {
namespace {

std::string read(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

int self_test(const std::string& path) {
    const std::string source = read(path);
    std::set<int> expected, found;
    std::istringstream lines(source);
    std::string line;
    for (int number = 1; std::getline(lines, line); number++) {
        if (line.find("// flag") != std::string::npos) {
            expected.insert(number);
        }
    }
    for (const finding& each : checker().check(source)) {
        found.insert(each.line);
        if (expected.count(each.line) == 0) {
            std::printf("FAIL lint_self_test %s:%d flagged for no reason: %s\n", path.c_str(), each.line,
                        each.text.c_str());
        }
    }
    for (const int number : expected) {
        if (found.count(number) == 0) {
            std::printf("FAIL lint_self_test %s:%d not flagged\n", path.c_str(), number);
        }
    }
    if (found == expected && !expected.empty()) {
        std::printf("PASS lint_self_test\n");
        return 0;
    }
    return 1;
}

int check_files(const std::vector<std::string>& paths) {
    int count = 0;
    for (const std::string& path : paths) {
        for (const finding& each : checker().check(read(path))) {
            std::printf("FAIL lint %s:%d: %s\n", path.c_str(), each.line, each.text.c_str());
            count++;
        }
    }
    if (count == 0) {
        std::printf("PASS lint\n");
    }
    return count == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pragma_lint

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        if (arguments.size() == 2 && arguments[0] == "--self-test") {
            return pragma_lint::self_test(arguments[1]);
        }
        if (!arguments.empty() && arguments[0][0] != '-') {
            return pragma_lint::check_files(arguments);
        }
    } catch (const std::exception& error) {
        std::printf("FAIL lint %s\n", error.what());
        return 1;
    }
    std::fprintf(stderr, "usage: pragma_lint FILE... | pragma_lint --self-test FILE\n");
    return 2;
}
