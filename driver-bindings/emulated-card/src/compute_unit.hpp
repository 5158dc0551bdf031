#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "command.hpp"
#include "fault_plan.hpp"
#include "gauge.hpp"
#include "image.hpp"
#include "kernel_library.hpp"
#include "kernel_time.hpp"

namespace jpegact::card {

class OutputCorruption;

/// A compute unit: one thread that runs the commands of a queue in order, and the register map that the host sees.
/// Thread-safe.
class ComputeUnit {
  public:
    /// `working` counts the units at work. `raise_firewall` is called on the unit's thread when a command ends in a
    /// firewall error.
    ComputeUnit(ComputeUnitDescription description, const ImageDescription& image, Gauge& working,
                std::function<void()> raise_firewall);

    /// Waits for a kernel that is running; aborts whatever is queued or hung.
    ~ComputeUnit();

    const ComputeUnitDescription& description() const { return description_; }

    void submit(Command command);

    /// Ends a queued or hung command in ABORT. A running kernel cannot be interrupted. False: no such command here.
    bool abort(const Buffer* packet);

    /// Resets the unit: a hung command ends in ABORT, queued ones run on.
    void reset();

    /// The card is gone: everything queued, hung, running or submitted later ends in ABORT.
    void disconnect();

    /// Commands queued or running.
    std::size_t load() const;
    std::uint64_t runs() const;

    /// What its launches took, on this processor and by the kernels' cycle model.
    jpegact_card_times kernel_time() const { return time_.total(); }

    static constexpr std::uint32_t register_map_size = 65536;  // bytes

    /// Reads a register at a byte offset below register_map_size, a multiple of 4. Reading the control register
    /// clears its done bit.
    std::uint32_t read_register(std::uint32_t offset);

    /// Writes a register. Setting the start bit of the control register returns true: the caller then submits.
    bool write_register(std::uint32_t offset, std::uint32_t value);
    std::vector<std::uint32_t> registers() const;

  private:
    void work();
    ert_cmd_state execute(std::unique_lock<std::mutex>& lock, Command& command);
    ert_cmd_state hang(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds watchdog);
    ert_cmd_state run_with_fault(const Command& command, const Fault& fault);
    ert_cmd_state run_checked(const Command& command);
    ert_cmd_state run_kernel(const Command& command);
    ert_cmd_state run_and_damage(const Command& command,
                                 const std::function<std::string(const OutputCorruption&)>& damage);

    const ComputeUnitDescription description_;
    const KernelLibrary library_;
    Gauge& working_;
    const std::function<void()> raise_firewall_;

    KernelTime time_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Command> queue_;
    const Buffer* current_packet_ = nullptr;
    bool busy_ = false;
    bool hung_ = false;
    std::atomic<bool> disconnected_{false};  // also read by a hold, which may not take the mutex
    bool stopping_ = false;
    std::uint64_t runs_ = 0;
    std::vector<std::uint32_t> registers_;
    std::thread thread_;  // last: it uses the others
};

}  // namespace jpegact::card
