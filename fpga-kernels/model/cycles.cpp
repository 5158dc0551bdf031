#include "cycles.hpp"

#include <algorithm>

#include "jpegact/constants.hpp"

namespace model {
namespace {

constexpr double kBytesAWord = jpegact::kWordBytes;

const memory& memory_behind(const wiring& banks, const char* argument) {
    const auto found = banks.find(argument);
    return memory_of(found == banks.end() ? std::string() : found->second);
}

std::string bank_of(const wiring& banks, const char* argument) {
    const auto found = banks.find(argument);
    return found == banks.end() ? "DDR[?]" : found->second;
}

// Keeps the longest of several times, and what it was.
struct longest {
    double seconds = 0;
    std::string what;

    void add(double candidate, const std::string& name) {
        if (candidate > seconds) {
            seconds = candidate;
            what = name;
        }
    }
};

void add_processes(longest& all, const region& region, const work& work, double clock_hz) {
    for (const process& process : region.processes) {
        double cycles = 0;
        for (const loop& loop : process.loops) {
            cycles += double(loop.interval) * double(loop.steps(work));
        }
        all.add(cycles / clock_hz, process.function);
    }
}

double argument_seconds(const bundle& port, const traffic& each, const work& work, const memory& memory,
                        double clock_hz) {
    const auto or_default = [](unsigned value, unsigned fallback) { return double(value != 0 ? value : fallback); };
    const double burst = each.bursts ? or_default(each.writes ? port.write_burst : port.read_burst, kDefaultBurst) : 1;
    const double outstanding =
        each.waits ? 1 : or_default(each.writes ? port.write_outstanding : port.read_outstanding, kDefaultOutstanding);
    const double latency = each.writes ? memory.write_latency_seconds : memory.read_latency_seconds;
    const double words = double(each.words(work));
    // A burst takes its words' cycles; so many bursts can be under way within one latency and one burst.
    const double per_burst = burst / clock_hz;
    const double rate = std::min(clock_hz, outstanding * burst / (latency + per_burst));
    return words / rate;
}

void add_memory(longest& all, const kernel& kernel, const work& work, const wiring& banks, double clock_hz,
                company company) {
    struct bytes {
        double read = 0, written = 0;
        const memory* kind = nullptr;
    };
    std::map<std::string, bytes> by_bank;
    for (const bundle& port : kernel.bundles) {
        double reading = 0, writing = 0;
        for (const traffic& each : port.traffic_of) {
            const memory& memory = memory_behind(banks, each.argument);
            bytes& bank = by_bank[bank_of(banks, each.argument)];
            bank.kind = &memory;
            const double moved = kBytesAWord * double(each.words(work));
            (each.writes ? bank.written : bank.read) += moved;
            // What a kernel reads was written by the link, and the reverse.
            (each.writes ? bank.read : bank.written) += company == company::link ? moved : 0;
            (each.writes ? writing : reading) += argument_seconds(port, each, work, memory, clock_hz);
        }
        // Reads and writes have channels of their own.
        all.add(reading, std::string(port.name) + " reads");
        all.add(writing, std::string(port.name) + " writes");
    }
    for (const auto& [tag, bank] : by_bank) {
        const double seconds =
            std::max({bank.read / bank.kind->read_bytes_per_second, bank.written / bank.kind->write_bytes_per_second,
                      (bank.read + bank.written) / bank.kind->total_bytes_per_second});
        all.add(seconds, tag);
    }
}

}  // namespace

double refusal_seconds(const kernel&, const wiring& banks) {
    return memory_behind(banks, "descriptors").read_latency_seconds +
           memory_behind(banks, "results").write_latency_seconds;
}

estimate descriptor_time(const kernel& kernel, const work& work, const wiring& banks, double clock_hz,
                         company company) {
    estimate total;
    total.fixed_seconds = refusal_seconds(kernel, banks);
    for (const region& region : kernel.regions) {
        unsigned depth = 0;
        for (const process& process : region.processes) {
            depth += process.depth;
        }
        total.fixed_seconds += double(depth) / clock_hz;
    }
    // The first words arrive, and the last ones are acknowledged.
    total.fixed_seconds +=
        memory_behind(banks, "data").read_latency_seconds + memory_behind(banks, "data").write_latency_seconds;

    longest all;
    add_processes(all, kernel.regions.front(), work, clock_hz);
    add_memory(all, kernel, work, banks, clock_hz, company);
    total.seconds = total.fixed_seconds + all.seconds;
    total.limit = all.what;
    // What runs before and after the first region does not overlap with it.
    longest rest;
    for (size_t i = 1; i < kernel.regions.size(); i++) {
        longest one;
        add_processes(one, kernel.regions[i], work, clock_hz);
        rest.add(rest.seconds + one.seconds, one.what);
    }
    for (const loop& loop : kernel.own_loops) {
        rest.seconds += double(loop.interval) * double(loop.steps(work)) / clock_hz;
    }
    total.seconds += rest.seconds;
    if (rest.seconds > all.seconds) {
        total.limit = rest.what;
    }
    return total;
}

}  // namespace model
