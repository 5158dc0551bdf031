#include "memory_fault.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csetjmp>
#include <csignal>
#include <mutex>

#include "log.hpp"

namespace jpegact::card {
namespace {

struct WatchedRange {
    std::atomic<std::uintptr_t> start{0};  // 0: the slot is free
    std::atomic<std::size_t> size{0};
};

// Fixed size, because the signal handler reads it without a lock: 16 cards of 32 banks.
std::array<WatchedRange, 512> g_ranges;
std::mutex g_ranges_mutex;
struct sigaction g_previous_segv;
struct sigaction g_previous_bus;

struct Guard {
    sigjmp_buf resume;
    std::uintptr_t address;
};

// initial-exec: the handler must not enter the dynamic linker to find this variable.
[[gnu::tls_model("initial-exec")]] thread_local Guard* t_guard = nullptr;

bool is_watched(std::uintptr_t address) {
    for (const WatchedRange& range : g_ranges) {
        const std::uintptr_t start = range.start.load(std::memory_order_acquire);
        if (start != 0 && address >= start && address - start < range.size.load(std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

void pass_on(const struct sigaction& previous, int signal, siginfo_t* info, void* context) {
    if ((previous.sa_flags & SA_SIGINFO) != 0) {
        previous.sa_sigaction(signal, info, context);
    } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
        // The access is repeated on return and then ends the process, as it would without this handler.
        std::signal(signal, SIG_DFL);
    } else {
        previous.sa_handler(signal);
    }
}

void on_memory_fault(int signal, siginfo_t* info, void* context) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    if (is_watched(address)) {
        if (t_guard != nullptr) {
            t_guard->address = address;
            siglongjmp(t_guard->resume, 1);
        }
        static constexpr char message[] = "emulated card: access to card memory outside every buffer\n";
        [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, message, sizeof message - 1);
    }
    pass_on(signal == SIGSEGV ? g_previous_segv : g_previous_bus, signal, info, context);
}

void install_handler() {
    struct sigaction action{};
    action.sa_sigaction = on_memory_fault;
    // SA_ONSTACK: the .NET runtime detects stack overflow in a handler that runs on an alternate stack.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGSEGV, &action, &g_previous_segv);
    ::sigaction(SIGBUS, &action, &g_previous_bus);
}

}  // namespace

void watch_memory(const void* start, std::size_t size) {
    const std::lock_guard lock(g_ranges_mutex);
    static const bool installed = (install_handler(), true);
    static_cast<void>(installed);
    for (WatchedRange& range : g_ranges) {
        if (range.start.load(std::memory_order_relaxed) == 0) {
            range.size.store(size, std::memory_order_relaxed);
            range.start.store(reinterpret_cast<std::uintptr_t>(start), std::memory_order_release);
            return;
        }
    }
    log(LogLevel::error, "too many memory banks: accesses outside a buffer of this one end the process");
}

void unwatch_memory(const void* start) {
    const std::lock_guard lock(g_ranges_mutex);
    for (WatchedRange& range : g_ranges) {
        if (range.start.load(std::memory_order_relaxed) == reinterpret_cast<std::uintptr_t>(start)) {
            range.start.store(0, std::memory_order_release);
            return;
        }
    }
}

std::optional<std::uintptr_t> run_guarded(const std::function<void()>& body) {
    Guard guard;
    // 1: the signal mask is restored too, or the next fault of this thread would kill the process.
    if (sigsetjmp(guard.resume, 1) != 0) {
        t_guard = nullptr;
        return guard.address;
    }
    t_guard = &guard;
    body();
    t_guard = nullptr;
    return std::nullopt;
}

}  // namespace jpegact::card
