#pragma once

#include <xrt/xrt.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "compute_unit.hpp"
#include "gauge.hpp"
#include "image.hpp"
#include "memory_bank.hpp"

struct axlf;

namespace jpegact::card {

/// What is counted for a slot over all cards that sat in it.
struct SlotCounters {
    std::atomic<std::int64_t> live_buffers{0};
    std::atomic<std::int64_t> bytes_to_device{0};
    std::atomic<std::int64_t> bytes_from_device{0};
    std::atomic<std::uint32_t> user_buffers{0};    // allocated over pages that the driver was given
    std::atomic<std::uint32_t> driver_buffers{0};  // allocated with host pages of the driver's
    Gauge transfers_to_device;
    Gauge transfers_from_device;
    Gauge working_units;
};

/// One asynchronous error, as the driver keeps it.
struct AsyncError {
    std::uint64_t code;         // XRT_ERROR_CODE_BUILD
    std::uint64_t nanoseconds;  // since the epoch
};

/// A card in a slot: its memory banks, its compute units, and who has a context on them. A card that was removed stays
/// dead; the one that is restored is another object. Thread-safe. Functions return 0 or a negative errno value.
class Card {
  public:
    Card(unsigned index, std::shared_ptr<SlotCounters> counters) : index_(index), counters_(std::move(counters)) {}

    unsigned index() const { return index_; }
    SlotCounters& counters() const { return *counters_; }

    /// Loads an image. The same image again is accepted at once. -EBUSY while contexts or buffers are open; -EINVAL,
    /// -ENOEXEC, -ENOENT for an image that is no good. On failure the old image stays.
    int load(const axlf* image);

    /// Opens a context on a compute unit, or on none with `unit` ~0. -EINVAL: wrong uuid or unit; -EBUSY.
    int open_context(const xuid_t uuid, unsigned unit, bool shared);
    void close_context(unsigned unit, bool shared);

    /// Memory in the bank of an index. Null with `error_number` set: EINVAL (no such bank) or ENOMEM.
    std::shared_ptr<DeviceMemory> allocate(unsigned bank, std::uint64_t size, int& error_number);

    /// The buffer memory that holds a device address, or null.
    std::shared_ptr<DeviceMemory> find(std::uint64_t device_address) const;

    /// Queues a START_CU packet on the least loaded compute unit of its mask. -EINVAL: a malformed packet, or a mask
    /// with a unit on which nobody has a context.
    int start(std::shared_ptr<Buffer> packet, std::shared_ptr<CompletionQueue> completions);

    /// Ends a queued or hung command in ABORT; a running or finished one is left alone.
    void abort(const Buffer* packet);

    int read_register(unsigned unit, std::uint32_t offset, std::uint32_t& value);
    int write_register(unsigned unit, std::uint32_t offset, std::uint32_t value);

    /// Commands that a unit has ended, or nothing.
    std::optional<std::uint64_t> runs(const std::string& unit) const;

    /// What a unit's launches took, or nothing.
    std::optional<jpegact_card_times> kernel_time(const std::string& unit) const;

    void reset();

    /// Off the bus: this card stays dead. After `absence` its slot may get another, blank one; zero: not by itself.
    void remove(std::chrono::milliseconds absence = std::chrono::milliseconds::zero());
    bool gone() const { return gone_.load(); }

    /// Whether the card is gone and its absence is over.
    bool replaceable() const;

    void raise_firewall();
    std::vector<AsyncError> async_errors() const;

    /// Bytes of all banks and their number.
    std::uint64_t memory_size(unsigned& banks) const;

  private:
    struct Unit {
        std::unique_ptr<ComputeUnit> unit;
        unsigned exclusive = 0;
        unsigned shared = 0;
    };

    bool memory_in_use() const;
    Unit* unit_at(unsigned index);
    Unit* least_loaded(const std::uint32_t (&masks)[4], std::size_t mask_count);
    Command make_command(const ComputeUnit& unit, std::vector<std::uint32_t> registers) const;

    const unsigned index_;
    const std::shared_ptr<SlotCounters> counters_;
    std::atomic<bool> gone_{false};
    std::atomic<std::int64_t> back_at_{0};  // of the steady clock, in its ticks; 0: never

    mutable std::mutex mutex_;
    bool loaded_ = false;
    xuid_t uuid_{};
    unsigned contexts_ = 0;
    std::vector<std::shared_ptr<MemoryBank>> banks_;  // by bank index; null: not used by the image
    std::vector<Unit> units_;                         // by compute unit index

    mutable std::mutex errors_mutex_;
    std::vector<AsyncError> errors_;
};

}  // namespace jpegact::card
