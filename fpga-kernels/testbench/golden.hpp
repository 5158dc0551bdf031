// The golden model: docs/format.md and docs/kernels.md written down as directly as possible (matrix products, divisions,
// library rounding, 64-bit sums). It shares no code and no constant with the kernels and is not meant to be fast.
#ifndef JPEGACT_TESTBENCH_GOLDEN_HPP
#define JPEGACT_TESTBENCH_GOLDEN_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace golden {

enum class method { jpeg_act = 1, sfpr = 2, sfpr_zvc = 3, brc = 4 };
enum class type { float32 = 1, float16 = 2, bfloat16 = 3, int8 = 4 };

// What a descriptor asks for.
struct task {
    golden::method method = golden::method::jpeg_act;
    golden::type type = golden::type::float32;
    bool truncate = false;      // encode
    bool non_negative = false;  // decode
    uint32_t block_count = 1;
    uint32_t blocks_per_row = 1;
    uint64_t positions_per_scale = 8;
    uint32_t scale_count = 1;
    uint32_t first_column = 0;
    uint64_t first_position = 0;
    uint32_t first_scale = 0;
    std::array<uint8_t, 64> shifts{};

    bool has_scales() const { return method != golden::method::brc && type != golden::type::int8; }
    bool has_masks() const { return method != golden::method::sfpr; }
    bool has_values() const { return method != golden::method::brc; }
    // Bytes of an element.
    size_t element_bytes() const { return type == golden::type::float32 ? 4 : type == golden::type::int8 ? 1 : 2; }
    size_t data_bytes() const { return size_t(block_count) * 64 * element_bytes(); }
};

struct encoded {
    std::vector<uint64_t> masks;
    std::vector<uint8_t> values;
    std::vector<uint32_t> tile_offsets;
    uint64_t mask_sum = 0, value_sum = 0, data_sum = 0, scale_sum = 0;
};

struct decoded {
    std::vector<uint8_t> data;
    uint64_t named_bytes = 0;
    bool bytes_agree = true;
    uint64_t mask_sum = 0, value_sum = 0, data_sum = 0, scale_sum = 0;
};

struct maxima {
    std::vector<uint32_t> bits;  // one a scale
    bool negative = false;
    uint64_t data_sum = 0;
};

// Index into the scale table for element `element` (0 .. 63) of block `block`.
uint32_t scale_index(const task& what, uint32_t block, int element);

// An element of `type` at `bytes`, as a float32, exactly.
float read_element(type type, const uint8_t* bytes);
// A float32 rounded to nearest even, or an integer, as an element.
void write_element(type type, float value, uint8_t* bytes);

// clamp(roundHalfEven(x * scale), -128, 127)
int quantise_to_8_bits(float x, float scale);

// sc and inv of a maximum, for full scale S.
float encode_scale(uint32_t maximum_bits, float full_scale);
float decode_scale(uint32_t maximum_bits, float full_scale);

// Sum modulo 2^64 of the little-endian 64-bit words of `bytes`, filled up with zeros.
uint64_t sum_of_words(const std::vector<uint8_t>& bytes);

// `data` holds 64 elements a block, `scales` the sc table.
encoded encode(const task& what, const std::vector<uint8_t>& data, const std::vector<float>& scales);

// `masks` and `values` may be anything; values past the end of `values` are zero. `scales` is the inv table.
decoded decode(const task& what, const std::vector<uint64_t>& masks, const std::vector<uint8_t>& values,
               const std::vector<float>& scales);

// Starts from `so_far` (of scale_count entries), or from zeros when it is empty.
maxima maximum(const task& what, const std::vector<uint8_t>& data, const maxima& so_far = {});

}  // namespace golden

#endif
