// Kernels for the tests of the emulated card.
#include <unistd.h>

#include <cstdint>
#include <cstring>

extern "C" {

// Copies `bytes` bytes after `delay` microseconds. launches[0] counts in a static variable, as a register would.
void copy(const char* in, char* out, std::uint32_t* launches, std::uint32_t bytes, std::uint32_t delay) {
    static std::uint32_t count = 0;
    usleep(delay);
    std::memcpy(out, in, bytes);
    launches[0] = ++count;
}

// Writes `words` words, however long the buffer is.
void fill(std::uint32_t* out, std::uint64_t words, std::uint32_t value) {
    for (std::uint64_t i = 0; i < words; ++i) {
        out[i] = value;
    }
}
}
