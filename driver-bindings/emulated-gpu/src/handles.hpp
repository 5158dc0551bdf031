// Objects that programs name by handles: found while they are alive, and kept by whoever works with them.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace jpegact::gpu {

/// Thread-safe.
template <typename T>
class Handles {
  public:
    template <typename... Arguments>
    T* make(Arguments&&... arguments) {
        auto object = std::make_shared<T>(std::forward<Arguments>(arguments)...);
        const std::lock_guard lock(mutex_);
        alive_.push_back(object);
        return object.get();
    }

    /// Null where the handle names nothing.
    std::shared_ptr<T> find(const T* handle) const {
        const std::lock_guard lock(mutex_);
        const auto found = place(alive_, handle);
        return found == alive_.end() ? nullptr : *found;
    }

    /// As find; the handle names nothing afterwards.
    std::shared_ptr<T> take(const T* handle) {
        const std::lock_guard lock(mutex_);
        const auto found = place(alive_, handle);
        if (found == alive_.end()) {
            return nullptr;
        }
        std::shared_ptr<T> object = std::move(*found);
        alive_.erase(found);
        return object;
    }

    std::vector<std::shared_ptr<T>> all() const {
        const std::lock_guard lock(mutex_);
        return alive_;
    }

    std::size_t count() const {
        const std::lock_guard lock(mutex_);
        return alive_.size();
    }

  private:
    template <typename Objects>
    static auto place(Objects& objects, const T* handle) {
        return std::find_if(objects.begin(), objects.end(),
                            [handle](const std::shared_ptr<T>& object) { return object.get() == handle; });
    }

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<T>> alive_;
};

}  // namespace jpegact::gpu
