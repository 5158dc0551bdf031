#include <hls_stream.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

// Several compute units run the same functions at once: no state may be shared between them.
void compute_units() {
    std::vector<std::thread> units;
    std::mutex lock;
    std::exception_ptr error;
    for (uint64_t unit = 0; unit < 4; unit++) {
        units.emplace_back([&, unit] {
            try {
                random_source random(1000 + unit);
                for (int round = 0; round < 5; round++) {
                    const golden::task what = random_task(random, all_methods()[below(random, 4)],
                                                          all_types()[below(random, 4)], 20 + below(random, 60));
                    const std::vector<float> scales = random_encode_scales(random, what);
                    const golden::encoded out = check_encode(what, random_data(random, what, scales), scales, "a unit");
                    check_decode(what, out.masks, out.values, random_decode_scales(random, what), "a unit");
                }
            } catch (...) {
                const std::lock_guard<std::mutex> hold(lock);
                error = std::current_exception();
            }
        });
    }
    for (auto& unit : units) {
        unit.join();
    }
    if (error) {
        std::rethrow_exception(error);
    }
}

#ifdef JPEGACT_THREADED_REGIONS
// With FIFOs that cannot hold a burst of values, the encoder must be seen to deadlock: this shows that the threaded
// build would notice a declared depth that is too small.
void shallow_fifos_deadlock() {
    golden::task what;
    what.method = golden::method::sfpr;
    what.type = golden::type::int8;
    what.block_count = 200;
    const std::vector<uint8_t> data(what.data_bytes(), 5);
    const unsigned long long before = hls::leftover_items();
    hls::forced_depth() = 8;
    bool noticed = false;
    try {
        check_encode(what, data, {}, "shallow");
    } catch (const hls::deadlock&) {
        noticed = true;
    }
    hls::forced_depth() = 0;
    hls::leftover_items() = before;
    require(noticed, "a burst of 64 words cannot gather in a FIFO of 8, but nothing was noticed");
}
#else
void shallow_fifos_deadlock() { throw skipped("only the threaded build has FIFOs of limited depth"); }
#endif

#ifdef JPEGACT_STANDIN_HLS_STREAM_H
// Runs after the launches: each must have emptied its FIFOs.
void no_leftovers() { require(hls::leftover_items() == 0, std::to_string(hls::leftover_items()) + " items were left"); }
#else
void no_leftovers() { throw skipped("only the stand-in counts what is left in FIFOs"); }
#endif

}  // namespace

std::vector<test> concurrency_tests() {
    return {
        {"compute_units_share_nothing", compute_units},
        {"shallow_fifos_deadlock", shallow_fifos_deadlock},
        {"fifos_end_empty", no_leftovers},
    };
}

}  // namespace testbench
