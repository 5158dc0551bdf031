#pragma once

#include <xrt/ert.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "buffer.hpp"
#include "completion_queue.hpp"

namespace jpegact::card {

/// One launch of a kernel, complete in itself: the host may change or free everything else as soon as it is submitted.
struct Command {
    std::shared_ptr<Buffer> packet;                       // where the state is reported; null: started by a register
    std::shared_ptr<CompletionQueue> completions;         // of the client that waits; null with the packet
    std::vector<std::uint32_t> registers;                 // the compute unit's register map from offset 0
    std::vector<std::shared_ptr<DeviceMemory>> memories;  // one an argument; null for scalars
    std::string problem;                                  // why the kernel cannot run; empty: it can
};

/// Sets the state bits of a packet so that a host that polls them sees everything the command wrote before.
void set_packet_state(Buffer& packet, ert_cmd_state state);

/// Ends a command: gives its memory back, sets the state, counts the event. The host may reuse the packet at once.
void complete(Command& command, ert_cmd_state state);

}  // namespace jpegact::card
