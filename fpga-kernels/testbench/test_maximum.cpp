#include <cmath>
#include <cstring>
#include <vector>

#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

const std::vector<golden::method> kMethods = {golden::method::jpeg_act, golden::method::sfpr, golden::method::sfpr_zvc};
const std::vector<golden::type> kTypes = {golden::type::float32, golden::type::float16, golden::type::bfloat16};

void check(const golden::task& what, const std::vector<uint8_t>& data, const maximum_options& options,
           const std::string& name) {
    maximum_launch launch;
    launch.add(what, data, options);
    launch.run(name + ", " + name_of(what));
}

std::vector<uint8_t> random_bytes(random_source& random, size_t count) {
    std::vector<uint8_t> bytes(count);
    for (auto& byte : bytes) {
        byte = uint8_t(random());
    }
    return bytes;
}

// Elements of any finite size, all geometries.
void random_tasks() {
    random_source random(1);
    for (int round = 0; round < 20; round++) {
        for (const golden::method method : kMethods) {
            for (const golden::type type : kTypes) {
                const golden::task what = random_task(random, method, type, 1 + below(random, 70));
                maximum_options options;
                options.write_scales = below(random, 2) != 0;
                options.full_scale = 1.0f + float(below(random, 3001)) / 1000.0f;
                check(what, random_data(random, what, random_encode_scales(random, what)), options, "random");
            }
        }
    }
}

// Any bits at all, infinities and NaN among them.
void any_bits() {
    random_source random(2);
    for (const golden::type type : kTypes) {
        for (int round = 0; round < 20; round++) {
            const golden::task what = random_task(random, golden::method::jpeg_act, type, 1 + below(random, 20));
            maximum_options options;
            options.write_scales = true;
            check(what, random_bytes(random, what.data_bytes()), options, "any bits");
        }
    }
}

// One element in an otherwise empty tensor, at every place: negative zero, the least and the largest numbers, NaN.
void lone_elements() {
    for (const golden::method method : {golden::method::jpeg_act, golden::method::sfpr}) {
        for (const uint32_t bits : {0x80000000u, 1u, 0x80000001u, 0x0d7fffffu, 0x0d800000u, 0x7f7fffffu, 0xff7fffffu,
                                    0x7f800000u, 0xff800000u, 0x7fc00000u, 0xffc00000u}) {
            for (size_t i = 0; i < 128; i++) {
                golden::task what;
                what.method = method;
                what.block_count = 2;
                what.positions_per_scale = 5;
                what.scale_count = 30;
                std::vector<uint8_t> data(what.data_bytes());
                std::memcpy(data.data() + 4 * i, &bits, 4);
                maximum_options options;
                options.write_scales = true;
                check(what, data, options, "element " + std::to_string(i));
            }
        }
    }
}

// Both divisions for mantissas at their borders at every exponent, by making each a maximum of its own.
void divisions() {
    random_source random(4);
    for (const float full_scale : {1.0f, 1.125f, 1.3f, std::nextafter(4.0f, 0.0f), 4.0f}) {
        golden::task what;
        what.method = golden::method::sfpr;
        what.block_count = 254 * 16 / 64 + 1;
        what.positions_per_scale = 1;
        what.scale_count = what.block_count * 64;
        std::vector<uint8_t> data(what.data_bytes());
        for (uint32_t i = 0; i < what.scale_count; i++) {
            const uint32_t at = i % 16;
            const uint32_t mantissa = at < 4 ? at : at < 8 ? 0x7fffff - (at - 4) : uint32_t(random()) & 0x7fffff;
            const uint32_t bits = std::min(i / 16, 254u) << 23 | mantissa;
            std::memcpy(data.data() + 4 * size_t(i), &bits, 4);
        }
        maximum_options options;
        options.write_scales = true;
        options.full_scale = full_scale;
        check(what, data, options, "divisions");
    }
}

// A tensor in parts gives on the last part what it gives in one.
void parts_of_a_tensor() {
    random_source random(5);
    for (int round = 0; round < 10; round++) {
        golden::task whole = random_task(random, golden::method::sfpr_zvc, kTypes[size_t(round) % 3], 64 * 3 + 10);
        const std::vector<uint8_t> data = random_data(random, whole, random_encode_scales(random, whole));
        const golden::maxima expected = golden::maximum(whole, data);
        maximum_launch launch;
        golden::maxima last;
        for (uint32_t first = 0; first < whole.block_count; first += 64) {
            golden::task part = whole;
            part.block_count = std::min(64u, whole.block_count - first);
            const uint64_t position = whole.first_position + 64 * uint64_t(first);
            part.first_position = position % whole.positions_per_scale;
            part.first_scale = uint32_t((whole.first_scale + position / whole.positions_per_scale) % whole.scale_count);
            const size_t block_bytes = 64 * whole.element_bytes();
            maximum_options options;
            options.continues = first != 0;
            options.write_scales = below(random, 2) != 0;
            options.gap = below(random, 3);
            last = launch.add(part,
                              {data.begin() + std::ptrdiff_t(first * block_bytes),
                               data.begin() + std::ptrdiff_t((first + part.block_count) * block_bytes)},
                              options);
        }
        require(last.bits == expected.bits && last.negative == expected.negative, "the golden model's parts");
        launch.run("parts");
    }
}

// The largest table, and one entry more.
void table_limit() {
    random_source random(6);
    golden::task what;
    what.method = golden::method::sfpr;
    what.block_count = 1024;
    what.positions_per_scale = 1;
    what.scale_count = 65536;
    const std::vector<uint8_t> data = random_data(random, what, std::vector<float>(what.scale_count, 3.0f));
    maximum_launch launch;
    maximum_options options;
    options.write_scales = true;
    launch.add(what, data, options);
    what.scale_count = 65537;
    launch.add_bad(describe(what, false));
    launch.run("table limit");
}

// An encode launch on the table that this kernel wrote.
void scales_for_encode() {
    random_source random(7);
    const golden::task what = random_task(random, golden::method::jpeg_act, golden::type::float32, 40);
    const std::vector<uint8_t> data = random_data(random, what, std::vector<float>(what.scale_count, 40.0f));
    maximum_options options;
    options.write_scales = true;
    maximum_launch launch;
    const golden::maxima maxima = launch.add(what, data, options);
    launch.run("scales");
    std::vector<float> scales;
    for (const uint32_t bits : maxima.bits) {
        scales.push_back(golden::encode_scale(bits, options.full_scale));
    }
    check_encode(what, data, scales, "with these scales");
}

}  // namespace

std::vector<test> maximum_tests() {
    return {
        {"maximum_random_tasks", random_tasks},           {"maximum_any_bits", any_bits},
        {"maximum_lone_elements", lone_elements},         {"maximum_divisions", divisions},
        {"maximum_parts_of_a_tensor", parts_of_a_tensor}, {"maximum_table_limit", table_limit},
        {"maximum_scales_for_encode", scales_for_encode},
    };
}

}  // namespace testbench
