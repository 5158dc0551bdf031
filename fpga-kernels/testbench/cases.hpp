// Random and adversarial tasks and data for them.
#ifndef JPEGACT_TESTBENCH_CASES_HPP
#define JPEGACT_TESTBENCH_CASES_HPP

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "golden.hpp"

namespace testbench {

using random_source = std::mt19937_64;

// A number from 0 to `limit` - 1.
uint32_t below(random_source& random, uint32_t limit);

// All methods and types, and what to call one.
const std::vector<golden::method>& all_methods();
const std::vector<golden::type>& all_types();
std::string name_of(golden::method method);
std::string name_of(golden::type type);
std::string name_of(const golden::task& what);

// Random geometry: starts anywhere, scales of any height or length (down to one element), tables that wrap.
golden::task random_task(random_source& random, golden::method method, golden::type type, uint32_t block_count);

// A table for encoding: full-range scales, with zeros and extremes among them.
std::vector<float> random_encode_scales(random_source& random, const golden::task& what);
// A table for decoding: as encoding tables give it.
std::vector<float> random_decode_scales(random_source& random, const golden::task& what);

// Blocks of many kinds: smooth, noise, constant, zero, extreme, values at rounding borders, any finite bit pattern.
std::vector<uint8_t> random_data(random_source& random, const golden::task& what, const std::vector<float>& scales);

// Masks with some `density` of ones in 64, and as many values as they name (sfpr: 64 a block).
std::vector<uint64_t> random_masks(random_source& random, const golden::task& what, uint32_t density);
std::vector<uint8_t> random_values(random_source& random, const golden::task& what, const std::vector<uint64_t>& masks);

}  // namespace testbench

#endif
