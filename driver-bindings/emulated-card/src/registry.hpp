#pragma once

#include <xrt/xrt.h>

#include <memory>
#include <optional>
#include <vector>

#include "card.hpp"
#include "client.hpp"

namespace xrt_core {
class device;
}

namespace jpegact::card {

/// The slots of this process, the cards in them, and the open handles. Never destroyed: XRT closes devices that a
/// program leaked from its own static destructors, which may run after ours. Thread-safe.
class Registry {
  public:
    static Registry& instance();

    /// Number of slots; a removed card still counts.
    unsigned slot_count() const { return static_cast<unsigned>(slots_.size()); }

    /// Opens the card of a slot. Returns null with errno set on failure.
    xclDeviceHandle open(unsigned index);
    void close(xclDeviceHandle handle);

    /// The client of a handle, or null: handles are numbers, so that one which is not open is harmless.
    std::shared_ptr<Client> client(xclDeviceHandle handle) const;

    /// XRT's object for a handle, or null.
    std::shared_ptr<xrt_core::device> core_device(xclDeviceHandle handle) const;

    /// The slot that XRT's device object stands for.
    unsigned slot_of(const xrt_core::device* device) const;

    /// The card in a slot; null: the slot is empty, or nobody has opened it yet. Check the index against slot_count.
    std::shared_ptr<Card> card(unsigned index) const;
    std::shared_ptr<SlotCounters> counters(unsigned index) const;

    /// Return 0 or a negative errno value: see jpegact_card_remove and jpegact_card_restore.
    int remove(unsigned index);
    int restore(unsigned index);

  private:
    /// XRT's object for a handle that is closed.
    struct Idle {
        std::uintptr_t number;
        std::shared_ptr<xrt_core::device> device;
    };
    struct Slot {
        std::shared_ptr<SlotCounters> counters = std::make_shared<SlotCounters>();
        std::shared_ptr<Card> card;
        bool removed = false;

        /// XRT 2.13 keeps a thread and tables for every address at which such an object ever was: they are used again.
        std::vector<Idle> idle;

        /// Whether the slot is empty: by request, or by a `remove` fault of its card whose absence lasts.
        bool is_empty() const { return removed || (card != nullptr && card->gone() && !card->replaceable()); }
    };
    struct Handle {
        std::shared_ptr<Client> client;
        std::shared_ptr<xrt_core::device> device;
    };

    Registry();

    bool faults_valid_ = true;
    mutable std::mutex mutex_;
    std::vector<Slot> slots_;
    std::unordered_map<std::uintptr_t, Handle> handles_;
    std::uintptr_t next_handle_ = 1;
};

}  // namespace jpegact::card
