#include <functional>
#include <vector>

#include "jpegact_decode.hpp"
#include "jpegact_encode.hpp"
#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

// The scalar arguments as a host may pass them, bad ones included.
struct raw_arguments {
    uint32_t block_count = 3;
    uint32_t value_bytes = 3 * 64;
    uint32_t blocks_per_row = 2;
    uint32_t rows_per_scale = 5;
    uint32_t scale_count = 4;
    uint32_t first_column = 1;
    uint32_t first_row = 4;
    uint32_t first_scale = 3;
    uint64_t shifts[4] = {0x7777777777777777, 0, 0, 0x7000000000000000};
    uint32_t flag = 1;  // truncate or non_negative
};

struct bad_case {
    const char* name;
    std::function<void(raw_arguments&)> spoil;
    bool decode_only = false;
};

std::vector<bad_case> bad_cases() {
    std::vector<bad_case> cases = {
        {"block_count 0", [](raw_arguments& a) { a.block_count = 0; }},
        {"block_count 2^25 + 1", [](raw_arguments& a) { a.block_count = (1u << 25) + 1; }},
        {"block_count 2^32 - 1", [](raw_arguments& a) { a.block_count = 0xffffffff; }},
        {"blocks_per_row 0", [](raw_arguments& a) { a.blocks_per_row = 0; }},
        {"blocks_per_row and first_column 0",
         [](raw_arguments& a) {
             a.blocks_per_row = 0;
             a.first_column = 0;
         }},
        {"rows_per_scale 0", [](raw_arguments& a) { a.rows_per_scale = 0; }},
        {"rows_per_scale and first_row 0",
         [](raw_arguments& a) {
             a.rows_per_scale = 0;
             a.first_row = 0;
         }},
        {"scale_count 0", [](raw_arguments& a) { a.scale_count = 0; }},
        {"scale_count and first_scale 0",
         [](raw_arguments& a) {
             a.scale_count = 0;
             a.first_scale = 0;
         }},
        {"first_column = blocks_per_row", [](raw_arguments& a) { a.first_column = 2; }},
        {"first_row = rows_per_scale", [](raw_arguments& a) { a.first_row = 5; }},
        {"first_scale = scale_count", [](raw_arguments& a) { a.first_scale = 4; }},
        {"flag 2", [](raw_arguments& a) { a.flag = 2; }},
        {"flag 2^31", [](raw_arguments& a) { a.flag = 0x80000000; }},
        {"value_bytes above 64 a block", [](raw_arguments& a) { a.value_bytes = 3 * 64 + 1; }, true},
        {"value_bytes 2^32 - 1", [](raw_arguments& a) { a.value_bytes = 0xffffffff; }, true},
    };
    for (int k = 0; k < 64; k++) {
        for (const uint64_t shift : {8u, 15u}) {
            cases.push_back({"a shift above 7", [k, shift](raw_arguments& a) {
                                 a.shifts[k / 16] &= ~(uint64_t(15) << (4 * (k % 16)));
                                 a.shifts[k / 16] |= shift << (4 * (k % 16));
                             }});
        }
    }
    return cases;
}

void require_refusal(const guarded_buffer& result, const raw_arguments& a, const std::string& name) {
    const golden::report report = read_report(result, name);
    require(report.status == 1, name + ": status");
    require(report.block_count == a.block_count, name + ": block count in the result");
    require(report.value_bytes == 0 && report.mask_sum == 0 && report.data_sum == 0, name + ": counts in the result");
}

// Reading or writing anything but the result would fault: the other buffers are null.
void encode_refuses() {
    for (const bad_case& bad : bad_cases()) {
        if (bad.decode_only) {
            continue;
        }
        raw_arguments a;
        bad.spoil(a);
        guarded_buffer result(1);
        jpegact_encode(nullptr, nullptr, nullptr, nullptr, nullptr, result.words(), a.block_count, a.blocks_per_row,
                       a.rows_per_scale, a.scale_count, a.first_column, a.first_row, a.first_scale, a.shifts[0],
                       a.shifts[1], a.shifts[2], a.shifts[3], a.flag);
        require_refusal(result, a, bad.name);
    }
}

void decode_refuses() {
    for (const bad_case& bad : bad_cases()) {
        raw_arguments a;
        bad.spoil(a);
        guarded_buffer result(1);
        jpegact_decode(nullptr, nullptr, nullptr, nullptr, result.words(), a.block_count, a.value_bytes,
                       a.blocks_per_row, a.rows_per_scale, a.scale_count, a.first_column, a.first_row, a.first_scale,
                       a.shifts[0], a.shifts[1], a.shifts[2], a.shifts[3], a.flag);
        require_refusal(result, a, bad.name);
    }
}

// The same arguments unspoilt are good, so the refusals above are due to what was spoilt.
void limits_are_good() {
    golden::arguments launch;
    const raw_arguments a;
    launch.block_count = a.block_count;
    launch.blocks_per_row = a.blocks_per_row;
    launch.rows_per_scale = a.rows_per_scale;
    launch.scale_count = a.scale_count;
    launch.first_column = a.first_column;
    launch.first_row = a.first_row;
    launch.first_scale = a.first_scale;
    for (int k = 0; k < 64; k++) {
        launch.shifts[k] = uint8_t(a.shifts[k / 16] >> (4 * (k % 16)) & 15);
    }
    launch.truncate = launch.non_negative = true;
    const std::vector<float> scales(4, 1.0f);
    check_encode(launch, std::vector<float>(3 * 64, 5.0f), scales, "limits");
    check_decode(launch, std::vector<uint64_t>(3, ~uint64_t(0)), std::vector<uint8_t>(3 * 64, 9), scales, "limits");
}

// Geometry at the top of the 32-bit range: positions near 2^32 must not wrap.
void huge_geometry() {
    for (const uint32_t back : {1u, 2u, 5u}) {
        golden::arguments launch;
        launch.block_count = 9;
        launch.blocks_per_row = 0xffffffff;
        launch.first_column = 0xffffffff - back;
        launch.rows_per_scale = 0xffffffff;
        launch.first_row = 0xffffffff - back;
        launch.scale_count = 3;
        launch.first_scale = 2;
        const std::vector<float> scales = {1.0f, 2.0f, 3.0f};
        check_encode(launch, std::vector<float>(9 * 64, 20.0f), scales, "huge geometry");
        check_decode(launch, std::vector<uint64_t>(9, 5), std::vector<uint8_t>(18, 40), scales, "huge geometry");
    }
}

}  // namespace

std::vector<test> argument_tests() {
    return {
        {"encode_refuses_bad_arguments", encode_refuses},
        {"decode_refuses_bad_arguments", decode_refuses},
        {"limits_are_good", limits_are_good},
        {"huge_geometry", huge_geometry},
    };
}

}  // namespace testbench
