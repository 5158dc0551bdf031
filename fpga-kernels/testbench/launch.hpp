// Runs the kernels on guarded buffers and compares every byte with the golden model.
#ifndef JPEGACT_TESTBENCH_LAUNCH_HPP
#define JPEGACT_TESTBENCH_LAUNCH_HPP

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "golden.hpp"
#include "guarded_buffer.hpp"

namespace testbench {

using random_source = std::mt19937_64;

// The 16 shifts of word `index` (0 .. 3) as the kernels take them.
uint64_t shift_word(const golden::arguments& launch, int index);

// Reads the result word; throws failure when it is malformed.
golden::report read_report(const guarded_buffer& result, const std::string& name);

// Runs jpegact_encode and throws failure, naming `name`, at the first difference from the golden model. Returns what
// the golden model gives.
golden::encoded check_encode(const golden::arguments& launch, const std::vector<float>& blocks,
                             const std::vector<float>& scales, const std::string& name);

// The same for jpegact_decode. `fill` is what the rest of the last value word holds.
golden::decoded check_decode(const golden::arguments& launch, const std::vector<uint64_t>& masks,
                             const std::vector<uint8_t>& values, const std::vector<float>& scales,
                             const std::string& name, uint8_t fill = 0);

// Random geometry: starts anywhere, planes of any height, tables that wrap.
golden::arguments random_launch(random_source& random, uint32_t block_count);

// A table for the launch: full-range scales, with zeros and extremes among them.
std::vector<float> random_scales(random_source& random, uint32_t count);

// Blocks of many kinds: smooth, noise, constant, zero, extreme, values at rounding borders.
std::vector<float> random_blocks(random_source& random, const golden::arguments& launch,
                                 const std::vector<float>& scales);

// A number from 0 to `limit` - 1.
uint32_t below(random_source& random, uint32_t limit);

}  // namespace testbench

#endif
