// Speed of the C simulation on this CPU: one thread, sequential regions. It says nothing about the hardware.
// usage: bench [blocks a launch] [launches]
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "jpegact_decode.hpp"
#include "jpegact_encode.hpp"

namespace {

using jpegact::word_t;

double seconds_of(const std::vector<double>& times) {
    double best = times.front();
    for (const double time : times) {
        best = time < best ? time : best;
    }
    return best;
}

// Activations after a ReLU: smooth fields with half of them cut off.
std::vector<word_t> make_blocks(uint32_t count) {
    std::vector<word_t> words(size_t(count) * jpegact::kWordsPerBlock);
    std::mt19937 random(1);
    std::normal_distribution<float> noise(0.0f, 0.1f);
    for (uint32_t block = 0; block < count; block++) {
        const float phase = float(random() % 628) / 100.0f;
        float values[jpegact::kBlockValues];
        for (int i = 0; i < jpegact::kBlockValues; i++) {
            const float x = std::sin(phase + 0.2f * float(i / 8) + 0.3f * float(i % 8)) + noise(random);
            values[i] = x > 0 ? x : 0;
        }
        std::memcpy(&words[size_t(block) * jpegact::kWordsPerBlock], values, sizeof values);
    }
    return words;
}

}  // namespace

int main(int argc, char** argv) {
    const uint32_t count = argc > 1 ? uint32_t(std::atoi(argv[1])) : 16384;
    const int launches = argc > 2 ? std::atoi(argv[2]) : 20;
    if (count < 1 || count > jpegact::kMaxBlocks || launches < 1) {
        std::fprintf(stderr, "usage: bench [blocks a launch] [launches]\n");
        return 2;
    }
    const uint32_t blocks_per_row = 7, rows_per_scale = 56, scale_count = 64;
    std::vector<word_t> blocks = make_blocks(count), decoded(blocks.size()), masks(count / 8 + 1), values(count),
                        offsets(count / 1024 + 2), scales(scale_count / 16), result(1);
    for (auto& word : scales) {
        for (int i = 0; i < 16; i++) {
            const float scale = 144.0f;
            uint32_t bits;
            std::memcpy(&bits, &scale, sizeof bits);
            word.range(32 * i + 31, 32 * i) = bits;
        }
    }
    const uint64_t shifts[4] = {0x5554443333322222, 0x5555544443333222, 0x6655555444443333, 0x6666655555544444};
    std::vector<double> encode_times, decode_times;
    uint32_t value_bytes = 0;
    for (int launch = 0; launch < launches; launch++) {
        const auto start = std::chrono::steady_clock::now();
        jpegact_encode(blocks.data(), scales.data(), masks.data(), values.data(), offsets.data(), result.data(), count,
                       blocks_per_row, rows_per_scale, scale_count, 0, 0, 0, shifts[0], shifts[1], shifts[2], shifts[3],
                       0);
        const auto middle = std::chrono::steady_clock::now();
        value_bytes = uint32_t(result[0].range(127, 96).to_uint());
        jpegact_decode(masks.data(), values.data(), scales.data(), decoded.data(), result.data(), count, value_bytes,
                       blocks_per_row, rows_per_scale, scale_count, 0, 0, 0, shifts[0], shifts[1], shifts[2], shifts[3],
                       1);
        const auto end = std::chrono::steady_clock::now();
        if (result[0].range(63, 32).to_uint() != jpegact::kStatusGood) {
            std::fprintf(stderr, "a launch failed\n");
            return 1;
        }
        encode_times.push_back(std::chrono::duration<double>(middle - start).count());
        decode_times.push_back(std::chrono::duration<double>(end - middle).count());
    }
    const double bytes = 256.0 * count;
    std::printf("C simulation on CPU, one thread, %u blocks a launch, %.1f values a block\n", count,
                double(value_bytes) / count);
    std::printf("encode %.3f GB/s of float32 (%.0f ns a block)\n", bytes / seconds_of(encode_times) / 1e9,
                seconds_of(encode_times) / count * 1e9);
    std::printf("decode %.3f GB/s of float32 (%.0f ns a block)\n", bytes / seconds_of(decode_times) / 1e9,
                seconds_of(decode_times) / count * 1e9);
    return 0;
}
