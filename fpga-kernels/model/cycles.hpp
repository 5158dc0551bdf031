// How long a kernel takes for a descriptor. A MODEL: see parameters.hpp for what it rests on.
//
// The processes of a region run at the same time, so a region takes as long as its slowest part: a process (steps times
// initiation interval), an AXI port (one word a cycle; or, where requests cannot cover the latency, outstanding x burst
// words a latency), or a memory bank (its bandwidth, shared by all ports that are wired to it). What cannot overlap
// adds up: descriptor and result, the filling of the pipeline, and the first and last access to memory.
#ifndef JPEGACT_MODEL_CYCLES_HPP
#define JPEGACT_MODEL_CYCLES_HPP

#include <map>
#include <string>

#include "parameters.hpp"
#include "pipelines.hpp"

namespace model {

// Where a unit's arguments are wired to: bank tags by argument name.
using wiring = std::map<std::string, std::string>;

struct estimate {
    double seconds = 0;
    double fixed_seconds = 0;  // the part that does not grow with the descriptor
    std::string limit;         // what the rest of the time is spent waiting for
};

// What else uses the memory banks while the kernel runs: nothing, or the link, which brings or fetches each byte that
// the kernel reads or writes, once, for the descriptors before and after this one.
enum class company { alone, link };

estimate descriptor_time(const kernel& kernel, const work& work, const wiring& banks, double clock_hz,
                         company company = company::alone);

// A descriptor that the kernel refused: it is read, and its result is written.
double refusal_seconds(const kernel& kernel, const wiring& banks);

}  // namespace model

#endif
