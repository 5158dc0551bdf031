#include "corpus.hpp"

#include <cstdint>

#include "launch.hpp"

namespace fifo {
namespace {

using testbench::random_source;

// Shares of non-zero coefficients: none, few, about half and all, so that masks run ahead of values and the reverse.
constexpr uint32_t kAmplitudes[] = {0, 3, 40, 127};
// Blocks of one launch: few, and enough that every FIFO would overflow if its consumer stood still.
constexpr uint32_t kBlockCounts[] = {1, 9, 160};
// Width of the image in blocks: one block makes the scales the slowest stage, the others make them the fastest.
constexpr uint32_t kWidths[] = {1, 7, 400};

golden::arguments launch_of(uint32_t block_count, uint32_t blocks_per_row) {
    golden::arguments launch;
    launch.block_count = block_count;
    launch.blocks_per_row = blocks_per_row;
    launch.rows_per_scale = 5;
    launch.scale_count = 40;
    return launch;
}

std::vector<float> noise(uint32_t block_count, uint32_t amplitude) {
    random_source random(block_count * 131 + amplitude);
    std::vector<float> blocks(size_t(block_count) * 64);
    for (auto& x : blocks) {
        x = float(int(testbench::below(random, 2 * amplitude + 1)) - int(amplitude));
    }
    return blocks;
}

template <class Launch>
std::vector<std::function<void()>> every_launch(Launch launch) {
    std::vector<std::function<void()>> launches;
    for (const uint32_t blocks : kBlockCounts) {
        for (const uint32_t width : kWidths) {
            for (const uint32_t amplitude : kAmplitudes) {
                launches.push_back([=] { launch(blocks, width, amplitude); });
            }
        }
    }
    return launches;
}

void encode(uint32_t blocks, uint32_t width, uint32_t amplitude) {
    testbench::check_encode(launch_of(blocks, width), noise(blocks, amplitude), std::vector<float>(40, 1.0f), "encode");
}

void decode(uint32_t blocks, uint32_t width, uint32_t amplitude) {
    const golden::arguments launch = launch_of(blocks, width);
    const std::vector<float> scales(40, 1.0f);
    const golden::encoded frame = golden::encode(launch, noise(blocks, amplitude), scales);
    testbench::check_decode(launch, frame.masks, frame.values, scales, "decode");
    // Values that no mask names: they must leave their FIFO all the same.
    testbench::check_decode(launch, std::vector<uint64_t>(blocks), std::vector<uint8_t>(size_t(blocks) * 64, 1), scales,
                            "decode of values without masks");
}

}  // namespace

std::vector<kernel_corpus> all_kernels() {
    return {{"jpegact_encode", every_launch(encode)}, {"jpegact_decode", every_launch(decode)}};
}

}  // namespace fifo
