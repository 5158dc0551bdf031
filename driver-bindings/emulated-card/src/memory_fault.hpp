#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace jpegact::card {

/// Turns a kernel's access outside every buffer into an error of its run, as a card's AXI firewall does, instead of the
/// death of the host process. Only accesses inside watched memory by a thread in run_guarded are caught; any other
/// SIGSEGV or SIGBUS goes to the handler that was there before (the .NET runtime's, for instance).

/// Adds a reservation to the watched memory. Thread-safe. Installs the signal handler with the first one.
void watch_memory(const void* start, std::size_t size);
void unwatch_memory(const void* start);

/// Runs `body`. Returns the address of the access that stopped it, or nothing when it came to its end. A stopped body
/// is left without unwinding: what it allocated leaks, which is why a card that sees this wants a reset.
std::optional<std::uintptr_t> run_guarded(const std::function<void()>& body);

}  // namespace jpegact::card
