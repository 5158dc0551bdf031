#include "device_memory.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace jpegact::gpu {
namespace {

constexpr int noise = 0xa7;
// What a device can read at once: an allocation's last access may reach to the end of it.
constexpr std::size_t widest_access = 16;

void* reserve(std::size_t bytes, int protection) {
    void* memory = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    return memory;
}

std::size_t configured_bytes() {
    const char* text = std::getenv("JPEGACT_GPU_MEMORY_MB");
    const long megabytes = text == nullptr ? 0 : std::atol(text);
    return static_cast<std::size_t>(megabytes > 0 ? megabytes : 4096) << 20;
}

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

DeviceMemory& DeviceMemory::instance() {
    static DeviceMemory* memory = new DeviceMemory();  // outlives every thread that may still use it
    return *memory;
}

DeviceMemory::DeviceMemory()
    : size_(configured_bytes()),
      front_(reinterpret_cast<std::uint64_t>(reserve(size_, PROT_NONE))),
      back_(static_cast<std::uint8_t*>(reserve(size_, PROT_READ | PROT_WRITE))),
      valid_(static_cast<std::uint16_t*>(reserve(size_ / granule * sizeof(std::uint16_t), PROT_READ | PROT_WRITE))) {}

std::uint64_t DeviceMemory::allocate(std::size_t bytes) {
    if (bytes == 0 || bytes > size_) {
        return 0;
    }
    const std::lock_guard lock(mutex_);
    // First fit, with a free granule behind each allocation, so that running over an end is found.
    const std::size_t room = round_up(bytes, granule) + granule;
    std::uint64_t offset = 0;
    for (const auto& [start, length] : taken_) {
        if (offset + room <= start) {
            break;
        }
        offset = start + round_up(length, granule) + granule;
    }
    if (offset + room > size_) {
        return 0;
    }
    taken_.emplace(offset, bytes);
    used_ += bytes;
    mark(offset, bytes, true);
    std::memset(back_ + offset, noise, bytes);
    return front_ + offset;
}

bool DeviceMemory::release(std::uint64_t address) {
    const std::lock_guard lock(mutex_);
    const auto found = taken_.find(address - front_);
    if (found == taken_.end()) {
        return false;
    }
    mark(found->first, found->second, false);
    madvise(back_ + round_up(found->first, 4096),
            round_up(found->second, 4096) > 8192 ? found->second / 4096 * 4096 - 4096 : 0, MADV_DONTNEED);
    used_ -= found->second;
    taken_.erase(found);
    return true;
}

std::uint8_t* DeviceMemory::range(std::uint64_t address, std::size_t bytes) const {
    const std::lock_guard lock(mutex_);
    const std::uint64_t offset = address - front_;
    auto next = taken_.upper_bound(offset);
    if (offset >= size_ || next == taken_.begin()) {
        return nullptr;
    }
    --next;
    return offset - next->first + bytes <= next->second ? back_ + offset : nullptr;
}

std::size_t DeviceMemory::used() const {
    const std::lock_guard lock(mutex_);
    return used_;
}

std::size_t DeviceMemory::count() const {
    const std::lock_guard lock(mutex_);
    return taken_.size();
}

void DeviceMemory::mark(std::uint64_t offset, std::size_t bytes, bool valid) {
    const std::size_t all = round_up(bytes, widest_access);
    for (std::size_t at = 0; at < all; at += granule) {
        const std::size_t left = all - at;
        valid_[(offset + at) / granule] = valid ? static_cast<std::uint16_t>(left < granule ? left : granule) : 0;
    }
}

}  // namespace jpegact::gpu
