// The kernels as the model sees them: processes of their dataflow regions and AXI ports. `make model-test` checks all
// of it against the pragmas and the FIFOs in the kernels' source.
#ifndef JPEGACT_MODEL_PIPELINES_HPP
#define JPEGACT_MODEL_PIPELINES_HPP

#include <cstdint>
#include <vector>

#include "work.hpp"

namespace model {

// A pipelined loop: `steps` times `interval` cycles.
struct loop {
    unsigned interval;
    uint64_t (*steps)(const work&);
};

// A process: its pipelined loops run one after the other. `depth` is the cycles a step takes from start to end, an
// estimate from the operators in it (a float32 product 6, a level of additions or choices 1).
struct process {
    const char* function;
    unsigned depth;
    std::vector<loop> loops;
};

// Processes that run at the same time; the regions of a kernel run one after the other.
struct region {
    const char* name;
    std::vector<process> processes;
};

// Words that a kernel moves through an argument for one descriptor.
struct traffic {
    const char* argument;
    uint64_t (*words)(const work&);
    bool writes;
    bool bursts;  // false: each word is a request of its own
    // Each burst waits for its response before the next starts: a loop of a loop over memory.
    bool waits = false;
};

// An AXI master. 0: the pragmas do not say, so the tool's default holds.
struct bundle {
    const char* name;
    unsigned read_burst;
    unsigned read_outstanding;
    unsigned write_burst;
    unsigned write_outstanding;
    std::vector<traffic> traffic_of;
};

struct kernel {
    const char* name;
    std::vector<const char*> arguments;  // in order
    std::vector<region> regions;
    std::vector<loop> own_loops;  // pipelined loops of the top, outside its regions
    std::vector<bundle> bundles;
};

const std::vector<kernel>& kernels();

// The kernel of this name, or null.
const kernel* find_kernel(const char* name);

}  // namespace model

#endif
