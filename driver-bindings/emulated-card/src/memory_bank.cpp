#include "memory_bank.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "log.hpp"
#include "memory_fault.hpp"

namespace jpegact::card {
namespace {

constexpr std::uint64_t none = ~std::uint64_t{0};
// Enough for the rings of buffers a host recycles; more than this goes back to the operating system.
constexpr std::uint64_t max_parked_bytes = std::uint64_t{1} << 30;

std::uint64_t whole_pages(std::uint64_t size) {
    return size == 0 ? page_size : (size + page_size - 1) / page_size * page_size;
}

}  // namespace

DeviceMemory::~DeviceMemory() { bank_->release(offset_, size_); }

char* DeviceMemory::data() const { return bank_->memory_ + offset_; }

std::uint64_t DeviceMemory::device_address() const { return bank_->base_ + offset_; }

std::shared_ptr<MemoryBank> MemoryBank::create(std::string tag, unsigned index, std::uint64_t base,
                                               std::uint64_t size) {
    return std::shared_ptr<MemoryBank>(new MemoryBank(std::move(tag), index, base, size));
}

MemoryBank::MemoryBank(std::string tag, unsigned index, std::uint64_t base, std::uint64_t size)
    : tag_(std::move(tag)), index_(index), base_(base), size_(size / page_size * page_size) {
    void* reservation =
        ::mmap(nullptr, size_ + page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reservation == MAP_FAILED) {
        throw std::system_error(errno, std::generic_category(),
                                "memory bank " + tag_ + ": cannot reserve " + std::to_string(size_) + " bytes");
    }
    reservation_ = static_cast<char*>(reservation);
    memory_ = reservation_ + page_size;
    free_.emplace(0, size_);
    watch_memory(reservation_, size_ + page_size);
}

MemoryBank::~MemoryBank() {
    unwatch_memory(reservation_);
    ::munmap(reservation_, size_ + page_size);
}

std::shared_ptr<DeviceMemory> MemoryBank::allocate(std::uint64_t size) {
    if (size > size_) {
        return nullptr;
    }
    const std::uint64_t length = whole_pages(size) + page_size;
    const std::lock_guard lock(mutex_);
    std::uint64_t offset = none;
    if (const auto parked = parked_.find(length); parked != parked_.end()) {
        offset = parked->second;
        parked_bytes_ -= length;
        parked_.erase(parked);
    } else {
        offset = take(length);
        if (offset == none) {
            discard_all_parked();
            offset = take(length);
        }
        if (offset == none) {
            return nullptr;
        }
        if (::mprotect(memory_ + offset, length - page_size, PROT_READ | PROT_WRITE) != 0) {
            log(LogLevel::error, "bank %s: no host memory for a buffer of %llu bytes", tag_.c_str(),
                static_cast<unsigned long long>(size));
            discard(offset, length);
            return nullptr;
        }
    }
    auto memory = std::make_shared<DeviceMemory>(shared_from_this(), offset, size);
    live_[offset] = memory;
    return memory;
}

std::shared_ptr<DeviceMemory> MemoryBank::find(std::uint64_t device_address) const {
    if (device_address < base_ || device_address - base_ >= size_) {
        return nullptr;
    }
    const std::uint64_t offset = device_address - base_;
    std::shared_ptr<DeviceMemory> memory;  // destroyed after the lock is gone: it may be the last, and takes the lock
    const std::lock_guard lock(mutex_);
    const auto after = live_.upper_bound(offset);
    if (after == live_.begin()) {
        return nullptr;
    }
    memory = std::prev(after)->second.lock();
    return memory && offset - std::prev(after)->first < whole_pages(memory->size()) ? memory : nullptr;
}

bool MemoryBank::in_use() const {
    const std::lock_guard lock(mutex_);
    return !live_.empty();
}

/// First fit. Returns the offset, or none.
std::uint64_t MemoryBank::take(std::uint64_t length) {
    for (auto extent = free_.begin(); extent != free_.end(); ++extent) {
        if (extent->second >= length) {
            const auto [offset, available] = *extent;
            free_.erase(extent);
            if (available > length) {
                free_.emplace(offset + length, available - length);
            }
            return offset;
        }
    }
    return none;
}

void MemoryBank::release(std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t length = whole_pages(size) + page_size;
    const std::lock_guard lock(mutex_);
    live_.erase(offset);
    if (parked_bytes_ + length > max_parked_bytes) {
        discard(offset, length);
        return;
    }
    parked_.emplace(length, offset);
    parked_bytes_ += length;
}

/// Makes an extent inaccessible, gives its pages back and joins it with its free neighbours.
void MemoryBank::discard(std::uint64_t offset, std::uint64_t length) {
    ::madvise(memory_ + offset, length, MADV_DONTNEED);
    ::mprotect(memory_ + offset, length, PROT_NONE);
    auto extent = free_.emplace(offset, length).first;
    if (const auto next = std::next(extent); next != free_.end() && offset + length == next->first) {
        extent->second += next->second;
        free_.erase(next);
    }
    if (extent != free_.begin()) {
        if (const auto previous = std::prev(extent); previous->first + previous->second == offset) {
            previous->second += extent->second;
            free_.erase(extent);
        }
    }
}

void MemoryBank::discard_all_parked() {
    for (const auto& [length, offset] : parked_) {
        discard(offset, length);
    }
    parked_.clear();
    parked_bytes_ = 0;
}

}  // namespace jpegact::card
