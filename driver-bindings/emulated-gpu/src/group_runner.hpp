// Runs the groups of a launch on several CPU threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "kernel_table.hpp"

namespace jpegact::gpu {

class GroupRunner {
  public:
    static GroupRunner& instance();

    /// Runs all groups; one launch at a time, others wait. False where a group failed; `problem` says how.
    bool run(const Kernel& kernel, const void* arguments, std::uint32_t groups, std::string& problem);

  private:
    struct Launch {
        Launch(const Kernel* what, const void* with, std::uint32_t how_many, bool from_last)
            : kernel(what), arguments(with), groups(how_many), backwards(from_last) {}

        const Kernel* kernel;
        const void* arguments;
        std::uint32_t groups;
        bool backwards;
        std::atomic<std::uint32_t> next{0};
        std::atomic<bool> failed{false};
        std::mutex mutex;
        std::string problem;
    };

    GroupRunner();
    void help();
    static void work(Launch& launch);

    std::mutex launches_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Launch* launch_ = nullptr;
    std::uint64_t number_ = 0;
    unsigned busy_ = 0;
    unsigned helpers_ = 0;
};

}  // namespace jpegact::gpu
