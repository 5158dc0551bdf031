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

golden::task task_of(uint32_t block_count, uint32_t blocks_per_row) {
    golden::task what;
    what.block_count = block_count;
    what.blocks_per_row = blocks_per_row;
    what.positions_per_scale = 5;
    what.scale_count = 40;
    return what;
}

std::vector<uint8_t> noise(const golden::task& what, uint32_t amplitude) {
    random_source random(what.block_count * 131 + amplitude);
    std::vector<uint8_t> data(what.data_bytes());
    for (size_t i = 0; i < data.size(); i += what.element_bytes()) {
        golden::write_element(what.type, float(int(testbench::below(random, 2 * amplitude + 1)) - int(amplitude)),
                              &data[i]);
    }
    return data;
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

// Every method and type: each has its own ratio between words, halves, blocks, masks and values.
template <class Launch>
void every_mode(uint32_t blocks, uint32_t width, Launch launch) {
    for (const golden::method method : testbench::all_methods()) {
        for (const golden::type type : testbench::all_types()) {
            golden::task what = task_of(blocks, width);
            what.method = method;
            what.type = type;
            launch(what);
        }
    }
}

void encode(uint32_t blocks, uint32_t width, uint32_t amplitude) {
    every_mode(blocks, width, [=](const golden::task& what) {
        testbench::check_encode(what, noise(what, amplitude), std::vector<float>(40, 1.0f), "encode");
    });
}

void decode(uint32_t blocks, uint32_t width, uint32_t amplitude) {
    every_mode(blocks, width, [=](const golden::task& what) {
        const std::vector<float> scales(40, 1.0f);
        const golden::encoded frame = golden::encode(what, noise(what, amplitude), scales);
        testbench::check_decode(what, frame.masks, frame.values, scales, "decode");
        if (what.has_values()) {
            // Values that no mask names: they must leave their FIFO all the same.
            testbench::check_decode(what, std::vector<uint64_t>(frame.masks.size()),
                                    std::vector<uint8_t>(size_t(blocks) * 64, 1), scales,
                                    "decode of values without masks");
        }
    });
}

void maximum(uint32_t blocks, uint32_t width, uint32_t amplitude) {
    every_mode(blocks, width, [=](const golden::task& what) {
        if (what.has_scales()) {
            testbench::maximum_launch launch;
            launch.add(what, noise(what, amplitude), {});
            launch.run("maximum");
        }
    });
}

}  // namespace

std::vector<kernel_corpus> all_kernels() {
    return {{"jpegact_encode", every_launch(encode)}, {"jpegact_decode", every_launch(decode)},
            {"jpegact_maximum", every_launch(maximum)}};
}

}  // namespace fifo
