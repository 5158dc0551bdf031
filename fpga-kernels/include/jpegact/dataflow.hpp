// How a dataflow region is written so that one source runs in three ways:
//   Vitis, and sequential C simulation: the processes are plain calls, one after the other;
//   threaded C simulation (JPEGACT_THREADED_REGIONS): one thread per process, FIFOs block at their declared depths.
//
//     #pragma HLS DATAFLOW
//     JPEGACT_REGION_BEGIN;
//     hls::stream<word_t, 16> words("words");
//     JPEGACT_PROCESS(producer(in, words));
//     JPEGACT_PROCESS(consumer(words, out));
//     JPEGACT_REGION_END;
#ifndef JPEGACT_DATAFLOW_HPP
#define JPEGACT_DATAFLOW_HPP

#include <hls_stream.h>

#if defined(JPEGACT_THREADED_REGIONS) && !defined(__SYNTHESIS__)
#define JPEGACT_REGION_BEGIN hls::region jpegact_region
#define JPEGACT_PROCESS(...) jpegact_region.add([&] { __VA_ARGS__; })
#define JPEGACT_REGION_END jpegact_region.run()
#else
#define JPEGACT_REGION_BEGIN
#define JPEGACT_PROCESS(...) __VA_ARGS__
#define JPEGACT_REGION_END
#endif

#endif
