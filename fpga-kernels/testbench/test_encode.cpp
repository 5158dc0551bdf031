#include <vector>

#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

void check_random(random_source& random, const golden::task& what, const std::string& name) {
    const std::vector<float> scales = random_encode_scales(random, what);
    check_encode(what, random_data(random, what, scales), scales, name);
}

// Block counts around every border: of a mask word, of a word of tile offsets, of a tile.
void tails() {
    random_source random(1);
    for (const golden::method method : all_methods()) {
        for (const golden::type type : all_types()) {
            for (const uint32_t count : {1u, 2u, 7u, 8u, 9u, 63u, 64u, 65u, 128u, 129u}) {
                check_random(random, random_task(random, method, type, count), "tail");
            }
        }
    }
    check_random(random, random_task(random, golden::method::jpeg_act, golden::type::float32, 64 * 15), "16 entries");
    check_random(random, random_task(random, golden::method::sfpr, golden::type::int8, 64 * 15 + 1), "17 entries");
}

// All values zero: no value byte at all; and all values present.
void no_values_and_all_values() {
    for (const golden::method method : all_methods()) {
        for (const golden::type type : all_types()) {
            random_source random(2);
            golden::task what = random_task(random, method, type, 200);
            what.shifts.fill(0);
            what.scale_count = 1;
            what.first_scale = 0;
            const std::vector<uint8_t> zeros(what.data_bytes(), 0);
            const golden::encoded none = check_encode(what, zeros, {100.0f}, "zeros");
            require(none.values.size() == (method == golden::method::sfpr ? 200 * 64 : 0), "zeros give no values");

            std::vector<uint8_t> ones(what.data_bytes());
            for (size_t i = 0; i < ones.size() / what.element_bytes(); i++) {
                const float x = float(1 + (i * 7919) % 100) * (i % 3 == 0 ? -1.0f : 1.0f);
                golden::write_element(type, x, ones.data() + i * what.element_bytes());
            }
            check_encode(what, ones, {1.0f}, "no zeros");
        }
    }
}

// Each coefficient's shift reaches its own coefficient.
void shift_order() {
    random_source random(3);
    golden::task what;
    what.block_count = 3;
    what.blocks_per_row = 3;
    const std::vector<float> scales = {1.0f};
    std::vector<uint8_t> data(what.data_bytes());
    for (size_t i = 0; i < 192; i++) {
        golden::write_element(what.type, float(int(below(random, 256)) - 128), data.data() + 4 * i);
    }
    for (size_t k = 0; k < 64; k++) {
        what.shifts.fill(0);
        what.shifts[k] = 7;
        check_encode(what, data, scales, "shift of coefficient " + std::to_string(k));
    }
}

// Runs of elements, and planes of rows, of every small size at every start.
void every_small_scale() {
    for (const golden::method method : {golden::method::jpeg_act, golden::method::sfpr_zvc}) {
        for (const golden::type type : {golden::type::float32, golden::type::float16}) {
            for (uint64_t size = 1; size <= 70; size++) {
                random_source random(size);
                golden::task what = random_task(random, method, type, 3);
                what.positions_per_scale = size;
                what.first_position = random() % size;
                what.scale_count = 1 + below(random, 40);
                what.first_scale = below(random, what.scale_count);
                check_random(random, what, "scale of " + std::to_string(size) + " positions");
            }
        }
    }
}

// What hosts never send with scales, but a kernel must survive: infinities saturate by their sign.
void infinities() {
    for (const golden::method method : all_methods()) {
        random_source random(5);
        golden::task what = random_task(random, method, golden::type::float32, 2);
        std::vector<uint8_t> data(what.data_bytes());
        for (size_t i = 0; i < 128; i++) {
            const float infinity = std::numeric_limits<float>::infinity();
            golden::write_element(what.type, i % 2 != 0 ? infinity : -infinity, data.data() + 4 * i);
        }
        check_encode(what, data, std::vector<float>(what.scale_count, 2.0f), "infinities");
    }
}

// brc keeps a one for NaN of either sign, and for every number above zero.
void brc_signs() {
    golden::task what;
    what.method = golden::method::brc;
    for (const golden::type type : all_types()) {
        what.type = type;
        std::vector<uint8_t> data(what.data_bytes());
        const size_t bytes = what.element_bytes();
        for (size_t i = 0; i < 64; i++) {
            // The top byte runs through signs, zeros, denormals, infinities and NaN.
            static const uint8_t tops[] = {0x00, 0x80, 0x7f, 0xff, 0x7c, 0xfc, 0x01, 0x81};
            data[bytes * i + bytes - 1] = tops[i % 8];
            if (bytes > 1) {
                data[bytes * i + bytes - 2] = i % 16 < 8 ? 0 : i % 32 < 16 ? 0x80 : 0xc0;
                data[bytes * i] |= i % 64 < 32 ? 0 : 1;
            }
        }
        check_encode(what, data, {}, "signs");
    }
}

}  // namespace

std::vector<test> encode_tests() {
    return {
        {"encode_tails", tails},
        {"encode_no_values_and_all_values", no_values_and_all_values},
        {"encode_shift_order", shift_order},
        {"encode_every_small_scale", every_small_scale},
        {"encode_infinities", infinities},
        {"encode_brc_signs", brc_signs},
    };
}

}  // namespace testbench
