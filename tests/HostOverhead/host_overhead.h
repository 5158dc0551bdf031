// What a C++ host would write with XRT's own C++ interface: the yardstick of the C# bindings. Beside it the same with XRT's C
// interface, which the bindings call: what lies between the two is XRT's and not the bindings'. A library, so that all
// run in one process, on one card and one copy of XRT, and can take turns.
#ifndef JPEGACT_HOST_OVERHEAD_H
#define JPEGACT_HOST_OVERHEAD_H

#include <cstddef>
#include <cstdint>

extern "C" {

/// What is timed; the C# side has the same list.
enum overhead_operation : std::int32_t {
    overhead_to_card = 0,     ///< sync of the input buffer to the card
    overhead_from_card = 1,   ///< sync of the output buffer from the card
    overhead_round_trip = 2,  ///< write the input buffer, sync it to the card, sync it back
    overhead_launch = 3,      ///< write the input buffer, sync, run the copy kernel, wait, sync the output buffer back
};

/// Whose interface a session uses; the C# side has the same list.
enum overhead_interface : std::int32_t {
    overhead_cpp = 0,  ///< xrt::bo, xrt::run
    overhead_c = 1,    ///< xrtBOSync, xrtRunStart
};

struct overhead_session;

/// Opens card 0, loads the xclbin, opens compute unit copy_words:{copy_words_1} and two buffers over page-aligned memory.
/// Returns null and writes the reason where it cannot.
overhead_session* overhead_open(const char* xclbin, std::size_t bytes, overhead_interface interface, char* reason,
                                std::size_t reason_bytes);

/// Repeats an operation. Returns the nanoseconds of all repetitions together, or -1 where XRT threw or a copy differs.
std::int64_t overhead_measure(overhead_session* session, overhead_operation operation, std::int32_t repetitions);

void overhead_close(overhead_session* session);
}

#endif
