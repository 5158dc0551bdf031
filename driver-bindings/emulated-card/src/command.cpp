#include "command.hpp"

namespace jpegact::card {

void set_packet_state(Buffer& packet, ert_cmd_state state) {
    auto* header = reinterpret_cast<std::uint32_t*>(packet.host);
    constexpr std::uint32_t state_mask = 0xf;
    const std::uint32_t others = __atomic_load_n(header, __ATOMIC_RELAXED) & ~state_mask;
    __atomic_store_n(header, others | (static_cast<std::uint32_t>(state) & state_mask), __ATOMIC_RELEASE);
}

void complete(Command& command, ert_cmd_state state) {
    // First, so that a host that frees a buffer and allocates another after completion finds the memory free.
    command.memories.clear();
    if (command.packet != nullptr) {
        set_packet_state(*command.packet, state);
        command.completions->post();
    }
}

}  // namespace jpegact::card
