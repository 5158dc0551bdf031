#include "group_runner.hpp"

#include <algorithm>
#include <cstdlib>

#include "thread_group.hpp"

namespace jpegact::gpu {

GroupRunner& GroupRunner::instance() {
    static GroupRunner* runner = new GroupRunner();  // its threads never end, so neither does it
    return *runner;
}

GroupRunner::GroupRunner() {
    const char* text = std::getenv("JPEGACT_GPU_THREADS");
    const int asked = text == nullptr ? 0 : std::atoi(text);
    const unsigned threads =
        asked > 0 ? static_cast<unsigned>(asked) : std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
    helpers_ = threads - 1;
    for (unsigned i = 0; i < helpers_; i++) {
        std::thread(&GroupRunner::help, this).detach();
    }
}

bool GroupRunner::run(const Kernel& kernel, const void* arguments, std::uint32_t groups, std::string& problem) {
    const std::lock_guard one(launches_);
    // Groups may start in any order on a GPU: every other launch starts them from the last.
    Launch launch(&kernel, arguments, groups, number_ % 2 == 1);
    {
        const std::lock_guard lock(mutex_);
        launch_ = groups > 1 ? &launch : nullptr;
        number_++;
    }
    if (groups > 1) {
        changed_.notify_all();
    }
    work(launch);
    std::unique_lock lock(mutex_);
    launch_ = nullptr;
    changed_.wait(lock, [this] { return busy_ == 0; });
    problem = launch.problem;
    return !launch.failed;
}

void GroupRunner::help() {
    std::uint64_t done = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return launch_ != nullptr && number_ != done; });
        done = number_;
        Launch& launch = *launch_;
        busy_++;
        lock.unlock();
        work(launch);
        lock.lock();
        if (--busy_ == 0) {
            changed_.notify_all();
        }
    }
}

void GroupRunner::work(Launch& launch) {
    ThreadGroup& group = ThreadGroup::of_thread();
    for (std::uint32_t i = launch.next++; i < launch.groups && !launch.failed; i = launch.next++) {
        const std::uint32_t index = launch.backwards ? launch.groups - 1 - i : i;
        if (!group.run(launch.kernel->body, launch.arguments, index, launch.groups)) {
            launch.failed = true;
            const std::lock_guard lock(launch.mutex);
            launch.problem = group.problem();
        }
    }
}

}  // namespace jpegact::gpu
