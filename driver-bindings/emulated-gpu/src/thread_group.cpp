#include "thread_group.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

#if !defined(__x86_64__)
#error "The emulated GPU switches fibers with x86-64 instructions."
#endif

// Saves what a call keeps, exchanges stacks, restores. The first switch to a fiber "returns" into its start.
extern "C" void jpegact_gpu_switch(void** from, void* to);
asm(R"(
.text
.hidden jpegact_gpu_switch
.globl jpegact_gpu_switch
.type jpegact_gpu_switch, @function
jpegact_gpu_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size jpegact_gpu_switch, .-jpegact_gpu_switch
)");

namespace jpegact::gpu {
namespace {

constexpr int saved_registers = 6;

}  // namespace

ThreadGroup::ThreadGroup() {
    void* memory = mmap(nullptr, threads * stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    stacks_ = static_cast<std::uint8_t*>(memory);
    // The lowest page of each stack stays unreadable: an overflow stops the program instead of damaging a neighbour.
    for (std::uint32_t i = 0; i < threads; i++) {
        mprotect(stacks_ + i * stack_bytes, 4096, PROT_NONE);
    }
}

ThreadGroup::~ThreadGroup() { munmap(stacks_, threads * stack_bytes); }

ThreadGroup& ThreadGroup::of_thread() {
    static thread_local ThreadGroup group;
    return group;
}

bool ThreadGroup::run(Body body, const void* arguments, std::uint32_t index, std::uint32_t count) {
    body_ = body;
    arguments_ = arguments;
    index_ = index;
    count_ = count;
    failed_ = false;
    prepare();
    for (bool alive = true; alive && !failed_;) {
        std::uint32_t at_barrier = 0;
        for (std::uint32_t first = 0; first < threads; first += lanes) {
            if (waits_[first] == Wait::ended) {
                continue;
            }
            if (!run_warp(first)) {
                return false;
            }
            at_barrier += waits_[first] == Wait::barrier ? 1 : 0;
        }
        alive = at_barrier != 0;
        if (alive && at_barrier != threads / lanes) {
            problem_ = "a barrier was reached by " + std::to_string(at_barrier) + " of " +
                       std::to_string(threads / lanes) + " warps";
            return false;
        }
    }
    return !failed_;
}

const std::uint32_t* ThreadGroup::exchange(std::uint32_t value) {
    const std::uint32_t me = current_;
    std::uint32_t* slots = slots_[parity_[me]];
    parity_[me] ^= 1;
    slots[me] = value;
    hand_over(Wait::warp);
    return slots + (me & ~(lanes - 1));
}

void ThreadGroup::fail(std::string problem) {
    problem_ = std::move(problem);
    failed_ = true;
    void* abandoned;
    jpegact_gpu_switch(&abandoned, scheduler_);
    std::abort();
}

void ThreadGroup::start() {
    ThreadGroup& group = of_thread();
    group.body_(group.arguments_);
    group.hand_over(Wait::ended);
    std::abort();
}

void ThreadGroup::prepare() {
    for (std::uint32_t i = 0; i < threads; i++) {
        // A function starts with its stack 8 bytes past a multiple of 16, as if it had been called.
        void** top = reinterpret_cast<void**>(stacks_ + (i + 1) * stack_bytes) - 1;
        *--top = reinterpret_cast<void*>(&ThreadGroup::start);
        for (int r = 0; r < saved_registers; r++) {
            *--top = nullptr;
        }
        fibers_[i] = top;
        waits_[i] = Wait::none;
        parity_[i] = 0;
    }
}

// To the next lane of the warp, or back to run_warp after the last.
void ThreadGroup::hand_over(Wait wait) {
    const std::uint32_t me = current_;
    waits_[me] = wait;
    if ((me + 1) % lanes == 0) {
        jpegact_gpu_switch(&fibers_[me], scheduler_);
    } else {
        current_ = me + 1;
        jpegact_gpu_switch(&fibers_[me], fibers_[me + 1]);
    }
}

// Runs a warp up to a barrier or its end. All lanes must stop alike.
bool ThreadGroup::run_warp(std::uint32_t first) {
    for (;;) {
        current_ = first;
        jpegact_gpu_switch(&scheduler_, fibers_[first]);
        if (failed_) {
            return false;
        }
        const Wait wait = waits_[first];
        for (std::uint32_t lane = 1; lane < lanes; lane++) {
            if (waits_[first + lane] != wait) {
                problem_ = "lanes 0 and " + std::to_string(lane) + " of warp " + std::to_string(first / lanes) +
                           " of group " + std::to_string(index_) + " part at a collective";
                return false;
            }
        }
        if (wait != Wait::warp) {
            return true;
        }
    }
}

}  // namespace jpegact::gpu
