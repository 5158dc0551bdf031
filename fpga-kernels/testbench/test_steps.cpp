// The steps by themselves (steps/steps.hpp), chained to whole blocks, against the golden model.
#include <algorithm>
#include <cstring>

#include "cases.hpp"
#include "golden.hpp"
#include "report.hpp"
#include "steps.hpp"

namespace testbench {
namespace {

constexpr int kBlocks = 500;

// Bytes to a vector and back; any vector of whole bytes.
template <int WIDTH>
ap_uint<WIDTH> vector_of(const void* bytes) {
    ap_uint<WIDTH> all = 0;
    for (int i = 0; i < WIDTH / 8; i++) {
        all.range(8 * i + 7, 8 * i) = ap_uint<8>(static_cast<const uint8_t*>(bytes)[i]);
    }
    return all;
}
template <int WIDTH>
std::vector<uint8_t> bytes_of(const ap_uint<WIDTH>& all) {
    std::vector<uint8_t> bytes(WIDTH / 8);
    for (int i = 0; i < WIDTH / 8; i++) {
        bytes[size_t(i)] = uint8_t(all.range(8 * i + 7, 8 * i).to_uint());
    }
    return bytes;
}

bits256 pack_shifts(const golden::task& what) {
    uint8_t bytes[32];
    for (size_t i = 0; i < 32; i++) {
        bytes[i] = uint8_t(what.shifts[2 * i] | what.shifts[2 * i + 1] << 4);
    }
    return vector_of<256>(bytes);
}

golden::task random_block(random_source& random) {
    return random_task(random, golden::method::jpeg_act, golden::type::int8, 1);
}

// q8 to mask and values, which the packer appends one block after the other.
void encode_chain() {
    random_source random(31);
    std::vector<uint8_t> expected, packed;
    bits512 held = 0;
    ap_uint<6> fill = 0;
    for (int i = 0; i < kBlocks; i++) {
        golden::task what = random_block(random);
        what.truncate = i % 2 != 0;
        const std::vector<uint8_t> data = random_data(random, what, {});
        const golden::encoded golden = golden::encode(what, data, {});
        bits1024 sums_0_31, sums_32_63;
        step_transform(vector_of<512>(data.data()), sums_0_31, sums_32_63);
        bits512 coefficients, values;
        step_quantise(sums_0_31, sums_32_63, pack_shifts(what), what.truncate, coefficients);
        uint64_t mask;
        ap_uint<7> length;
        step_compact(coefficients, mask, length, values);
        require(mask == golden.masks[0] && length.to_uint() == golden.values.size(), "mask of " + std::to_string(i));
        bits512 rest, full;
        ap_uint<6> rest_fill;
        bool has_full;
        step_pack(held, fill, values, length, rest, rest_fill, full, has_full);
        held = rest;
        fill = rest_fill;
        if (has_full) {
            const std::vector<uint8_t> word = bytes_of<512>(full);
            packed.insert(packed.end(), word.begin(), word.end());
        }
        expected.insert(expected.end(), golden.values.begin(), golden.values.end());
    }
    const std::vector<uint8_t> last = bytes_of<512>(held);
    packed.insert(packed.end(), last.begin(), last.begin() + fill.to_uint());
    require(packed == expected, "values");
}

// A mask and values that start anywhere in two words to q8.
void decode_chain() {
    random_source random(32);
    for (int i = 0; i < kBlocks; i++) {
        golden::task what = random_block(random);
        what.non_negative = i % 2 != 0;
        const std::vector<uint64_t> masks = random_masks(random, what, below(random, 65));
        const std::vector<uint8_t> values = random_values(random, what, masks);
        const golden::decoded golden = golden::decode(what, masks, values, {});
        const size_t start = below(random, 64);
        uint8_t words[128];
        for (uint8_t& byte : words) {
            byte = uint8_t(random());
        }
        std::copy(values.begin(), values.end(), words + start);
        bits512 window, coefficients, integers;
        step_align(vector_of<512>(words), vector_of<512>(words + 64), ap_uint<6>(unsigned(start)), window);
        step_expand(masks[0], window, coefficients);
        bits1024 restored;
        step_dequantise(coefficients, pack_shifts(what), restored);
        step_inverse_transform(restored, what.non_negative ? 0 : -128, integers);
        require(bytes_of<512>(integers) == golden.data, "block " + std::to_string(i));
    }
}

// 16-bit elements to q8 and back, and their largest magnitudes.
void number_chain() {
    random_source random(33);
    for (int i = 0; i < kBlocks; i++) {
        const golden::type type = i % 2 != 0 ? golden::type::bfloat16 : golden::type::float16;
        const std::vector<float> scales = {0.5f, 3.0f, 100.0f, 144.0f};
        uint32_t bits[4];
        std::memcpy(bits, scales.data(), sizeof bits);
        uint8_t elements[64], q8[32], back[64];
        uint32_t largest[4] = {};
        bool negative = false;
        for (size_t k = 0; k < 32; k++) {
            const float wanted = (float(below(random, 20001)) - 10000.0f) / 5000.0f;
            golden::write_element(type, wanted, elements + 2 * k);
            const float x = golden::read_element(type, elements + 2 * k);
            q8[k] = uint8_t(golden::quantise_to_8_bits(x, scales[k / 8]));
            golden::write_element(type, float(int8_t(q8[k])) * scales[k / 8], back + 2 * k);
            uint32_t pattern;
            std::memcpy(&pattern, &x, sizeof pattern);
            negative = negative || x < 0;
            largest[k / 8] = std::max(largest[k / 8], pattern & 0x7fffffff);
        }
        bits1024 floats;
        bits256 integers;
        bits512 narrowed;
        step_widen(vector_of<512>(elements), type == golden::type::bfloat16, floats);
        step_scale(floats, bits[0], bits[1], bits[2], bits[3], integers);
        require(bytes_of<256>(integers) == std::vector<uint8_t>(q8, q8 + 32), "q8");
        ap_uint<128> maxima;
        bool any_negative;
        step_maxima(floats, 0, 32, maxima, any_negative);
        require(any_negative == negative && maxima == vector_of<128>(largest), "maxima");
        step_rescale(integers, bits[0], bits[1], bits[2], bits[3], floats);
        step_narrow(floats, type == golden::type::bfloat16, narrowed);
        require(bytes_of<512>(narrowed) == std::vector<uint8_t>(back, back + 64), "elements");
    }
}

}  // namespace

std::vector<test> step_tests() {
    return {{"steps_of_encode", encode_chain}, {"steps_of_decode", decode_chain}, {"steps_of_numbers", number_chain}};
}

}  // namespace testbench
