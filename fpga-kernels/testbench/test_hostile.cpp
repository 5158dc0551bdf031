// Descriptors that must be refused, each by the one thing that is wrong with it: all buffers but descriptors and results
// are null, so that any access to them faults.
#include <functional>
#include <vector>

#include "jpegact_decode.hpp"
#include "jpegact_encode.hpp"
#include "jpegact_maximum.hpp"
#include "launch.hpp"
#include "report.hpp"

namespace testbench {
namespace {

enum : uint32_t { kEncode = 1, kDecode = 2, kMaximum = 4, kCodec = kEncode | kDecode, kAll = kCodec | kMaximum };

// Buffer sizes of every launch here, in words.
constexpr uint64_t kDataWords = 40, kScalesWords = 9, kMaskWords = 4, kValueWords = 20, kOffsetWords = 6;

// A good descriptor: 9 blocks whose ranges all end where their buffers end.
raw_descriptor good_descriptor(uint32_t kernel) {
    golden::task what;
    what.block_count = 9;
    what.blocks_per_row = 2;
    what.first_column = 1;
    what.positions_per_scale = 5;
    what.first_position = 4;
    what.scale_count = 17;
    what.first_scale = 16;
    what.shifts.fill(7);
    raw_descriptor d = describe(what, kernel != kMaximum);
    d[5] = kDataWords - 36;
    d[6] = kScalesWords - (kernel == kMaximum ? 6 : 2);
    d[7] = kMaskWords - 2;
    d[8] = kValueWords - 9;
    d[9] = 9 * 64;
    d[10] = kOffsetWords - 1;
    if (kernel == kMaximum) {
        d[0] |= uint64_t(4) << 24;
        d[11] = 0x40800000;
    }
    return d;
}

struct spoiler {
    std::string name;
    uint32_t kernels;
    std::function<void(raw_descriptor&)> spoil;
};

// Sets `bits` bits from `low` on of a u64.
void set_field(uint64_t& lane, int low, int bits, uint64_t value) {
    const uint64_t mask = (~uint64_t(0) >> (64 - bits)) << low;
    lane = (lane & ~mask) | (value << low & mask);
}

void add_field(std::vector<spoiler>& all, const std::string& name, uint32_t kernels, size_t lane, int low, int bits,
               const std::vector<uint64_t>& values) {
    for (const uint64_t value : values) {
        all.push_back({name + " " + std::to_string(value), kernels,
                       [=](raw_descriptor& d) { set_field(d[lane], low, bits, value); }});
    }
}

// A range of `length` words that ends with its buffer of `size` words: every way to push it out.
void add_range(std::vector<spoiler>& all, const std::string& name, uint32_t kernels, size_t lane, uint64_t size,
               uint64_t length) {
    add_field(all, name, kernels, lane, 0, 64,
              {size - length + 1, size, size + 1, uint64_t(1) << 32, uint64_t(1) << 58, uint64_t(1) << 63,
               ~uint64_t(0) - length, ~uint64_t(0) - length + 1, ~uint64_t(0)});
}

std::vector<spoiler> spoilers() {
    std::vector<spoiler> all;
    std::vector<uint64_t> bad_methods = {0}, bad_types = {0};
    for (uint64_t value = 5; value < 256; value++) {
        bad_methods.push_back(value);
        bad_types.push_back(value);
    }
    add_field(all, "method", kAll, 0, 0, 8, bad_methods);
    add_field(all, "element_type", kAll, 0, 8, 8, bad_types);
    add_field(all, "method brc for maximum", kMaximum, 0, 0, 8, {4});
    add_field(all, "int8 for maximum", kMaximum, 0, 8, 8, {4});
    add_field(all, "rounding", kEncode, 0, 16, 8, {2, 3, 128, 255});
    add_field(all, "rounding", kDecode | kMaximum, 0, 16, 8, {1, 2, 255});
    add_field(all, "flags", kEncode, 0, 24, 8, {1, 4, 8, 16, 32, 64, 128, 255});
    add_field(all, "flags", kDecode, 0, 24, 8, {2, 4, 8, 16, 32, 64, 128, 255});
    add_field(all, "flags", kMaximum, 0, 24, 8, {5, 6, 12, 20, 36, 68, 132, 255});  // 12: nothing to continue
    add_field(all, "block_count", kAll, 0, 32, 32, {0, 10, (1u << 25) + 1, 0x80000000, 0xffffffff});
    add_field(all, "blocks_per_row", kAll, 1, 0, 32, {0, 1});
    add_field(all, "first_column", kAll, 1, 32, 32, {2, 0xffffffff});
    add_field(all, "positions_per_scale", kAll, 2, 0, 64, {0, 4});
    add_field(all, "first_position", kAll, 3, 0, 64, {5, uint64_t(1) << 63, ~uint64_t(0)});
    add_field(all, "scale_count", kAll, 4, 0, 32, {0, 16, 33, 0xffffffff});
    add_field(all, "scale_count", kMaximum, 4, 0, 32, {65537});
    add_field(all, "first_scale", kAll, 4, 32, 32, {17, 0xffffffff});
    add_range(all, "data_word", kAll, 5, kDataWords, 36);
    add_range(all, "scales_word", kCodec, 6, kScalesWords, 2);
    add_range(all, "scales_word", kMaximum, 6, kScalesWords, 6);
    add_range(all, "masks_word", kCodec, 7, kMaskWords, 2);
    add_range(all, "values_word", kCodec, 8, kValueWords, 9);
    add_field(all, "value_bytes", kEncode, 9, 0, 64,
              {9 * 64 - 1, 9 * 64 + 1, 10 * 64, uint64_t(1) << 63, ~uint64_t(63), ~uint64_t(0)});
    add_field(all, "value_bytes", kDecode, 9, 0, 64, {9 * 64 + 1, 10 * 64, uint64_t(1) << 63, ~uint64_t(0)});
    add_range(all, "tile_offsets_word", kEncode, 10, kOffsetWords, 1);
    add_field(all, "full_scale", kCodec, 11, 0, 32, {1, 0x3f800000, 0x80000000});
    add_field(all, "full_scale", kMaximum, 11, 0, 32,
              {0, 1, 0x3f7fffff, 0x40800001, 0x7f800000, 0x7fc00000, 0xbf800000, 0xffffffff});
    add_field(all, "full_scale without scales", kMaximum, 0, 24, 8, {0});
    for (int bit = 32; bit < 64; bit++) {
        add_field(all, "reserved bit", kAll, 11, bit, 1, {1});
    }
    for (int k = 0; k < 64; k++) {
        add_field(all, "shift", kCodec, size_t(12 + k / 16), 4 * (k % 16), 4, {8, 15});
    }
    return all;
}

void launch(uint32_t kernel, guarded_buffer& in, guarded_buffer& out, uint32_t count) {
    switch (kernel) {
        case kEncode:
            jpegact_encode(in.words(), out.words(), nullptr, nullptr, nullptr, nullptr, nullptr, count, kDataWords,
                           kScalesWords, kMaskWords, kValueWords, kOffsetWords);
            break;
        case kDecode:
            jpegact_decode(in.words(), out.words(), nullptr, nullptr, nullptr, nullptr, count, kDataWords, kScalesWords,
                           kMaskWords, kValueWords);
            break;
        default: jpegact_maximum(in.words(), out.words(), nullptr, nullptr, count, kDataWords, kScalesWords);
    }
}

void require_refusals(uint32_t kernel) {
    image descriptors, results;
    std::vector<std::string> names;
    std::vector<uint64_t> lanes, expected;
    for (const spoiler& each : spoilers()) {
        if ((each.kernels & kernel) == 0) {
            continue;
        }
        raw_descriptor d = good_descriptor(kernel);
        const raw_descriptor unspoilt = d;
        each.spoil(d);
        require(d != unspoilt, each.name + " spoils nothing");
        const raw_result result = refused(d, uint32_t(names.size()));
        lanes.insert(lanes.end(), d.begin(), d.end());
        expected.insert(expected.end(), result.begin(), result.end());
        names.push_back(each.name);
    }
    // One by one first, so that a fault or a difference has a name.
    for (size_t i = 0; i < names.size(); i++) {
        image one, answer;
        one.add_input(
            std::vector<uint64_t>(lanes.begin() + std::ptrdiff_t(16 * i), lanes.begin() + std::ptrdiff_t(16 * i + 16)),
            0);
        std::vector<uint64_t> want(expected.begin() + std::ptrdiff_t(8 * i),
                                   expected.begin() + std::ptrdiff_t(8 * i + 8));
        want[3] &= 0xffffffff;
        answer.expect(answer.add_output(1, 0), want);
        guarded_buffer in = one.make(), out = answer.make();
        launch(kernel, in, out, 1);
        answer.check(out, names[i]);
    }
    descriptors.add_input(lanes, 0);
    results.expect(results.add_output(names.size(), 0), expected);
    guarded_buffer in = descriptors.make(), out = results.make();
    launch(kernel, in, out, uint32_t(names.size()));
    results.check(out, "all at once");
    require(names.size() > 500, "some cases are missing");
}

void encode_refuses() { require_refusals(kEncode); }
void decode_refuses() { require_refusals(kDecode); }
void maximum_refuses() { require_refusals(kMaximum); }

// The same descriptors unspoilt are carried out, so the refusals above are due to what was spoilt.
void limits_are_good() {
    const std::vector<uint64_t> zeros(8 * 40);
    for (const uint32_t kernel : {kEncode, kDecode, kMaximum}) {
        image descriptors, results, data, scales, masks, values, offsets;
        const raw_descriptor d = good_descriptor(kernel);
        descriptors.add_input(std::vector<uint64_t>(d.begin(), d.end()), 0);
        results.add_output(1, 0);
        data.add_input(std::vector<uint64_t>(8 * kDataWords), 0);
        scales.add_input(std::vector<uint64_t>(8 * kScalesWords), 0);
        masks.add_input(std::vector<uint64_t>(8 * kMaskWords), 0);
        values.add_input(std::vector<uint64_t>(8 * kValueWords), 0);
        offsets.add_input(std::vector<uint64_t>(8 * kOffsetWords), 0);
        guarded_buffer in = descriptors.make(), out = results.make(), data_buffer = data.make(),
                       scales_buffer = scales.make(), mask_buffer = masks.make(), value_buffer = values.make(),
                       offset_buffer = offsets.make();
        if (kernel == kEncode) {
            jpegact_encode(in.words(), out.words(), data_buffer.words(), scales_buffer.words(), mask_buffer.words(),
                           value_buffer.words(), offset_buffer.words(), 1, kDataWords, kScalesWords, kMaskWords,
                           kValueWords, kOffsetWords);
        } else if (kernel == kDecode) {
            jpegact_decode(in.words(), out.words(), data_buffer.words(), scales_buffer.words(), mask_buffer.words(),
                           value_buffer.words(), 1, kDataWords, kScalesWords, kMaskWords, kValueWords);
        } else {
            jpegact_maximum(in.words(), out.words(), data_buffer.words(), scales_buffer.words(), 1, kDataWords,
                            kScalesWords);
        }
        uint32_t status;
        std::memcpy(&status, out.bytes() + 4, sizeof status);
        // Masks of zeros name no values, which decode tells.
        require(status == (kernel == kDecode ? 2u : 0u),
                "status " + std::to_string(status) + " of kernel " + std::to_string(kernel));
    }
}

// A number of descriptors that no launch may have: only the first result is written, and nothing is read.
void bad_launches() {
    for (const uint32_t count : {0u, 4097u, 0x80000000u, 0xffffffffu}) {
        for (const uint32_t kernel : {kEncode, kDecode, kMaximum}) {
            image none, answer;
            answer.expect(answer.add_output(1, 0),
                          std::vector<uint64_t>{0x4A413102 | uint64_t(8) << 32, 0, 0, 0, 0, 0, 0, 0});
            guarded_buffer in = none.make(), out = answer.make();
            launch(kernel, in, out, count);
            answer.check(out, "count " + std::to_string(count));
        }
    }
}

// Fields that nothing uses may hold anything.
void unused_fields_are_ignored() {
    for (const golden::method method : all_methods()) {
        for (const golden::type type : all_types()) {
            golden::task what;
            what.method = method;
            what.type = type;
            what.block_count = 3;
            if (what.has_scales()) {
                continue;
            }
            what.blocks_per_row = 0;
            what.first_column = 0xffffffff;
            what.positions_per_scale = 0;
            what.first_position = ~uint64_t(0);
            what.scale_count = 0;
            what.first_scale = 0xffffffff;
            random_source random(1);
            const std::vector<uint8_t> data = random_data(random, what, {});
            check_encode(what, data, {}, "unused geometry");
            const std::vector<uint64_t> masks = random_masks(random, what, 30);
            check_decode(what, masks, random_values(random, what, masks), {}, "unused geometry");
        }
    }
}

// Geometry at the top of its range: positions near 2^32 and 2^64 must not wrap.
void huge_geometry() {
    for (const uint64_t back : {1u, 2u, 5u, 700u}) {
        for (const golden::method method : {golden::method::jpeg_act, golden::method::sfpr_zvc}) {
            golden::task what;
            what.method = method;
            what.block_count = 9;
            what.blocks_per_row = 0xffffffff;
            what.first_column = uint32_t(0xffffffff - back);
            what.scale_count = 3;
            what.first_scale = 2;
            // The golden model adds positions, so it stays below 2^64 by what a launch can add.
            for (const uint64_t top : {uint64_t(0xffffffff), ~uint64_t(0) - 100000}) {
                what.positions_per_scale = top;
                what.first_position = top - back;
                random_source random(back);
                const std::vector<float> scales = {1.0f, 2.0f, 3.0f};
                const std::vector<uint8_t> data = random_data(random, what, scales);
                check_encode(what, data, scales, "huge geometry");
                const std::vector<uint64_t> masks = random_masks(random, what, 30);
                check_decode(what, masks, random_values(random, what, masks), scales, "huge geometry");
            }
        }
    }
}

// Any bits at all as a descriptor, and good descriptors with a few bits changed: whatever is carried out stays within
// the buffers, which end at inaccessible pages.
void random_descriptors() {
    random_source random(9);
    for (const uint32_t kernel : {kEncode, kDecode, kMaximum}) {
        std::vector<uint64_t> lanes;
        constexpr uint32_t kCount = 2000;
        for (uint32_t i = 0; i < kCount; i++) {
            raw_descriptor d = good_descriptor(kernel);
            for (uint32_t flips = below(random, 6); flips != 0; flips--) {
                d[below(random, 16)] ^= uint64_t(1) << below(random, 64);
            }
            if (i % 10 == 0) {
                for (auto& lane : d) {
                    lane = random();
                }
            }
            lanes.insert(lanes.end(), d.begin(), d.end());
        }
        image descriptors;
        descriptors.add_input(lanes, 0);
        std::vector<uint64_t> noise(8 * kDataWords);
        for (auto& lane : noise) {
            lane = random() & 0xbfffffffbfffffff;
        }
        const auto some = [&](uint64_t words) {
            image part;
            part.add_input(std::vector<uint64_t>(noise.begin(), noise.begin() + std::ptrdiff_t(8 * words)), 0);
            return part.make();
        };
        guarded_buffer in = descriptors.make(), out(kCount), data = some(kDataWords), scales = some(kScalesWords),
                       masks = some(kMaskWords), values = some(kValueWords), offsets = some(kOffsetWords);
        if (kernel == kEncode) {
            jpegact_encode(in.words(), out.words(), data.words(), scales.words(), masks.words(), values.words(),
                           offsets.words(), kCount, kDataWords, kScalesWords, kMaskWords, kValueWords, kOffsetWords);
        } else if (kernel == kDecode) {
            jpegact_decode(in.words(), out.words(), data.words(), scales.words(), masks.words(), values.words(), kCount,
                           kDataWords, kScalesWords, kMaskWords, kValueWords);
        } else {
            jpegact_maximum(in.words(), out.words(), data.words(), scales.words(), kCount, kDataWords, kScalesWords);
        }
        for (const guarded_buffer* each : {&in, &out, &data, &scales, &masks, &values, &offsets}) {
            require(each->is_untouched_before(), "written before a buffer");
        }
        uint32_t carried_out = 0, bad = 0;
        for (uint32_t i = 0; i < kCount; i++) {
            uint64_t head;
            std::memcpy(&head, out.bytes() + 64 * size_t(i), sizeof head);
            require(uint32_t(head) == 0x4A413102, "version");
            (head >> 32 & 1) != 0 ? bad++ : carried_out++;
        }
        require(carried_out > kCount / 20 && bad > kCount / 20, "both kinds of descriptors");
    }
}

}  // namespace

std::vector<test> hostile_tests() {
    return {
        {"encode_refuses_bad_descriptors", encode_refuses},
        {"decode_refuses_bad_descriptors", decode_refuses},
        {"maximum_refuses_bad_descriptors", maximum_refuses},
        {"limits_are_good", limits_are_good},
        {"bad_launches", bad_launches},
        {"unused_fields_are_ignored", unused_fields_are_ignored},
        {"huge_geometry", huge_geometry},
        {"random_descriptors", random_descriptors},
    };
}

}  // namespace testbench
