#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace jpegact::card {

inline constexpr std::uint64_t page_size = 4096;

class MemoryBank;

/// A range of card memory that somebody owns. It goes back to its bank with the last reference, so a run in flight
/// keeps the memory of a buffer that the host has already freed.
class DeviceMemory {
  public:
    DeviceMemory(std::shared_ptr<MemoryBank> bank, std::uint64_t offset, std::uint64_t size)
        : bank_(std::move(bank)), offset_(offset), size_(size) {}
    ~DeviceMemory();
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;

    /// Where the host process sees the memory; kernels run on these addresses.
    char* data() const;
    /// What XRT and the kernels' address registers know it by.
    std::uint64_t device_address() const;
    /// Bytes asked for. What is left of the last page is accessible too, as on a card.
    std::uint64_t size() const { return size_; }
    const MemoryBank& bank() const { return *bank_; }

  private:
    std::shared_ptr<MemoryBank> bank_;
    std::uint64_t offset_;
    std::uint64_t size_;
};

/// One bank of card memory: a reservation of address space, of which only allocated pages can be touched.
/// An inaccessible guard page follows each allocation (and precedes the bank), so that a kernel that runs past the end
/// of a buffer faults instead of writing into the next one. Memory that was freed stays resident and keeps its
/// contents: it is handed out again to an allocation of the same size first. Thread-safe.
class MemoryBank : public std::enable_shared_from_this<MemoryBank> {
  public:
    /// `size` is in bytes, a multiple of the page size. Throws std::system_error when address space runs out.
    static std::shared_ptr<MemoryBank> create(std::string tag, unsigned index, std::uint64_t base, std::uint64_t size);
    ~MemoryBank();
    MemoryBank(const MemoryBank&) = delete;
    MemoryBank& operator=(const MemoryBank&) = delete;

    /// Page-aligned memory of `size` bytes (0 is taken as 1), or null when the bank is full.
    std::shared_ptr<DeviceMemory> allocate(std::uint64_t size);

    /// The allocation that holds a device address, or null.
    std::shared_ptr<DeviceMemory> find(std::uint64_t device_address) const;

    const std::string& tag() const { return tag_; }
    unsigned index() const { return index_; }
    std::uint64_t base() const { return base_; }
    std::uint64_t size() const { return size_; }
    bool in_use() const;

  private:
    friend class DeviceMemory;

    MemoryBank(std::string tag, unsigned index, std::uint64_t base, std::uint64_t size);
    std::uint64_t take(std::uint64_t length);
    void release(std::uint64_t offset, std::uint64_t size);
    void discard(std::uint64_t offset, std::uint64_t length);
    void discard_all_parked();

    const std::string tag_;
    const unsigned index_;
    const std::uint64_t base_;
    const std::uint64_t size_;
    char* reservation_ = nullptr;
    char* memory_ = nullptr;

    mutable std::mutex mutex_;
    // Offset to length, in bytes, guard page included. Free extents are inaccessible and never touch each other.
    std::map<std::uint64_t, std::uint64_t> free_;
    // Length to offset of freed allocations that are still accessible and resident.
    std::multimap<std::uint64_t, std::uint64_t> parked_;
    std::uint64_t parked_bytes_ = 0;
    std::map<std::uint64_t, std::weak_ptr<DeviceMemory>> live_;
};

}  // namespace jpegact::card
