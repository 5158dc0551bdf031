// Fibers: several activities that share one thread and hand control to each other. Include hls_stream.h, not this file.
//
// POSIX contexts start a fiber; switching after that is setjmp and longjmp, which make no system call.
#ifndef JPEGACT_STANDIN_FIBER_H
#define JPEGACT_STANDIN_FIBER_H

#include <setjmp.h>
#include <ucontext.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define JPEGACT_FIBER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JPEGACT_FIBER_ASAN 1
#endif
#endif
#ifdef JPEGACT_FIBER_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

namespace hls {
namespace detail {

// Runs one body after another on a stack of its own. It is used by the thread that made it only.
class fiber {
  public:
    fiber() : stack_(new unsigned char[kStackBytes]) {
        if (getcontext(&context_) != 0) {
            throw std::system_error(errno, std::generic_category(), "getcontext");
        }
        context_.uc_stack.ss_sp = stack_.get();
        context_.uc_stack.ss_size = kStackBytes;
        context_.uc_link = nullptr;
        const uintptr_t self = reinterpret_cast<uintptr_t>(this);
        makecontext(&context_, reinterpret_cast<void (*)()>(&fiber::enter), 2, unsigned(self),
                    unsigned(uint64_t(self) >> 32));
    }
    fiber(const fiber&) = delete;
    fiber& operator=(const fiber&) = delete;

    // What the next resume() begins. It must not throw.
    void set_body(std::function<void()> body) {
        body_ = std::move(body);
        done_ = false;
    }
    bool is_done() const { return done_; }

    // Runs the body until it pauses or ends. Called from outside.
    __attribute__((noinline)) void resume() {
        before_switch(&outer_fake_stack_, stack_.get(), kStackBytes);
        if (_setjmp(outside_) == 0) {
            if (started_) {
                _longjmp(inside_, 1);
            }
            started_ = true;
            setcontext(&context_);
        }
        after_switch(outer_fake_stack_, nullptr, nullptr);
    }

    // Hands control back to resume(). Called from the body.
    __attribute__((noinline)) void pause() {
        before_switch(&inner_fake_stack_, outer_bottom_, outer_size_);
        if (_setjmp(inside_) == 0) {
            _longjmp(outside_, 1);
        }
        after_switch(inner_fake_stack_, &outer_bottom_, &outer_size_);
    }

  private:
    // Pages are only used where the stack gets that deep.
    static constexpr size_t kStackBytes = 512 * 1024;

    static void enter(unsigned low, unsigned high) {
        reinterpret_cast<fiber*>(uintptr_t(uint64_t(high) << 32 | low))->run();
    }
    void run() {
        after_switch(nullptr, &outer_bottom_, &outer_size_);
        for (;;) {
            body_();
            body_ = nullptr;
            done_ = true;
            pause();
        }
    }

    // AddressSanitizer must know which stack is in use.
#ifdef JPEGACT_FIBER_ASAN
    static void before_switch(void** fake, const void* bottom, size_t size) {
        __sanitizer_start_switch_fiber(fake, bottom, size);
    }
    static void after_switch(void* fake, const void** bottom, size_t* size) {
        __sanitizer_finish_switch_fiber(fake, bottom, size);
    }
#else
    static void before_switch(void**, const void*, size_t) {}
    static void after_switch(void*, const void**, size_t*) {}
#endif

    std::unique_ptr<unsigned char[]> stack_;
    ucontext_t context_;
    jmp_buf inside_;
    jmp_buf outside_;
    std::function<void()> body_;
    bool started_ = false;
    bool done_ = true;
    void* outer_fake_stack_ = nullptr;
    void* inner_fake_stack_ = nullptr;
    const void* outer_bottom_ = nullptr;
    size_t outer_size_ = 0;
};

// Fibers that a thread keeps between regions. Those of a region that was left by a jump are not given back.
inline std::vector<std::unique_ptr<fiber>>& spare_fibers() {
    static thread_local std::vector<std::unique_ptr<fiber>> spare;
    return spare;
}

inline std::unique_ptr<fiber> take_fiber() {
    auto& spare = spare_fibers();
    if (spare.empty()) {
        return std::make_unique<fiber>();
    }
    std::unique_ptr<fiber> taken = std::move(spare.back());
    spare.pop_back();
    return taken;
}

}  // namespace detail
}  // namespace hls

#endif
