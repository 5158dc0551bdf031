#include "launch.hpp"

#include <algorithm>
#include <cstring>

#include "jpegact_decode.hpp"
#include "jpegact_encode.hpp"
#include "jpegact_maximum.hpp"
#include "report.hpp"

namespace testbench {
namespace {

constexpr uint64_t kVersion = 0x4A413102;

uint64_t words_of(uint64_t bytes) { return (bytes + 63) / 64; }

uint64_t sum_of(const raw_descriptor& descriptor) {
    uint64_t sum = 0;
    for (const uint64_t lane : descriptor) {
        sum += lane;
    }
    return sum;
}

// The descriptors of a launch as an input, and its results as an output to be compared.
template <class Entries>
void lay_out(const Entries& entries, image& descriptors, image& results) {
    std::vector<uint64_t> lanes, expected;
    for (const auto& entry : entries) {
        lanes.insert(lanes.end(), entry.descriptor.begin(), entry.descriptor.end());
        expected.insert(expected.end(), entry.result.begin(), entry.result.end());
    }
    descriptors.add_input(lanes, 0);
    results.expect(results.add_output(entries.size(), 0), expected);
}

raw_result good_result(uint32_t status, uint32_t index, const golden::task& what) {
    raw_result result{};
    result[0] = kVersion | uint64_t(status) << 32;
    result[3] = what.block_count | uint64_t(index) << 32;
    return result;
}

}  // namespace

uint64_t image::add_output(uint64_t words, uint32_t gap) {
    return add(std::vector<uint8_t>(words * 64, guarded_buffer::kCanary), gap, guarded_buffer::kCanary);
}

uint64_t image::add(const std::vector<uint8_t>& bytes, uint32_t gap, uint8_t fill) {
    before_.resize(before_.size() + size_t(gap) * 64, guarded_buffer::kCanary);
    const uint64_t first = words();
    before_.insert(before_.end(), bytes.begin(), bytes.end());
    before_.resize(words_of(before_.size()) * 64, fill);
    after_.insert(after_.end(), before_.begin() + std::ptrdiff_t(after_.size()), before_.end());
    return first;
}

void image::expect_bytes(uint64_t first, const std::vector<uint8_t>& bytes) {
    std::vector<uint8_t> whole = bytes;
    whole.resize(words_of(bytes.size()) * 64, 0);
    require(first * 64 + whole.size() <= after_.size(), "the testbench expects bytes outside of its buffer");
    std::copy(whole.begin(), whole.end(), after_.begin() + std::ptrdiff_t(first * 64));
}

guarded_buffer image::make() const { return guarded_buffer(before_); }

void image::check(const guarded_buffer& buffer, const std::string& name) const {
    require(buffer.size() == after_.size(), name + ": size");
    if (!after_.empty() && std::memcmp(buffer.bytes(), after_.data(), after_.size()) != 0) {
        for (size_t i = 0; i < after_.size(); i++) {
            if (buffer.bytes()[i] != after_[i]) {
                throw failure(name + ": byte " + std::to_string(i % 64) + " of word " + std::to_string(i / 64) +
                              " is " + std::to_string(buffer.bytes()[i]) + ", not " + std::to_string(after_[i]));
            }
        }
    }
    require(buffer.is_untouched_before(), name + ": written before the buffer");
}

raw_descriptor describe(const golden::task& what, bool with_shifts) {
    raw_descriptor d{};
    d[0] = uint64_t(what.method) | uint64_t(what.type) << 8 | uint64_t(what.block_count) << 32;
    d[1] = what.blocks_per_row | uint64_t(what.first_column) << 32;
    d[2] = what.positions_per_scale;
    d[3] = what.first_position;
    d[4] = what.scale_count | uint64_t(what.first_scale) << 32;
    for (int k = 0; with_shifts && k < 64; k++) {
        d[12 + k / 16] |= uint64_t(what.shifts[k]) << (4 * (k % 16));
    }
    return d;
}

raw_result refused(const raw_descriptor& descriptor, uint32_t index) {
    raw_result result{};
    result[0] = kVersion | uint64_t(1) << 32;
    result[3] = descriptor[0] >> 32 | uint64_t(index) << 32;
    result[7] = sum_of(descriptor);
    return result;
}

// --- encode -----------------------------------------------------------------------------------------------------------

golden::encoded encode_launch::add(const golden::task& what, const std::vector<uint8_t>& data,
                                   const std::vector<float>& scales, const encode_options& options) {
    const golden::encoded expected = golden::encode(what, data, scales);
    const uint64_t wanted = options.capacity_words != ~uint64_t(0) ? options.capacity_words : what.block_count;
    const uint64_t made = words_of(expected.values.size());
    raw_descriptor d = describe(what, true);
    d[0] |= uint64_t(what.truncate ? 1 : 0) << 16 | uint64_t(options.append ? 2 : 0) << 24;
    d[5] = data_.add_input(data, options.gap);
    d[6] = scales_.add_input(scales, options.gap);
    d[7] = masks_.add_output(words_of(8 * expected.masks.size()), options.gap);
    d[9] = std::max(wanted, options.declared_words) * 64;
    d[10] = tile_offsets_.add_output(words_of(4 * expected.tile_offsets.size()), options.gap);
    uint64_t first = cursor_, capacity = 0;
    if (what.has_values()) {
        if (options.append) {
            // Appended values need no room of their own; what they get is decided by the end of the buffer.
            if (cursor_ + wanted > values_.words()) {
                values_.add_output(cursor_ + wanted - values_.words(), 0);
            }
        } else {
            first = values_.add_output(wanted, options.gap);
            d[8] = first;
        }
        capacity = wanted;
        cursor_ = first + std::min(made, capacity);
    }
    const bool fits = made <= capacity || !what.has_values();
    std::vector<uint8_t> kept = expected.values;
    kept.resize(std::min(kept.size(), size_t(capacity) * 64));
    masks_.expect(d[7], expected.masks);
    values_.expect(first, kept);
    tile_offsets_.expect(d[10], expected.tile_offsets);

    raw_result result = good_result(fits ? 0 : 4, uint32_t(entries_.size()), what);
    result[1] = expected.values.size();
    result[2] = first;
    result[4] = expected.mask_sum;
    result[5] = expected.value_sum;
    result[6] = expected.data_sum;
    result[7] = sum_of(d) + expected.scale_sum;
    entries_.push_back({d, result});
    return expected;
}

void encode_launch::add_bad(const raw_descriptor& descriptor) {
    entries_.push_back({descriptor, refused(descriptor, uint32_t(entries_.size()))});
}

void encode_launch::run(const std::string& name) {
    image descriptors, results;
    lay_out(entries_, descriptors, results);
    guarded_buffer in = descriptors.make(), out = results.make(), data = data_.make(), scales = scales_.make(),
                   masks = masks_.make(), values = values_.make(), offsets = tile_offsets_.make();
    jpegact_encode(in.words(), out.words(), data.words(), scales.words(), masks.words(), values.words(),
                   offsets.words(), uint32_t(entries_.size()), data_.words(), scales_.words(), masks_.words(),
                   values_.words(), tile_offsets_.words());
    results.check(out, name + ": results");
    masks_.check(masks, name + ": masks");
    values_.check(values, name + ": values");
    tile_offsets_.check(offsets, name + ": tile offsets");
    descriptors.check(in, name + ": descriptors");
    data_.check(data, name + ": data");
    scales_.check(scales, name + ": scales");
}

// --- decode -----------------------------------------------------------------------------------------------------------

golden::decoded decode_launch::add(const golden::task& what, const std::vector<uint64_t>& masks,
                                   const std::vector<uint8_t>& values, const std::vector<float>& scales,
                                   const decode_options& options) {
    const golden::decoded expected = golden::decode(what, masks, values, scales);
    raw_descriptor d = describe(what, true);
    d[0] |= uint64_t(what.non_negative ? 1 : 0) << 24;
    d[5] = data_.add_output(words_of(what.data_bytes()), options.gap);
    d[6] = scales_.add_input(scales, options.gap);
    d[7] = masks_.add_input(masks, options.gap, options.fill);
    d[8] = values_.add_input(values, options.gap, options.fill);
    d[9] = values.size();
    data_.expect(d[5], expected.data);

    raw_result result = good_result(expected.bytes_agree ? 0 : 2, uint32_t(entries_.size()), what);
    result[1] = expected.named_bytes;
    result[2] = d[8];
    result[4] = expected.mask_sum;
    result[5] = expected.data_sum;
    result[6] = expected.value_sum;
    result[7] = sum_of(d) + expected.scale_sum;
    entries_.push_back({d, result});
    return expected;
}

void decode_launch::add_bad(const raw_descriptor& descriptor) {
    entries_.push_back({descriptor, refused(descriptor, uint32_t(entries_.size()))});
}

void decode_launch::run(const std::string& name) {
    image descriptors, results;
    lay_out(entries_, descriptors, results);
    guarded_buffer in = descriptors.make(), out = results.make(), data = data_.make(), scales = scales_.make(),
                   masks = masks_.make(), values = values_.make();
    jpegact_decode(in.words(), out.words(), data.words(), scales.words(), masks.words(), values.words(),
                   uint32_t(entries_.size()), data_.words(), scales_.words(), masks_.words(), values_.words());
    results.check(out, name + ": results");
    data_.check(data, name + ": data");
    descriptors.check(in, name + ": descriptors");
    scales_.check(scales, name + ": scales");
    masks_.check(masks, name + ": masks");
    values_.check(values, name + ": values");
}

// --- maximum ----------------------------------------------------------------------------------------------------------

golden::maxima maximum_launch::add(const golden::task& what, const std::vector<uint8_t>& data,
                                   const maximum_options& options) {
    const golden::maxima expected = golden::maximum(what, data, options.continues ? held_ : golden::maxima{});
    held_ = expected;
    uint32_t full_scale_bits;
    std::memcpy(&full_scale_bits, &options.full_scale, sizeof full_scale_bits);
    raw_descriptor d = describe(what, false);
    d[0] |= uint64_t((options.write_scales ? 4 : 0) | (options.continues ? 8 : 0)) << 24;
    d[5] = data_.add_input(data, options.gap);
    d[11] = options.write_scales ? full_scale_bits : 0;

    std::vector<std::vector<uint8_t>> tables(options.write_scales ? 3 : 1);
    bool non_finite = false;
    for (const uint32_t maximum : expected.bits) {
        const float numbers[2] = {golden::encode_scale(maximum, options.full_scale),
                                  golden::decode_scale(maximum, options.full_scale)};
        uint32_t entries[3] = {maximum, 0, 0};
        std::memcpy(entries + 1, numbers, sizeof numbers);
        for (size_t t = 0; t < tables.size(); t++) {
            const auto* bytes = reinterpret_cast<const uint8_t*>(entries + t);
            tables[t].insert(tables[t].end(), bytes, bytes + 4);
        }
        non_finite = non_finite || maximum >= 0x7f800000;
    }
    std::vector<uint8_t> all;
    for (auto& table : tables) {
        table.resize(words_of(table.size()) * 64, 0);
        all.insert(all.end(), table.begin(), table.end());
    }
    d[6] = scales_.add_output(all.size() / 64, options.gap);
    scales_.expect(d[6], all);

    raw_result result =
        good_result((non_finite ? 256 : 0) | (expected.negative ? 512 : 0), uint32_t(entries_.size()), what);
    result[1] = what.scale_count;
    result[2] = d[6];
    result[5] = golden::sum_of_words(all);
    result[6] = expected.data_sum;
    result[7] = sum_of(d);
    entries_.push_back({d, result});
    return expected;
}

void maximum_launch::add_bad(const raw_descriptor& descriptor) {
    entries_.push_back({descriptor, refused(descriptor, uint32_t(entries_.size()))});
}

void maximum_launch::run(const std::string& name) {
    image descriptors, results;
    lay_out(entries_, descriptors, results);
    guarded_buffer in = descriptors.make(), out = results.make(), data = data_.make(), scales = scales_.make();
    jpegact_maximum(in.words(), out.words(), data.words(), scales.words(), uint32_t(entries_.size()), data_.words(),
                    scales_.words());
    results.check(out, name + ": results");
    scales_.check(scales, name + ": scales");
    descriptors.check(in, name + ": descriptors");
    data_.check(data, name + ": data");
}

// --- one task ---------------------------------------------------------------------------------------------------------

golden::encoded check_encode(const golden::task& what, const std::vector<uint8_t>& data,
                             const std::vector<float>& scales, const std::string& name) {
    encode_launch launch;
    const golden::encoded expected = launch.add(what, data, scales);
    launch.run(name + ", " + name_of(what));
    return expected;
}

golden::decoded check_decode(const golden::task& what, const std::vector<uint64_t>& masks,
                             const std::vector<uint8_t>& values, const std::vector<float>& scales,
                             const std::string& name, uint8_t fill) {
    decode_launch launch;
    decode_options options;
    options.fill = fill;
    const golden::decoded expected = launch.add(what, masks, values, scales, options);
    launch.run(name + ", " + name_of(what));
    return expected;
}

}  // namespace testbench
