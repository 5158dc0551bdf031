// Driver API: streams and events.
#include "device.hpp"

using namespace jpegact::gpu;

JPEGACT_EXPORT CUresult cuStreamCreate(CUstream* stream, unsigned) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter()) {
        return result;
    }
    *stream = new CUstream_st();
    const std::lock_guard lock(device.mutex);
    device.streams.insert(*stream);
    return success;
}

JPEGACT_EXPORT CUresult cuStreamDestroy_v2(CUstream stream) {
    Device& device = Device::instance();
    {
        const std::lock_guard lock(device.mutex);
        if (device.streams.erase(stream) == 0) {
            return invalid_handle;
        }
    }
    delete stream;
    return device.sticky;
}

JPEGACT_EXPORT CUresult cuStreamSynchronize(CUstream handle) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter()) {
        return result;
    }
    Stream* stream = device.stream(handle);
    if (stream == nullptr) {
        return invalid_handle;
    }
    stream->synchronise();
    return device.sticky;
}

JPEGACT_EXPORT CUresult cuStreamQuery(CUstream handle) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter()) {
        return result;
    }
    Stream* stream = device.stream(handle);
    return stream == nullptr ? invalid_handle : stream->is_idle() ? device.sticky.load() : not_ready;
}

JPEGACT_EXPORT CUresult cuStreamWaitEvent(CUstream handle, CUevent event, unsigned) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter()) {
        return result;
    }
    Stream* stream = device.stream(handle);
    const std::lock_guard lock(device.mutex);
    if (stream == nullptr || device.events.count(event) == 0) {
        return invalid_handle;
    }
    stream->put([state = event->state, number = event->state->announced()] { state->wait(number); });
    return success;
}

JPEGACT_EXPORT CUresult cuEventCreate(CUevent* event, unsigned) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter()) {
        return result;
    }
    *event = new CUevent_st();
    const std::lock_guard lock(device.mutex);
    device.events.insert(*event);
    return success;
}

JPEGACT_EXPORT CUresult cuEventDestroy_v2(CUevent event) {
    Device& device = Device::instance();
    const std::lock_guard lock(device.mutex);
    if (device.events.erase(event) == 0) {
        return invalid_handle;
    }
    delete event;
    return device.sticky;
}

JPEGACT_EXPORT CUresult cuEventRecord(CUevent event, CUstream handle) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter(FaultPoint::event)) {
        return result;
    }
    Stream* stream = device.stream(handle);
    const std::lock_guard lock(device.mutex);
    if (stream == nullptr || device.events.count(event) == 0) {
        return invalid_handle;
    }
    stream->put([state = event->state, number = event->state->announce()] { state->complete(number); });
    return success;
}

JPEGACT_EXPORT CUresult cuEventQuery(CUevent event) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter()) {
        return result;
    }
    const std::lock_guard lock(device.mutex);
    if (device.events.count(event) == 0) {
        return invalid_handle;
    }
    return event->state->is_complete() ? device.sticky.load() : not_ready;
}

JPEGACT_EXPORT CUresult cuEventSynchronize(CUevent event) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter()) {
        return result;
    }
    std::shared_ptr<EventState> state;
    {
        const std::lock_guard lock(device.mutex);
        if (device.events.count(event) == 0) {
            return invalid_handle;
        }
        state = event->state;
    }
    state->wait();
    return device.sticky;
}

JPEGACT_EXPORT CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
    Device& device = Device::instance();
    if (const CUresult result = device.enter()) {
        return result;
    }
    const std::lock_guard lock(device.mutex);
    if (device.events.count(start) == 0 || device.events.count(end) == 0) {
        return invalid_handle;
    }
    if (!start->state->is_complete() || !end->state->is_complete()) {
        return not_ready;
    }
    *milliseconds = std::chrono::duration<float, std::milli>(end->state->time() - start->state->time()).count();
    return success;
}
