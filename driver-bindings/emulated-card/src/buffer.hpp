#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "memory_bank.hpp"

namespace jpegact::card {

/// Host memory of a buffer: whole zeroed pages, given back on destruction.
class HostPages {
  public:
    /// Throws std::bad_alloc.
    explicit HostPages(std::size_t size);
    ~HostPages();
    HostPages(const HostPages&) = delete;
    HostPages& operator=(const HostPages&) = delete;

    char* data() const { return data_; }

  private:
    char* data_;
    std::size_t length_;
};

/// A buffer object. Host side and card side are different memory, joined only by transfers, unless the buffer lives in
/// host memory (host_only) or is mapped from the card (P2P): then both sides are the same bytes.
struct Buffer {
    std::size_t size = 0;
    unsigned flags = 0;                    // XCL_BO_FLAGS_* and the bank index
    char* host = nullptr;                  // null: not accessible to the host (device_only)
    std::unique_ptr<HostPages> pages;      // null: the host side is the user's or the card's
    std::shared_ptr<DeviceMemory> device;  // null: a command packet

    bool is_command_packet() const;
    bool is_shared() const { return device != nullptr && host == device->data(); }
    /// Whether [offset, offset + length) lies in the buffer.
    bool contains(std::size_t offset, std::size_t length) const { return offset <= size && length <= size - offset; }
};

}  // namespace jpegact::card
