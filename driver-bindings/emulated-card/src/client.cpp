#include "client.hpp"

#include <xrt/xrt_mem.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>
#include <thread>
#include <utility>

#include "fault_plan.hpp"
#include "log.hpp"

namespace jpegact::card {

Client::Client(std::shared_ptr<Card> card)
    : card_(std::move(card)), completions_(std::make_shared<CompletionQueue>()) {}

Client::~Client() {
    for (const Context& context : contexts_) {
        card_->close_context(context.unit, context.shared);
    }
    for (const auto& [handle, buffer] : buffers_) {
        if (!buffer->is_command_packet()) {
            log(LogLevel::event, "card %u: closed with buffer %u open", card_->index(), handle);
            --card_->counters().live_buffers;
        }
    }
}

int Client::hold(FaultPoint point) {
    return faults().hold_call(point, [this] { return card_->gone(); });
}

unsigned Client::allocate(void* user, std::size_t size, unsigned flags) {
    auto buffer = std::make_shared<Buffer>();
    buffer->size = size;
    buffer->flags = flags;
    try {
        if (!buffer->is_command_packet()) {
            if (const int error_number = hold(FaultPoint::hold_alloc)) {
                errno = error_number;
                return NULLBO;
            }
            if (const auto error_number = faults().strike(FaultPoint::alloc)) {
                errno = *error_number;
                return NULLBO;
            }
            int error_number = 0;
            buffer->device = card_->allocate(flags & XRT_BO_FLAGS_MEMIDX_MASK, size, error_number);
            if (buffer->device == nullptr) {
                errno = error_number;
                return NULLBO;
            }
        }
        if (user != nullptr) {
            buffer->host = static_cast<char*>(user);
            ++card_->counters().user_buffers;
        } else if (buffer->device != nullptr && (flags & (XCL_BO_FLAGS_HOST_ONLY | XCL_BO_FLAGS_P2P)) != 0) {
            buffer->host = buffer->device->data();
        } else if ((flags & XCL_BO_FLAGS_DEV_ONLY) == 0) {
            buffer->pages = std::make_unique<HostPages>(size);
            buffer->host = buffer->pages->data();
            if (!buffer->is_command_packet()) {
                ++card_->counters().driver_buffers;
            }
        }
    } catch (const std::bad_alloc&) {
        errno = ENOMEM;
        return NULLBO;
    }
    const bool counted = !buffer->is_command_packet();
    const std::lock_guard lock(mutex_);
    const unsigned handle = next_handle_++;
    buffers_.emplace(handle, std::move(buffer));
    if (counted) {
        ++card_->counters().live_buffers;
    }
    return handle;
}

int Client::free(unsigned handle) {
    const std::shared_ptr<Buffer> buffer = find(handle);
    if (buffer != nullptr && !buffer->is_command_packet()) {
        faults().hold_closing(FaultPoint::hold_free);
    }
    std::shared_ptr<Buffer> freed;  // destroyed after the lock is gone
    const std::lock_guard lock(mutex_);
    const auto found = buffers_.find(handle);
    if (found == buffers_.end()) {
        return -ENOENT;
    }
    freed = std::move(found->second);
    buffers_.erase(found);
    if (!freed->is_command_packet()) {
        --card_->counters().live_buffers;
    }
    return 0;
}

std::shared_ptr<Buffer> Client::find(unsigned handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = buffers_.find(handle);
    return found == buffers_.end() ? nullptr : found->second;
}

int Client::open_context(const xuid_t uuid, unsigned unit, bool shared) {
    const std::lock_guard lock(mutex_);
    const int result = card_->open_context(uuid, unit, shared);
    if (result == 0) {
        contexts_.push_back({unit, shared});
    }
    return result;
}

int Client::close_context(unsigned unit) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(contexts_.begin(), contexts_.end(),
                                    [unit](const Context& context) { return context.unit == unit; });
    if (found == contexts_.end()) {
        return -EINVAL;
    }
    card_->close_context(unit, found->shared);
    contexts_.erase(found);
    return 0;
}

int Client::synchronize(unsigned handle, xclBOSyncDirection direction, std::size_t size, std::size_t offset) {
    const bool to_device = direction == XCL_BO_SYNC_BO_TO_DEVICE;
    SlotCounters& counters = card_->counters();
    const Gauge::Scope under_way(to_device ? counters.transfers_to_device : counters.transfers_from_device);
    if (const auto delay = faults().strike(FaultPoint::slow_sync)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(*delay));
    }
    if (const int error_number = hold(to_device ? FaultPoint::hold_in : FaultPoint::hold_out)) {
        return -error_number;
    }
    if (const auto error_number = faults().strike(to_device ? FaultPoint::sync_in : FaultPoint::sync_out)) {
        return -*error_number;
    }
    const std::shared_ptr<Buffer> buffer = find(handle);
    if (buffer == nullptr) {
        return -ENOENT;
    }
    if (!buffer->contains(offset, size) || buffer->device == nullptr || buffer->host == nullptr) {
        log(LogLevel::error, "card %u: a transfer of %zu bytes at %zu does not fit a buffer of %zu", card_->index(),
            size, offset, buffer->size);
        return -EINVAL;
    }
    if (buffer->is_shared()) {
        return 0;
    }
    if (to_device) {
        std::memcpy(buffer->device->data() + offset, buffer->host + offset, size);
        if (const auto bit = size == 0 ? std::nullopt : faults().strike(FaultPoint::corrupt_in)) {
            buffer->device->data()[offset + size / 2] ^= static_cast<char>(1 << *bit);
        }
        counters.bytes_to_device += static_cast<std::int64_t>(size);
    } else {
        std::memcpy(buffer->host + offset, buffer->device->data() + offset, size);
        counters.bytes_from_device += static_cast<std::int64_t>(size);
    }
    return 0;
}

int Client::copy(unsigned destination, unsigned source, std::size_t size, std::size_t to, std::size_t from) {
    if (const auto error_number = faults().strike(FaultPoint::copy)) {
        return -*error_number;
    }
    const std::shared_ptr<Buffer> target = find(destination);
    const std::shared_ptr<Buffer> origin = find(source);
    if (target == nullptr || origin == nullptr) {
        return -ENOENT;
    }
    if (target->device == nullptr || origin->device == nullptr || !target->contains(to, size) ||
        !origin->contains(from, size)) {
        return -EINVAL;
    }
    std::memmove(target->device->data() + to, origin->device->data() + from, size);
    return 0;
}

int Client::execute(unsigned handle) {
    std::shared_ptr<Buffer> packet = find(handle);
    if (packet == nullptr || !packet->is_command_packet() || !packet->contains(0, sizeof(ert_packet))) {
        return -EINVAL;
    }
    const unsigned opcode = reinterpret_cast<const ert_packet*>(packet->host)->opcode;
    switch (opcode) {
        case ERT_START_CU:
            if (const auto milliseconds = faults().strike(FaultPoint::remove)) {
                card_->remove(std::chrono::milliseconds(*milliseconds));
                return -ENODEV;
            }
            if (const int error_number = hold(FaultPoint::hold_submit)) {
                return -error_number;
            }
            if (const auto error_number = faults().strike(FaultPoint::submit)) {
                return -*error_number;
            }
            return card_->start(std::move(packet), completions_);
        case ERT_ABORT: return abort_packet(packet);
        case ERT_START_COPYBO: return copy_packet(packet);
        default:
            log(LogLevel::error, "card %u: command opcode %u is not supported", card_->index(), opcode);
            return -EINVAL;
    }
}

int Client::copy_packet(const std::shared_ptr<Buffer>& packet) {
    if (!packet->contains(0, sizeof(ert_start_copybo_cmd))) {
        return -EINVAL;
    }
    const auto* command = reinterpret_cast<const ert_start_copybo_cmd*>(packet->host);
    const auto wide = [](std::uint32_t low, std::uint32_t high) {
        return low | static_cast<std::uint64_t>(high) << 32;
    };
    const int result =
        copy(command->dst_bo_hdl, command->src_bo_hdl, wide(command->size, command->size_hi),
             wide(command->dst_addr_lo, command->dst_addr_hi), wide(command->src_addr_lo, command->src_addr_hi));
    if (result == 0) {
        set_packet_state(*packet, ERT_CMD_STATE_COMPLETED);
        completions_->post();
    }
    return result;
}

int Client::abort_packet(const std::shared_ptr<Buffer>& packet) {
    if (!packet->contains(0, sizeof(ert_abort_cmd))) {
        return -EINVAL;
    }
    const auto* command = reinterpret_cast<const ert_abort_cmd*>(packet->host);
    if (const std::shared_ptr<Buffer> victim = find(static_cast<unsigned>(command->exec_bo_handle))) {
        card_->abort(victim.get());
    }
    set_packet_state(*packet, ERT_CMD_STATE_COMPLETED);
    completions_->post();
    return 0;
}

}  // namespace jpegact::card
