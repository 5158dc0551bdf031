#pragma once

#include <string>
#include <vector>

/// An xclbin with the kernels of test_kernels.cpp: copy_1 in DDR[0], copy_2 in DDR[1], fill_1 in DDR[0], and HOST[0].
/// Banks have bank_size bytes. The first byte of the uuid is `id`.
inline constexpr std::size_t bank_size = 16 << 20;

std::vector<char> make_test_image(char id, const std::vector<char>& payload, const std::string& copy_name = "copy");

/// The compiled test kernels, from the file that TEST_KERNELS in the environment names.
std::vector<char> test_payload();
