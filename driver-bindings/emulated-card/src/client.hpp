#pragma once

#include <xrt/xrt.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "buffer.hpp"
#include "card.hpp"
#include "completion_queue.hpp"
#include "fault_plan.hpp"

namespace jpegact::card {

/// One open handle of a card, as one open file of the driver: it owns its buffers and contexts, and what it leaves
/// behind is released with it. Thread-safe. Functions return 0 or a negative errno value unless they say otherwise.
class Client {
  public:
    explicit Client(std::shared_ptr<Card> card);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Card& card() const { return *card_; }
    CompletionQueue& completions() const { return *completions_; }

    /// Allocates a buffer; `user` is the host side or null. Returns NULLBO with errno set on failure.
    unsigned allocate(void* user, std::size_t size, unsigned flags);
    int free(unsigned handle);
    std::shared_ptr<Buffer> find(unsigned handle) const;

    int open_context(const xuid_t uuid, unsigned unit, bool shared);
    int close_context(unsigned unit);

    /// Holds a call into the driver where a fault says so: 0 when it may go on, or an errno.
    int hold(FaultPoint point);

    /// Transfers between the two sides of a buffer.
    int synchronize(unsigned handle, xclBOSyncDirection direction, std::size_t size, std::size_t offset);
    /// Copies inside card memory; source and destination may overlap.
    int copy(unsigned destination, unsigned source, std::size_t size, std::size_t to, std::size_t from);
    /// Executes a command packet: START_CU, ABORT or START_COPYBO.
    int execute(unsigned handle);

  private:
    struct Context {
        unsigned unit;
        bool shared;
    };

    int copy_packet(const std::shared_ptr<Buffer>& packet);
    int abort_packet(const std::shared_ptr<Buffer>& packet);

    const std::shared_ptr<Card> card_;
    const std::shared_ptr<CompletionQueue> completions_;
    mutable std::mutex mutex_;
    std::unordered_map<unsigned, std::shared_ptr<Buffer>> buffers_;
    unsigned next_handle_ = 1;
    std::vector<Context> contexts_;
};

}  // namespace jpegact::card
