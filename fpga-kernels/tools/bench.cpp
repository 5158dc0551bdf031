// Speed of the C simulation on this CPU: one thread. It says nothing about the hardware.
// usage: bench [blocks a launch] [launches] [only modes whose name contains this]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include "jpegact/descriptor.hpp"
#include "jpegact/float_bits.hpp"
#include "jpegact_decode.hpp"
#include "jpegact_encode.hpp"
#include "jpegact_maximum.hpp"

namespace {

using namespace jpegact;

constexpr uint32_t kBlocksPerRow = 7, kRowsPerScale = 56, kScaleCount = 64;

// Activations after a ReLU: smooth fields with half of them cut off.
std::vector<float> make_activations(uint32_t count) {
    std::vector<float> values(size_t(count) * kBlockValues);
    std::mt19937 random(1);
    std::normal_distribution<float> noise(0.0f, 0.1f);
    for (uint32_t block = 0; block < count; block++) {
        const float phase = float(random() % 628) / 100.0f;
        for (int i = 0; i < kBlockValues; i++) {
            const float x = std::sin(phase + 0.2f * float(i / 8) + 0.3f * float(i % 8)) + noise(random);
            values[size_t(block) * kBlockValues + size_t(i)] = x > 0 ? x : 0;
        }
    }
    return values;
}

// The activations as elements: float32 as they are, 16 bits cut off, int8 at the scale used here.
std::vector<word_t> elements_of(const std::vector<float>& values, uint32_t type) {
    const size_t bytes = type == kTypeFloat32 ? 4 : type == kTypeInt8 ? 1 : 2;
    std::vector<word_t> words(values.size() * bytes / kWordBytes);
    auto* to = reinterpret_cast<unsigned char*>(words.data());
    for (const float value : values) {
        uint32_t bits = bits_of(value);
        bits = type == kTypeBfloat16  ? bits >> 16
               : type == kTypeFloat16 ? narrow_to_half(bits)
               : type == kTypeInt8    ? uint32_t(std::min(127.0f, value * 100.0f))
                                      : bits;
        std::memcpy(to, &bits, bytes);
        to += bytes;
    }
    return words;
}

double best_of(int launches, const std::function<void()>& launch) {
    double best = 1e9;
    for (int i = 0; i < launches; i++) {
        const auto start = std::chrono::steady_clock::now();
        launch();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

struct mode {
    const char* name;
    uint32_t method;
    uint32_t type;
};

void require_good(const std::vector<word_t>& results) {
    if ((lane64(results[0], 0) >> 32 & ~uint64_t(kStatusNegative)) != 0) {
        std::fprintf(stderr, "a launch failed\n");
        std::exit(1);
    }
}

void run(const mode& what, uint32_t count, int launches) {
    std::vector<word_t> data = elements_of(make_activations(count), what.type), decoded(data.size()),
                        masks((count + 7) / 8), values(count), offsets(count / 1024 + 2), scales(3 * kScaleCount / 16),
                        descriptor(2), results(1);
    const bool squares = what.method == kMethodJpegAct;
    const uint64_t lanes[16] = {
        what.method | uint64_t(what.type) << 8 | uint64_t(count) << 32,
        kBlocksPerRow,
        squares ? kRowsPerScale : kRowsPerScale * kRowsPerScale,
        0,
        kScaleCount,
        0,
        0,
        0,
        0,
        uint64_t(count) * 64,
        0,
        0,
        0x5554443333322222,
        0x5555544443333222,
        0x6655555444443333,
        0x6666655555544444,
    };
    std::memcpy(descriptor.data(), lanes, sizeof lanes);
    for (size_t i = 0; i < kScaleCount; i++) {
        const float scale = 144.0f;
        std::memcpy(reinterpret_cast<char*>(scales.data()) + 4 * i, &scale, sizeof scale);
    }
    const double encode_time = best_of(launches, [&] {
        jpegact_encode(descriptor.data(), results.data(), data.data(), scales.data(), masks.data(), values.data(),
                       offsets.data(), 1, data.size(), scales.size(), masks.size(), values.size(), offsets.size());
        require_good(results);
    });
    const uint64_t value_bytes = lane64(results[0], 1);
    set_lane64(descriptor[1], 1, value_bytes);
    const double decode_time = best_of(launches, [&] {
        jpegact_decode(descriptor.data(), results.data(), decoded.data(), scales.data(), masks.data(), values.data(), 1,
                       decoded.size(), scales.size(), masks.size(), values.size());
        require_good(results);
    });
    const double bytes = double(data.size()) * kWordBytes;
    std::printf(
        "%-22s %5.1f values a block, encode %6.3f GB/s (%4.0f ns a block), decode %6.3f GB/s (%4.0f ns a block)",
        what.name, double(value_bytes) / count, bytes / encode_time / 1e9, encode_time / count * 1e9,
        bytes / decode_time / 1e9, decode_time / count * 1e9);
    if (has_scales(what.method, what.type)) {
        const double maximum_time = best_of(launches, [&] {
            jpegact_maximum(descriptor.data(), results.data(), data.data(), scales.data(), 1, data.size(),
                            scales.size());
            require_good(results);
        });
        std::printf(", maximum %6.3f GB/s", bytes / maximum_time / 1e9);
    }
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    const uint32_t count = argc > 1 ? uint32_t(std::atoi(argv[1])) : 16384;
    const int launches = argc > 2 ? std::atoi(argv[2]) : 20;
    if (count < 1 || count > jpegact::kMaxBlocks || launches < 1) {
        std::fprintf(stderr, "usage: bench [blocks a launch] [launches] [mode]\n");
        return 2;
    }
    std::printf("C simulation on CPU, one thread, %u blocks a launch, GB/s of elements\n", count);
    for (const mode& each :
         {mode{"jpeg-act float32", kMethodJpegAct, kTypeFloat32},
          mode{"jpeg-act float16", kMethodJpegAct, kTypeFloat16},
          mode{"jpeg-act bfloat16", kMethodJpegAct, kTypeBfloat16}, mode{"jpeg-act int8", kMethodJpegAct, kTypeInt8},
          mode{"sfpr-zvc float32", kMethodSfprZvc, kTypeFloat32}, mode{"sfpr float32", kMethodSfpr, kTypeFloat32},
          mode{"brc float32", kMethodBrc, kTypeFloat32}}) {
        if (argc <= 3 || std::strstr(each.name, argv[3]) != nullptr) {
            run(each, count, launches);
        }
    }
    return 0;
}
