// One CUDA thread group on one CPU thread: a fiber for each of its 256 threads.
//
// The lanes of a warp run one after another up to their next collective, hand over to each other directly, and go on when
// all have arrived; warps take turns at group barriers. Collectives that not all lanes reach, and barriers that not all
// threads reach, are found and end the launch, where a GPU would hang or give anything.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace jpegact::gpu {

class ThreadGroup {
  public:
    static constexpr std::uint32_t threads = 256;
    static constexpr std::uint32_t lanes = 32;
    using Body = void (*)(const void* arguments);

    ThreadGroup();
    ~ThreadGroup();
    ThreadGroup(const ThreadGroup&) = delete;
    ThreadGroup& operator=(const ThreadGroup&) = delete;

    /// The calling CPU thread's group, made at its first use.
    static ThreadGroup& of_thread();

    /// Runs a kernel's body as one group. False where it failed; `problem` says how.
    bool run(Body body, const void* arguments, std::uint32_t index, std::uint32_t count);

    const std::string& problem() const { return problem_; }

    // For the running thread, between run's start and end.
    std::uint32_t thread() const { return current_; }
    std::uint32_t index() const { return index_; }
    std::uint32_t count() const { return count_; }

    /// Waits for the whole group.
    void barrier() { hand_over(Wait::barrier); }

    /// Gives a value and gets those of the warp's 32 lanes; they stay valid up to the next collective but one.
    const std::uint32_t* exchange(std::uint32_t value);

    /// Ends the launch with an error; does not return.
    [[noreturn]] void fail(std::string problem);

  private:
    enum class Wait : std::uint8_t { none, warp, barrier, ended };

    static constexpr std::size_t stack_bytes = 64 << 10;

    static void start();
    void prepare();
    void hand_over(Wait wait);
    bool run_warp(std::uint32_t first);

    std::uint8_t* stacks_;
    void* scheduler_ = nullptr;
    void* fibers_[threads];
    Wait waits_[threads];
    std::uint8_t parity_[threads];
    std::uint32_t slots_[2][threads];
    std::uint32_t current_ = 0;
    std::uint32_t index_ = 0;
    std::uint32_t count_ = 0;
    Body body_ = nullptr;
    const void* arguments_ = nullptr;
    bool failed_ = false;
    std::string problem_;
};

}  // namespace jpegact::gpu
