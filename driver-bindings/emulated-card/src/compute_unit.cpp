#include "compute_unit.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "fault_plan.hpp"
#include "log.hpp"
#include "memory_fault.hpp"
#include "output_corruption.hpp"
#include "trampoline.hpp"

namespace jpegact::card {
namespace {

// The control register of an HLS kernel (AP_CTRL_HS).
constexpr std::uint32_t ap_start = 1u << 0;
constexpr std::uint32_t ap_done = 1u << 1;
constexpr std::uint32_t ap_idle = 1u << 2;
constexpr std::uint32_t ap_ready = 1u << 3;

}  // namespace

ComputeUnit::ComputeUnit(ComputeUnitDescription description, const ImageDescription& image, Gauge& working,
                         std::function<void()> raise_firewall)
    : description_(std::move(description)),
      library_(image.payload, image.payload_size, description_.kernel),
      working_(working),
      raise_firewall_(std::move(raise_firewall)),
      registers_(register_map_size / sizeof(std::uint32_t)) {
    registers_[0] = ap_idle;
    thread_ = std::thread([this] { work(); });
}

ComputeUnit::~ComputeUnit() {
    {
        const std::lock_guard lock(mutex_);
        disconnected_ = true;
        stopping_ = true;
    }
    changed_.notify_all();
    faults().look_again();
    thread_.join();
}

void ComputeUnit::submit(Command command) {
    {
        const std::lock_guard lock(mutex_);
        if (command.packet != nullptr) {
            set_packet_state(*command.packet, ERT_CMD_STATE_QUEUED);
        }
        queue_.push_back(std::move(command));
    }
    changed_.notify_all();
}

bool ComputeUnit::abort(const Buffer* packet) {
    Command aborted;
    {
        const std::lock_guard lock(mutex_);
        if (busy_ && current_packet_ == packet) {
            hung_ = false;
        } else {
            const auto found = std::find_if(queue_.begin(), queue_.end(), [packet](const Command& command) {
                return command.packet.get() == packet;
            });
            if (found == queue_.end()) {
                return false;
            }
            aborted = std::move(*found);
            queue_.erase(found);
        }
    }
    changed_.notify_all();
    if (aborted.packet != nullptr) {
        complete(aborted, ERT_CMD_STATE_ABORT);
    }
    return true;
}

void ComputeUnit::reset() {
    {
        const std::lock_guard lock(mutex_);
        hung_ = false;
    }
    changed_.notify_all();
}

void ComputeUnit::disconnect() {
    {
        const std::lock_guard lock(mutex_);
        disconnected_ = true;
    }
    changed_.notify_all();
    faults().look_again();
}

std::size_t ComputeUnit::load() const {
    const std::lock_guard lock(mutex_);
    return queue_.size() + (busy_ ? 1 : 0);
}

std::uint64_t ComputeUnit::runs() const {
    const std::lock_guard lock(mutex_);
    return runs_;
}

std::uint32_t ComputeUnit::read_register(std::uint32_t offset) {
    const std::lock_guard lock(mutex_);
    const std::uint32_t value = registers_[offset / sizeof(std::uint32_t)];
    if (offset == 0) {
        registers_[0] &= ~ap_done;
    }
    return value;
}

bool ComputeUnit::write_register(std::uint32_t offset, std::uint32_t value) {
    const std::lock_guard lock(mutex_);
    if (offset != 0) {
        registers_[offset / sizeof(std::uint32_t)] = value;
        return false;
    }
    const bool starts = (value & ap_start) != 0 && (registers_[0] & ap_start) == 0;
    if (starts) {
        registers_[0] = ap_start;
    }
    return starts;
}

std::vector<std::uint32_t> ComputeUnit::registers() const {
    const std::lock_guard lock(mutex_);
    return registers_;
}

void ComputeUnit::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        Command command = std::move(queue_.front());
        queue_.pop_front();
        busy_ = true;
        current_packet_ = command.packet.get();
        if (!disconnected_ && command.packet != nullptr) {
            set_packet_state(*command.packet, ERT_CMD_STATE_RUNNING);
            std::copy(command.registers.begin() + 1, command.registers.end(), registers_.begin() + 1);
            registers_[0] = ap_start;
        }
        ert_cmd_state state = execute(lock, command);
        if (disconnected_) {
            state = ERT_CMD_STATE_ABORT;
        }
        registers_[0] = ap_done | ap_idle | ap_ready;
        ++runs_;
        busy_ = false;
        current_packet_ = nullptr;
        lock.unlock();
        log(LogLevel::trace, "%s ends in state %d", description_.name.c_str(), static_cast<int>(state));
        complete(command, state);
        command = Command{};
        lock.lock();
    }
}

/// Applies the faults of a kernel start, then runs the kernel. Holds the lock except while the kernel runs.
ert_cmd_state ComputeUnit::execute(std::unique_lock<std::mutex>& lock, Command& command) {
    if (disconnected_) {
        return ERT_CMD_STATE_ABORT;
    }
    const Gauge::Scope at_work(working_);
    lock.unlock();
    const HoldEnd hold = faults().hold(FaultPoint::hold, [this] { return disconnected_.load(); });
    lock.lock();
    if (hold == HoldEnd::given_up || hold == HoldEnd::out_of_time) {
        return hold == HoldEnd::given_up ? ERT_CMD_STATE_ABORT : ERT_CMD_STATE_TIMEOUT;
    }
    if (const auto delay = faults().strike(FaultPoint::slow)) {
        changed_.wait_for(lock, std::chrono::milliseconds(*delay), [this] { return disconnected_.load(); });
    }
    const std::optional<Fault> fault =
        faults().strike_one_of({FaultPoint::hang, FaultPoint::error, FaultPoint::timeout, FaultPoint::firewall,
                                FaultPoint::drop, FaultPoint::corrupt, FaultPoint::swap, FaultPoint::lost});
    if (fault && fault->point == FaultPoint::hang) {
        return hang(lock, std::chrono::milliseconds(fault->value));
    }
    lock.unlock();
    const ert_cmd_state state = fault ? run_with_fault(command, *fault) : run_checked(command);
    lock.lock();
    if (fault && fault->point == FaultPoint::lost && !disconnected_) {
        return hang(lock, std::chrono::milliseconds(fault->value));
    }
    return state;
}

ert_cmd_state ComputeUnit::hang(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds watchdog) {
    log(LogLevel::event, "%s hangs", description_.name.c_str());
    hung_ = true;
    const auto answered = [this] { return !hung_ || disconnected_; };
    if (watchdog.count() == 0) {
        changed_.wait(lock, answered);
    } else {
        changed_.wait_for(lock, watchdog, answered);
    }
    hung_ = false;
    return ERT_CMD_STATE_ABORT;
}

ert_cmd_state ComputeUnit::run_with_fault(const Command& command, const Fault& fault) {
    switch (fault.point) {
        case FaultPoint::timeout: return ERT_CMD_STATE_TIMEOUT;
        case FaultPoint::firewall: raise_firewall_(); return ERT_CMD_STATE_ERROR;
        case FaultPoint::drop: return ERT_CMD_STATE_COMPLETED;
        case FaultPoint::corrupt:
            return run_and_damage(command, [&](const OutputCorruption& output) { return output.flip(fault.value); });
        case FaultPoint::swap:
            return run_and_damage(command, [](const OutputCorruption& output) { return output.swap(); });
        case FaultPoint::lost: return run_checked(command);
        default: return ERT_CMD_STATE_ERROR;
    }
}

ert_cmd_state ComputeUnit::run_checked(const Command& command) {
    if (command.problem.empty()) {
        return run_kernel(command);
    }
    log(LogLevel::error, "%s: %s", description_.name.c_str(), command.problem.c_str());
    raise_firewall_();
    return ERT_CMD_STATE_ERROR;
}

ert_cmd_state ComputeUnit::run_kernel(const Command& command) {
    CallFrame frame;
    std::vector<std::uint64_t> arguments;
    for (std::size_t index = 0; index < description_.arguments.size(); ++index) {
        const KernelArgument& argument = description_.arguments[index];
        std::uint64_t value = 0;
        std::memcpy(&value, reinterpret_cast<const char*>(command.registers.data()) + argument.offset, argument.size);
        if (const DeviceMemory* memory = command.memories[index].get()) {
            value = reinterpret_cast<std::uint64_t>(memory->data() + (value - memory->device_address()));
        }
        arguments.push_back(value);
        if (!frame.push(argument.kind, value)) {
            log(LogLevel::error, "%s has too many arguments to be called", description_.name.c_str());
            return ERT_CMD_STATE_ERROR;
        }
    }
    const auto start = std::chrono::steady_clock::now();
    const std::optional<std::uintptr_t> fault = run_guarded([&] { frame.call(library_.function()); });
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (fault) {
        log(LogLevel::error, "%s accessed card memory outside every buffer (%s); the card wants a reset",
            description_.name.c_str(), describe_address(description_, command, *fault).c_str());
        raise_firewall_();
        return ERT_CMD_STATE_ERROR;
    }
    time_.add(description_, command, arguments, library_.model(), taken.count());
    return ERT_CMD_STATE_COMPLETED;
}

ert_cmd_state ComputeUnit::run_and_damage(const Command& command,
                                          const std::function<std::string(const OutputCorruption&)>& damage) {
    const OutputCorruption output(description_, command);
    const ert_cmd_state state = run_checked(command);
    log(LogLevel::event, "%s: %s", description_.name.c_str(), damage(output).c_str());
    return state;
}

}  // namespace jpegact::card
