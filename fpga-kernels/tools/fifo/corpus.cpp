#include "corpus.hpp"

#include <cstdint>
#include <functional>
#include <vector>

#include "launch.hpp"

namespace fifo {
namespace {

using testbench::random_source;

struct shape {
    uint32_t block_count;
    uint32_t blocks_per_row;
    uint32_t amplitude;  // 0: no value at all, 127: nearly all of them
};

// Enough blocks that every FIFO overflows if its consumer stands still, with values that run ahead of masks and the
// reverse; an image one block wide, which makes the scales the slowest stage; a single block.
constexpr shape kExtremes[] = {{160, 400, 127}, {160, 1, 0}, {160, 1, 127}, {1, 7, 40}};
// Somewhat more than a tile, about half of the values.
constexpr shape kUsual = {70, 7, 40};

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

// Each method and type has its own ratio between words, halves, blocks, masks and values. The slowest and the fastest
// input, 4 words a block and 1, also get the extremes.
template <class Launch>
std::vector<std::function<void()>> every_launch(Launch launch) {
    std::vector<std::function<void()>> launches;
    const auto add = [&](golden::method method, golden::type type, const shape& shape) {
        golden::task what = task_of(shape.block_count, shape.blocks_per_row);
        what.method = method;
        what.type = type;
        launches.push_back([=] { launch(what, noise(what, shape.amplitude)); });
    };
    for (const golden::method method : testbench::all_methods()) {
        for (const golden::type type : testbench::all_types()) {
            add(method, type, kUsual);
        }
    }
    for (const shape& shape : kExtremes) {
        add(golden::method::jpeg_act, golden::type::float32, shape);
        add(golden::method::sfpr, golden::type::int8, shape);
    }
    return launches;
}

const std::vector<float>& ones() {
    static const std::vector<float> scales(40, 1.0f);
    return scales;
}

void encode(const golden::task& what, const std::vector<uint8_t>& data) {
    testbench::check_encode(what, data, ones(), "encode");
}

void decode(const golden::task& what, const std::vector<uint8_t>& data) {
    const golden::encoded frame = golden::encode(what, data, ones());
    testbench::check_decode(what, frame.masks, frame.values, ones(), "decode");
    if (what.has_values()) {
        // Values that no mask names: they must leave their FIFO all the same.
        testbench::check_decode(what, std::vector<uint64_t>(frame.masks.size()),
                                std::vector<uint8_t>(size_t(what.block_count) * 64, 1), ones(),
                                "decode of values without masks");
    }
}

void maximum(const golden::task& what, const std::vector<uint8_t>& data) {
    if (what.has_scales()) {
        testbench::maximum_launch launch;
        launch.add(what, data, {});
        launch.run("maximum");
    }
}

}  // namespace

std::vector<kernel_corpus> all_kernels() {
    return {{"jpegact_encode", every_launch(encode)},
            {"jpegact_decode", every_launch(decode)},
            {"jpegact_maximum", every_launch(maximum)}};
}

}  // namespace fifo
