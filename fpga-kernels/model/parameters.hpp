// What the cycle model knows about cards and tools, each figure with where it comes from. None was measured by us on
// hardware: everything that follows from them is a MODEL.
#ifndef JPEGACT_MODEL_PARAMETERS_HPP
#define JPEGACT_MODEL_PARAMETERS_HPP

#include <string>

namespace model {

// A kind of memory as a kernel's port sees it.
struct memory {
    const char* name;
    double read_bytes_per_second;   // of one bank or channel, sequential bursts
    double write_bytes_per_second;  // the same
    double total_bytes_per_second;  // both directions together
    double read_latency_seconds;    // from a kernel's request to its first word
    double write_latency_seconds;   // from a burst's last word to its response
};

// One bank of the U250: DDR4-2400, 64 bits: 19.2 GB/s at most (AMD DS962). Kernels in public reports reach 15 to 17.
// Latency: a page miss takes 107 ns at the memory controller (Wang et al., Shuhai, FCCM 2020, 32 cycles of 300 MHz);
// 100 ns are allowed for interconnect and AXI adapters: an assumption.
constexpr memory kDdr4 = {"DDR4", 16.0e9, 16.0e9, 16.0e9, 207e-9, 207e-9};

// One pseudo channel of the U55C: 460 GB/s over 32 (AMD DS978), 14.4 GB/s. Latency: a page miss takes 138 ns (Shuhai,
// 62 cycles of 450 MHz), with the same allowance.
constexpr memory kHbm = {"HBM", 14.4e9, 14.4e9, 14.4e9, 238e-9, 238e-9};

// Host memory over PCIe gen3 x16, HOST[0]: public measurements on a U250 read 11.0 and write 11.4 GB/s, 22.5 together.
// Latency: about 0.5 us for small reads by a card (Neugebauer et al., SIGCOMM 2018), doubled for the bridge: an
// assumption.
constexpr memory kHost = {"HOST", 11.0e9, 11.4e9, 22.4e9, 1.0e-6, 1.0e-6};

// The link that feeds card memory: XDMA of a U250 on gen3 x16, public measurements.
constexpr double kLinkToCard = 11.0e9;
constexpr double kLinkFromCard = 12.15e9;

// Clock of the kernels: what csynth and v++ are asked for. Whether a build meets it is not known.
constexpr double kClockHz = 300e6;

// AXI adapter of Vitis HLS where a pragma does not say otherwise (AMD UG1399, "Options for Controlling AXI4 Burst
// Behavior").
constexpr unsigned kDefaultBurst = 16;
constexpr unsigned kDefaultOutstanding = 16;

// Start of a launch by the host: 50 to 100 us were reported by a U55C user; not part of a kernel's time.
constexpr double kHostLaunchSeconds = 75e-6;

// The memory behind a bank's tag, such as DDR[0], HBM[12] or HOST[0]; unknown tags count as DDR4.
inline const memory& memory_of(const std::string& tag) {
    return tag.rfind("HBM", 0) == 0 ? kHbm : tag.rfind("HOST", 0) == 0 ? kHost : kDdr4;
}

}  // namespace model

#endif
