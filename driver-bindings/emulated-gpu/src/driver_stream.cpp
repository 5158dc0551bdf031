// Driver API: streams and events.
#include "device.hpp"

using namespace jpegact::gpu;

namespace {

template <typename Body>
CUresult with_stream(CUstream handle, Body body) {
    return call(std::nullopt, [&](Device& device) -> CUresult {
        const std::shared_ptr<CUstream_st> stream = device.stream(handle);
        return stream ? body(device, *stream) : invalid_handle;
    });
}

template <typename Body>
CUresult with_event(CUevent handle, Body body) {
    return call(std::nullopt, [&](Device& device) -> CUresult {
        const std::shared_ptr<CUevent_st> event = device.events.find(handle);
        return event ? body(device, event) : invalid_handle;
    });
}

}  // namespace

JPEGACT_EXPORT CUresult cuStreamCreate(CUstream* stream, unsigned) {
    return call(std::nullopt, [&](Device& device) {
        *stream = device.streams.make();
        return success;
    });
}

JPEGACT_EXPORT CUresult cuStreamDestroy_v2(CUstream stream) { return destroy(&Device::streams, stream); }

JPEGACT_EXPORT CUresult cuStreamSynchronize(CUstream handle) {
    return with_stream(handle, [](Device& device, Stream& stream) -> CUresult {
        stream.synchronise();
        return device.sticky;
    });
}

JPEGACT_EXPORT CUresult cuStreamQuery(CUstream handle) {
    return with_stream(handle, [](Device& device, const Stream& stream) -> CUresult {
        return stream.is_idle() ? device.sticky.load() : not_ready;
    });
}

JPEGACT_EXPORT CUresult cuStreamWaitEvent(CUstream handle, CUevent event, unsigned) {
    return with_stream(handle, [event](Device& device, Stream& stream) {
        const std::shared_ptr<CUevent_st> state = device.events.find(event);
        if (!state) {
            return invalid_handle;
        }
        stream.put([state, number = state->announced()] { state->wait(number); });
        return success;
    });
}

JPEGACT_EXPORT CUresult cuEventCreate(CUevent* event, unsigned) {
    return call(std::nullopt, [&](Device& device) {
        *event = device.events.make();
        return success;
    });
}

JPEGACT_EXPORT CUresult cuEventDestroy_v2(CUevent event) { return destroy(&Device::events, event); }

JPEGACT_EXPORT CUresult cuEventRecord(CUevent handle, CUstream on) {
    return call(FaultPoint::event, [&](Device& device) {
        const std::shared_ptr<CUstream_st> stream = device.stream(on);
        const std::shared_ptr<CUevent_st> event = device.events.find(handle);
        if (!stream || !event) {
            return invalid_handle;
        }
        stream->put([event, number = event->announce()] { event->complete(number); });
        return success;
    });
}

JPEGACT_EXPORT CUresult cuEventQuery(CUevent handle) {
    return with_event(handle, [](Device& device, const auto& event) -> CUresult {
        return event->is_complete() ? device.sticky.load() : not_ready;
    });
}

JPEGACT_EXPORT CUresult cuEventSynchronize(CUevent handle) {
    return with_event(handle, [](Device& device, const auto& event) -> CUresult {
        event->wait();
        return device.sticky;
    });
}

JPEGACT_EXPORT CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
    return with_event(start, [&](Device& device, const auto& from) {
        const std::shared_ptr<CUevent_st> to = device.events.find(end);
        if (!to) {
            return invalid_handle;
        }
        if (!from->is_complete() || !to->is_complete()) {
            return not_ready;
        }
        *milliseconds = std::chrono::duration<float, std::milli>(to->time() - from->time()).count();
        return success;
    });
}
