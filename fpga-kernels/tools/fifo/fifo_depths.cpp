// The smallest depth that each FIFO of the kernels can have, found by making one after the other shallower until a
// launch of the corpus deadlocks. The processes of a region are a Kahn network: what ends with a depth ends with every
// larger one, so the search may halve. This is about deadlock, not about rate: a FIFO around memory also hides its
// latency.
//
//   fifo_depths           prints the table
//   fifo_depths --test    PASS and FAIL lines: declared depths suffice, and depths below the minimum are reported
#include <hls_stream.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "corpus.hpp"

#ifndef JPEGACT_THREADED_REGIONS
#error "FIFOs have depths in the threaded build only."
#endif

namespace fifo {
namespace {

struct depths {
    std::string name;
    size_t declared;
    size_t minimum;
};

// Runs the launches, largest first, with the depths forced; the report of the first deadlock, or nothing.
std::string deadlock_with(const kernel_corpus& corpus, const std::map<std::string, size_t>& forced) {
    auto& table = hls::depth_table::instance();
    table.clear();
    for (const auto& [name, depth] : forced) {
        table.force(name, depth);
    }
    for (auto launch = corpus.launches.rbegin(); launch != corpus.launches.rend(); ++launch) {
        try {
            (*launch)();
        } catch (const hls::deadlock& report) {
            return report.what();
        }
    }
    return {};
}

std::vector<depths> shrink(const kernel_corpus& corpus) {
    if (const std::string report = deadlock_with(corpus, {}); !report.empty()) {
        throw std::runtime_error(corpus.kernel + " with its declared depths: " + report);
    }
    std::vector<depths> all;
    for (const auto& [name, declared] : hls::depth_table::instance().declared()) {
        size_t good = declared, bad = 0;
        for (size_t tried = 1; bad + 1 < good; tried = (bad + good) / 2) {
            (deadlock_with(corpus, {{name, tried}}).empty() ? good : bad) = tried;
        }
        all.push_back({name, declared, good});
    }
    return all;
}

std::map<std::string, size_t> minima(const std::vector<depths>& all) {
    std::map<std::string, size_t> forced;
    for (const depths& each : all) {
        forced[each.name] = each.minimum;
    }
    return forced;
}

void print_table(const kernel_corpus& corpus) {
    const std::vector<depths> all = shrink(corpus);
    std::printf("%s, %zu launches\n", corpus.kernel.c_str(), corpus.launches.size());
    std::printf("  %-18s %8s %8s %8s\n", "FIFO", "declared", "minimum", "margin");
    for (const depths& each : all) {
        std::printf("  %-18s %8zu %8zu %7.1fx\n", each.name.c_str(), each.declared, each.minimum,
                    double(each.declared) / double(each.minimum));
    }
    const std::string report = deadlock_with(corpus, minima(all));
    std::printf("  all at their minima at once: %s\n\n", report.empty() ? "every launch ends" : report.c_str());
}

// Every FIFO that needs room for more than one item must be seen to deadlock with half of what it needs.
int test_kernel(const kernel_corpus& corpus) {
    int failures = 0;
    for (const depths& each : shrink(corpus)) {
        if (each.minimum < 2) {
            continue;
        }
        const size_t half = std::min(each.declared / 2, each.minimum / 2);
        const std::string report = deadlock_with(corpus, {{each.name, half}});
        const bool good = report.find("deadlock: ") == 0;
        failures += good ? 0 : 1;
        std::printf("%s %s/%s at depth %zu (declared %zu, needs %zu): %s\n", good ? "PASS" : "FAIL",
                    corpus.kernel.c_str(), each.name.c_str(), half, each.declared, each.minimum,
                    report.empty() ? "nothing was noticed" : report.c_str());
    }
    std::printf("PASS %s/declared_depths_suffice\n", corpus.kernel.c_str());
    return failures;
}

}  // namespace
}  // namespace fifo

int main(int argc, char** argv) {
    const bool test = argc == 2 && std::strcmp(argv[1], "--test") == 0;
    if (argc > 1 && !test) {
        std::fprintf(stderr, "usage: fifo_depths [--test]\n");
        return 2;
    }
    setvbuf(stdout, nullptr, _IOLBF, 0);
    try {
        int failures = 0;
        for (const fifo::kernel_corpus& corpus : fifo::all_kernels()) {
            if (test) {
                failures += fifo::test_kernel(corpus);
            } else {
                fifo::print_table(corpus);
            }
        }
        return failures == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::printf("FAIL fifo_depths %s\n", error.what());
        return 1;
    }
}
