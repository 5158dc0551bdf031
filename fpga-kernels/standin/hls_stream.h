// Stand-in for the Vitis HLS header of this name, for C simulation where Vitis is not installed.
//
// Two modes, chosen when compiling; both run every process of a dataflow region as an activity of its own:
//   default                     all in the calling thread, FIFOs of a fixed size in bytes: fast.
//   JPEGACT_THREADED_REGIONS    a thread each, and every FIFO blocks at its declared depth, so a depth that is too small
//                               shows as a deadlock here instead of in hardware.
// Either reports a region in which nothing can go on as hls::deadlock.
#ifndef JPEGACT_STANDIN_HLS_STREAM_H
#define JPEGACT_STANDIN_HLS_STREAM_H

#include <cstddef>

#ifdef JPEGACT_THREADED_REGIONS
#include "hls_stream_threaded.h"
#else
#include "hls_stream_cooperative.h"
#endif

namespace hls {

// A FIFO with its depth in its type. Like the vendor's, it derives from stream<T>, so processes take stream<T>&.
template <class T, int DEPTH>
class stream : public stream<T, 0> {
    static_assert(DEPTH > 0, "a FIFO holds at least one item");

  public:
    explicit stream(const char* name = "unnamed") : stream<T, 0>(name, DEPTH) {}
};

}  // namespace hls

#endif
