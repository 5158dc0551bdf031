#include "steps.hpp"

#include "jpegact/align.hpp"
#include "jpegact/compact.hpp"
#include "jpegact/dct.hpp"
#include "jpegact/dequantise.hpp"
#include "jpegact/expand.hpp"
#include "jpegact/idct.hpp"
#include "jpegact/maxima.hpp"
#include "jpegact/narrow.hpp"
#include "jpegact/pack.hpp"
#include "jpegact/quantise.hpp"
#include "jpegact/rescale.hpp"
#include "jpegact/scale.hpp"
#include "jpegact/widen.hpp"

namespace {

using namespace jpegact;

// Fields of a vector to an array and back: wires.
template <class T, int COUNT, int BITS, int WIDTH>
void spread(const ap_uint<WIDTH>& from, T (&to)[COUNT]) {
#pragma HLS INLINE
    static_assert(COUNT * BITS == WIDTH, "the vector holds these fields");
    for (int i = 0; i < COUNT; i++) {
#pragma HLS UNROLL
        to[i] = T(from.range(BITS * i + BITS - 1, BITS * i).to_uint());
    }
}

template <int COUNT, int BITS, class T, int WIDTH>
void gather_fields(const T (&from)[COUNT], ap_uint<WIDTH>& to) {
#pragma HLS INLINE
    static_assert(COUNT * BITS == WIDTH, "the vector holds these fields");
    ap_uint<WIDTH> all = 0;
    for (int i = 0; i < COUNT; i++) {
#pragma HLS UNROLL
        all.range(BITS * i + BITS - 1, BITS * i) = ap_uint<BITS>(from[i]);
    }
    to = all;
}

scale_set rows_of(uint32_t scale_0, uint32_t scale_1, uint32_t scale_2, uint32_t scale_3) {
#pragma HLS INLINE
    return {{scale_0, scale_1, scale_2, scale_3, 0, 0, 0, 0}, kBlockValues};
}

shift_table shifts_of(const bits256& shifts) {
#pragma HLS INLINE
    shift_table table;
    spread<uint8_t, kBlockValues, 4>(shifts, table.shift);
    return table;
}

}  // namespace

void step_widen(const bits512& elements, bool is_bfloat, bits1024& floats) {
#pragma HLS PIPELINE II = 1
    const half_block half = widen_shorts(elements, is_bfloat);
    gather_fields<kHalfLanes, 32>(half.bits, floats);
}

void step_scale(const bits1024& floats, uint32_t scale_0, uint32_t scale_1, uint32_t scale_2, uint32_t scale_3,
                bits256& integers) {
#pragma HLS PIPELINE II = 1
    half_block x;
    spread<uint32_t, kHalfLanes, 32>(floats, x.bits);
    const half8 q = scale_half(x, rows_of(scale_0, scale_1, scale_2, scale_3), false);
    gather_fields<kHalfLanes, 8>(q.value, integers);
}

void step_transform(const bits512& integers, bits1024& sums_0_31, bits1024& sums_32_63) {
#pragma HLS PIPELINE II = 1
    block8 x;
    spread<int8_t, kBlockValues, 8>(integers, x.value);
    const block32 sums = transform(x);
    int32_t lower[kHalfLanes], upper[kHalfLanes];
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        lower[i] = sums.value[i];
        upper[i] = sums.value[kHalfLanes + i];
    }
    gather_fields<kHalfLanes, 32>(lower, sums_0_31);
    gather_fields<kHalfLanes, 32>(upper, sums_32_63);
}

void step_quantise(const bits1024& sums_0_31, const bits1024& sums_32_63, const bits256& shifts, bool truncate,
                   bits512& coefficients) {
#pragma HLS PIPELINE II = 1
    int32_t lower[kHalfLanes], upper[kHalfLanes];
    spread<int32_t, kHalfLanes, 32>(sums_0_31, lower);
    spread<int32_t, kHalfLanes, 32>(sums_32_63, upper);
    block32 sums;
    for (int i = 0; i < kHalfLanes; i++) {
#pragma HLS UNROLL
        sums.value[i] = lower[i];
        sums.value[kHalfLanes + i] = upper[i];
    }
    const block8 q = quantise(sums, shifts_of(shifts), truncate);
    gather_fields<kBlockValues, 8>(q.value, coefficients);
}

void step_compact(const bits512& coefficients, uint64_t& mask, ap_uint<7>& length, bits512& values) {
#pragma HLS PIPELINE II = 1
    block8 block;
    spread<int8_t, kBlockValues, 8>(coefficients, block.value);
    const compacted_block out = compact(block);
    mask = out.mask;
    length = out.packed.length;
    values = to_word(out.packed.bytes);
}

void step_pack(const bits512& held, ap_uint<6> fill, const bits512& values, ap_uint<7> length, bits512& rest,
               ap_uint<6>& rest_fill, bits512& full, bool& has_full) {
#pragma HLS PIPELINE II = 1
    const partial_word before = {to_bytes(held), fill};
    const packed_block block = {to_bytes(values), length};
    const pack_step step = append(before, block);
    rest = to_word(step.rest.bytes);
    rest_fill = step.rest.fill;
    full = to_word(step.full);
    has_full = step.has_full;
}

void step_align(const bits512& low, const bits512& high, ap_uint<6> position, bits512& window) {
#pragma HLS PIPELINE II = 1
    const value_window both = {to_bytes(low), to_bytes(high), position};
    window = to_word(look(both));
}

void step_expand(uint64_t mask, const bits512& window, bits512& coefficients) {
#pragma HLS PIPELINE II = 1
    const masked_window masked = {to_bytes(window), mask};
    const block8 block = expand(masked);
    gather_fields<kBlockValues, 8>(block.value, coefficients);
}

void step_dequantise(const bits512& coefficients, const bits256& shifts, bits1024& restored) {
#pragma HLS PIPELINE II = 1
    block8 q;
    spread<int8_t, kBlockValues, 8>(coefficients, q.value);
    const block16 c = dequantise(q, shifts_of(shifts));
    gather_fields<kBlockValues, 16>(c.value, restored);
}

void step_inverse_transform(const bits1024& restored, int8_t lowest, bits512& integers) {
#pragma HLS PIPELINE II = 1
    block16 c;
    spread<int16_t, kBlockValues, 16>(restored, c.value);
    const block8 y = inverse_transform(c, lowest);
    gather_fields<kBlockValues, 8>(y.value, integers);
}

void step_rescale(const bits256& integers, uint32_t scale_0, uint32_t scale_1, uint32_t scale_2, uint32_t scale_3,
                  bits1024& floats) {
#pragma HLS PIPELINE II = 1
    half8 y;
    spread<int8_t, kHalfLanes, 8>(integers, y.value);
    const half_block x = rescale_half(y, rows_of(scale_0, scale_1, scale_2, scale_3), false);
    gather_fields<kHalfLanes, 32>(x.bits, floats);
}

void step_narrow(const bits1024& floats, bool to_bfloat, bits512& elements) {
#pragma HLS PIPELINE II = 1
    half_block half;
    spread<uint32_t, kHalfLanes, 32>(floats, half.bits);
    elements = narrow_shorts(half, to_bfloat);
}

void step_maxima(const bits1024& floats, uint8_t first, uint8_t count, ap_uint<128>& largest, bool& negative) {
#pragma HLS PIPELINE II = 1
    half_block half;
    spread<uint32_t, kHalfLanes, 32>(floats, half.bits);
    const half_maxima maxima = maxima_of_half(half, first, count);
    gather_fields<kHalfRows, 32>(maxima.bits, largest);
    negative = maxima.negative;
}
