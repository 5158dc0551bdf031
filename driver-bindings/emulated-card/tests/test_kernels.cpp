// Kernels for the tests of the emulated card.
#include <launch_model.h>
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

// A cycle model that knows the copy: a second a byte, and half a second more in DDR[0].
int jpegact_model_launch(const char* kernel, const std::uint64_t* arguments, const char* const* banks,
                         std::uint32_t argument_count, jpegact_model_time* time) {
    if (std::strcmp(kernel, "copy") != 0 || arguments[3] == 0 || argument_count != 5 || banks[3] != nullptr ||
        banks[4] != nullptr) {
        return -1;
    }
    const auto copied = reinterpret_cast<const char*>(arguments[1])[arguments[3] - 1];
    time->fixed_seconds = std::strcmp(banks[1], "DDR[0]") == 0 ? 0.5 : 0.25;
    time->seconds = time->fixed_seconds + double(arguments[3]);
    time->descriptors = copied == reinterpret_cast<const char*>(arguments[0])[arguments[3] - 1] ? 1 : 0;
    std::strcpy(time->limit, banks[0]);
    return 0;
}
}
