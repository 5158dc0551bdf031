// Memory of the emulated GPU. Its addresses cannot be read by the host, as on a GPU: kernels reach it through `at`, which
// finds accesses outside every allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace jpegact::gpu {

class DeviceMemory {
  public:
    static DeviceMemory& instance();

    /// Address of new memory, filled with noise, or 0 where there is no room.
    std::uint64_t allocate(std::size_t bytes);

    /// False where no allocation begins at the address.
    bool release(std::uint64_t address);

    /// Where the host finds a device range, or null where the range is not inside one allocation.
    std::uint8_t* range(std::uint64_t address, std::size_t bytes) const;

    /// Where the host finds an aligned access of at most 16 bytes, or null where it is outside. For kernels: quick.
    std::uint8_t* at(std::uint64_t address, std::uint32_t bytes) const {
        const std::uint64_t offset = address - front_;
        if (offset >= size_ || address % bytes != 0 || (offset & (granule - 1)) + bytes > valid_[offset / granule]) {
            return nullptr;
        }
        return back_ + offset;
    }

    std::size_t size() const { return size_; }
    std::size_t used() const;
    std::size_t count() const;

  private:
    static constexpr std::uint64_t granule = 256;

    DeviceMemory();
    void mark(std::uint64_t offset, std::size_t bytes, bool valid);

    std::size_t size_;
    std::uint64_t front_;   // what programs see; never mapped
    std::uint8_t* back_;    // the bytes
    std::uint16_t* valid_;  // bytes of each granule that belong to an allocation
    mutable std::mutex mutex_;
    std::map<std::uint64_t, std::size_t> taken_;  // offset to bytes
    std::size_t used_ = 0;
};

}  // namespace jpegact::gpu
