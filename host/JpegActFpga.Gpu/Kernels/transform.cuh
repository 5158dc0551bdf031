// The 8x8 integer transform (docs/format.md, section 3) on eight lanes a block, one column or row a lane.
#ifndef JPEGACT_TRANSFORM_CUH
#define JPEGACT_TRANSFORM_CUH

#include "device.cuh"
#include "jpegact/constants.hpp"

// Eight registers. Not an array: a compiler that fails to see through an index would put it into slow local memory.
struct vector8 {
    i32 a0, a1, a2, a3, a4, a5, a6, a7;
};

namespace matrix {
constexpr i32 kE00 = jpegact::kMatrixEven[0][0], kE01 = jpegact::kMatrixEven[0][1], kE10 = jpegact::kMatrixEven[1][0],
              kE11 = jpegact::kMatrixEven[1][1];
constexpr i32 kO00 = jpegact::kMatrixOdd[0][0], kO01 = jpegact::kMatrixOdd[0][1], kO02 = jpegact::kMatrixOdd[0][2],
              kO03 = jpegact::kMatrixOdd[0][3];
constexpr i32 kO10 = jpegact::kMatrixOdd[1][0], kO11 = jpegact::kMatrixOdd[1][1], kO12 = jpegact::kMatrixOdd[1][2],
              kO13 = jpegact::kMatrixOdd[1][3];
constexpr i32 kO20 = jpegact::kMatrixOdd[2][0], kO21 = jpegact::kMatrixOdd[2][1], kO22 = jpegact::kMatrixOdd[2][2],
              kO23 = jpegact::kMatrixOdd[2][3];
constexpr i32 kO30 = jpegact::kMatrixOdd[3][0], kO31 = jpegact::kMatrixOdd[3][1], kO32 = jpegact::kMatrixOdd[3][2],
              kO33 = jpegact::kMatrixOdd[3][3];
}  // namespace matrix

// X * x, exactly.
JPEGACT_DEVICE void forward(vector8& x) {
    using namespace matrix;
    const i32 e0 = x.a0 + x.a7, e1 = x.a1 + x.a6, e2 = x.a2 + x.a5, e3 = x.a3 + x.a4;
    const i32 o0 = x.a0 - x.a7, o1 = x.a1 - x.a6, o2 = x.a2 - x.a5, o3 = x.a3 - x.a4;
    const i32 ee0 = e0 + e3, ee1 = e1 + e2, eo0 = e0 - e3, eo1 = e1 - e2;
    x.a0 = jpegact::kMatrixOne * (ee0 + ee1);
    x.a1 = kO00 * o0 + kO01 * o1 + kO02 * o2 + kO03 * o3;
    x.a2 = kE00 * eo0 + kE01 * eo1;
    x.a3 = kO10 * o0 + kO11 * o1 + kO12 * o2 + kO13 * o3;
    x.a4 = jpegact::kMatrixOne * (ee0 - ee1);
    x.a5 = kO20 * o0 + kO21 * o1 + kO22 * o2 + kO23 * o3;
    x.a6 = kE10 * eo0 + kE11 * eo1;
    x.a7 = kO30 * o0 + kO31 * o1 + kO32 * o2 + kO33 * o3;
}

// X^T * c + rounding, exactly.
JPEGACT_DEVICE void inverse(vector8& c, i32 rounding) {
    using namespace matrix;
    const i32 s0 = jpegact::kMatrixOne * (c.a0 + c.a4) + rounding, s1 = jpegact::kMatrixOne * (c.a0 - c.a4) + rounding;
    const i32 t0 = kE00 * c.a2 + kE10 * c.a6, t1 = kE01 * c.a2 + kE11 * c.a6;
    const i32 e0 = s0 + t0, e1 = s1 + t1, e2 = s1 - t1, e3 = s0 - t0;
    const i32 o0 = kO00 * c.a1 + kO10 * c.a3 + kO20 * c.a5 + kO30 * c.a7;
    const i32 o1 = kO01 * c.a1 + kO11 * c.a3 + kO21 * c.a5 + kO31 * c.a7;
    const i32 o2 = kO02 * c.a1 + kO12 * c.a3 + kO22 * c.a5 + kO32 * c.a7;
    const i32 o3 = kO03 * c.a1 + kO13 * c.a3 + kO23 * c.a5 + kO33 * c.a7;
    c.a0 = e0 + o0;
    c.a7 = e0 - o0;
    c.a1 = e1 + o1;
    c.a6 = e1 - o1;
    c.a2 = e2 + o2;
    c.a5 = e2 - o2;
    c.a3 = e3 + o3;
    c.a4 = e3 - o3;
}

JPEGACT_DEVICE u32 choose(bool condition, u32 yes, u32 no) { return condition ? yes : no; }

JPEGACT_DEVICE i32 low_half(u32 pair) { return (i32)(pair << 16) >> 16; }

JPEGACT_DEVICE i32 high_half(u32 pair) { return (i32)pair >> 16; }

// Exchanges rows and columns of each block: lane i's register j becomes lane j's register i. Numbers fit 16 bits, so two
// share a register and eight shuffles do.
JPEGACT_DEVICE void transpose(vector8& a, u32 lane) {
    const bool odd = lane & 1, second = lane & 2;
    u32 w0 = permute(a.a0, a.a4, 0x5410), w1 = permute(a.a1, a.a5, 0x5410);
    u32 w2 = permute(a.a2, a.a6, 0x5410), w3 = permute(a.a3, a.a7, 0x5410);
    u32 got = shuffle_xor(choose(odd, w0, w1), 1);
    w0 = choose(odd, got, w0);
    w1 = choose(odd, w1, got);
    got = shuffle_xor(choose(odd, w2, w3), 1);
    w2 = choose(odd, got, w2);
    w3 = choose(odd, w3, got);
    got = shuffle_xor(choose(second, w0, w2), 2);
    w0 = choose(second, got, w0);
    w2 = choose(second, w2, got);
    got = shuffle_xor(choose(second, w1, w3), 2);
    w1 = choose(second, got, w1);
    w3 = choose(second, w3, got);
    const u32 selector = (lane & 4) ? 0x3276 : 0x5410;
    w0 = permute(w0, shuffle_xor(w0, 4), selector);
    w1 = permute(w1, shuffle_xor(w1, 4), selector);
    w2 = permute(w2, shuffle_xor(w2, 4), selector);
    w3 = permute(w3, shuffle_xor(w3, 4), selector);
    a = {low_half(w0),  low_half(w1),  low_half(w2),  low_half(w3),
         high_half(w0), high_half(w1), high_half(w2), high_half(w3)};
}

// The shifts of one vertical frequency, by eight constant indices: an argument indexed by a lane would go to local memory.
JPEGACT_DEVICE u32 shifts_of(const u32 (&shifts)[8], u32 v) {
    const u32 a = choose(v & 1, shifts[1], shifts[0]), b = choose(v & 1, shifts[3], shifts[2]);
    const u32 c = choose(v & 1, shifts[5], shifts[4]), d = choose(v & 1, shifts[7], shifts[6]);
    const u32 low = choose(v & 2, b, a), high = choose(v & 2, d, c);
    return choose(v & 4, high, low);
}

#endif
