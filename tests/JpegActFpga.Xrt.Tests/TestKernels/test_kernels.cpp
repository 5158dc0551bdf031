// Kernels that the tests of the bindings run on the emulated card: they know nothing of the codec.
#include <time.h>

#include <cstdint>

extern "C" {

/// out[i] = in[i] for i < words.
void copy_words(const std::uint32_t* in, std::uint32_t* out, std::uint32_t words) {
    for (std::uint32_t i = 0; i < words; ++i) {
        out[i] = in[i];
    }
}

/// out[i] = value + i for i < count.
void fill_words(std::uint64_t* out, std::uint64_t value, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        out[i] = value + i;
    }
}

/// Waits until the host writes a non-zero word to `gate`, 30 seconds at most, then writes that word to `out`.
/// It runs for as long as a test wants, without a guess at times.
void wait_gate(const std::uint32_t* gate, std::uint32_t* out) {
    const volatile std::uint32_t* word = gate;
    const timespec pause{0, 50'000};
    for (int i = 0; i < 600'000 && *word == 0; ++i) {
        nanosleep(&pause, nullptr);
    }
    *out = *word;
}
}
