// How a dataflow region is written so that one source runs in all ways:
//   Vitis, for synthesis and for its own C simulation: the processes are plain calls, one after the other;
//   the stand-in headers: each process is an activity of its own (see standin/hls_stream.h), so that FIFOs can be finite.
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

#if defined(JPEGACT_STANDIN_HLS_STREAM_H) && !defined(__SYNTHESIS__)
#define JPEGACT_REGION_BEGIN hls::region jpegact_region
#define JPEGACT_PROCESS(...) jpegact_region.add([&] { __VA_ARGS__; })
#define JPEGACT_REGION_END jpegact_region.run()
#else
#define JPEGACT_REGION_BEGIN
#define JPEGACT_PROCESS(...) __VA_ARGS__
#define JPEGACT_REGION_END
#endif

#endif
