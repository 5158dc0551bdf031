// The launches with which the FIFO depths are tried: each makes one part of a pipeline run ahead of another.
#ifndef JPEGACT_TOOLS_FIFO_CORPUS_HPP
#define JPEGACT_TOOLS_FIFO_CORPUS_HPP

#include <functional>
#include <string>
#include <vector>

namespace fifo {

// A kernel and launches of it. A launch throws hls::deadlock when its FIFOs cannot hold what they must, and another
// exception when an output byte is wrong.
struct kernel_corpus {
    std::string kernel;
    std::vector<std::function<void()>> launches;
};

std::vector<kernel_corpus> all_kernels();

}  // namespace fifo

#endif
