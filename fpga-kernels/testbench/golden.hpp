// The golden model: docs/format.md and docs/kernels.md written down as directly as possible (matrix products,
// divisions, library rounding, 64-bit sums). It shares no code with the kernels and is not meant to be fast.
#ifndef JPEGACT_TESTBENCH_GOLDEN_HPP
#define JPEGACT_TESTBENCH_GOLDEN_HPP

#include <array>
#include <cstdint>
#include <vector>

namespace golden {

// The scalar arguments of a launch, for both kernels.
struct arguments {
    uint32_t block_count = 1;
    uint32_t blocks_per_row = 1;
    uint32_t rows_per_scale = 8;
    uint32_t scale_count = 1;
    uint32_t first_column = 0;
    uint32_t first_row = 0;
    uint32_t first_scale = 0;
    std::array<uint8_t, 64> shifts{};
    bool truncate = false;      // encode only
    bool non_negative = false;  // decode only
};

// What the result word must say.
struct report {
    uint32_t status = 0;
    uint32_t block_count = 0;
    uint32_t value_bytes = 0;
    uint64_t mask_sum = 0;
    uint64_t data_sum = 0;
};

struct encoded {
    std::vector<uint64_t> masks;
    std::vector<uint8_t> values;
    std::vector<uint32_t> offsets;
    report result;
};

struct decoded {
    std::vector<float> blocks;
    report result;
};

// Index into the scale table for row `row` (0 .. 7) of block `block` of the launch.
uint32_t scale_index(const arguments& launch, uint32_t block, int row);

// clamp(roundHalfEven(x * scale), -128, 127)
int quantise_to_8_bits(float x, float scale);

// `blocks` holds 64 floats a block, `scales` the sc table.
encoded encode(const arguments& launch, const std::vector<float>& blocks, const std::vector<float>& scales);

// `masks` and `values` may be anything; values past the end of `values` are zero. `scales` is the inv table.
decoded decode(const arguments& launch, const std::vector<uint64_t>& masks, const std::vector<uint8_t>& values,
               const std::vector<float>& scales);

}  // namespace golden

#endif
