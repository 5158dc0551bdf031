// The transform matrix X[k][n] of docs/format.md section 3 (x 8192) and its bit budgets.
//
// X[k][7-n] = X[k][n] for even k and -X[k][n] for odd k, so a product with X splits into an even and an odd half of 4.
// The constants are the halves, with the even one split once more (its rows 0 and 4 are +-8192, which is a shift).
#ifndef JPEGACT_MATRIX_HPP
#define JPEGACT_MATRIX_HPP

#include <cstdint>

namespace jpegact {

constexpr int kOneBits = 13;  // 8192 = 2^13
constexpr int32_t kOne = 1 << kOneBits;

// Rows 2 and 6, columns 0 and 1; columns 3 and 2 have the opposite sign.
constexpr int32_t kEven[2][2] = {{10703, 4433}, {4433, -10704}};

// Rows 1, 3, 5 and 7, columns 0 to 3.
constexpr int32_t kOdd[4][4] = {
    {11363, 9633, 6437, 2260},
    {9633, -2259, -11362, -6436},
    {6437, -11362, 2261, 9633},
    {2260, -6436, 9633, -11363},
};

constexpr int kFirstPassShift = 11;  // both directions: the pass that comes first drops 11 bits
constexpr int kQuantiseShift = 18;   // encode, second pass: plus the coefficient's own shift
constexpr int kRestoreShift = 18;    // decode, second pass

namespace budget {

constexpr int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

// Largest sum of magnitudes over a row of X (encode) ...
constexpr int64_t largest_row() {
    int64_t largest = 8 * kOne;
    for (int k = 0; k < 4; k++) {
        int64_t odd = 0;
        for (int n = 0; n < 4; n++) {
            odd += 2 * magnitude(kOdd[k][n]);
        }
        largest = odd > largest ? odd : largest;
    }
    for (int k = 0; k < 2; k++) {
        const int64_t even = 4 * (magnitude(kEven[k][0]) + magnitude(kEven[k][1]));
        largest = even > largest ? even : largest;
    }
    return largest;
}

// ... and over a column (decode).
constexpr int64_t largest_column() {
    int64_t largest = 0;
    for (int n = 0; n < 4; n++) {
        const int even_column = n == 0 || n == 3 ? 0 : 1;
        int64_t sum = 2 * kOne + magnitude(kEven[0][even_column]) + magnitude(kEven[1][even_column]);
        for (int k = 0; k < 4; k++) {
            sum += magnitude(kOdd[k][n]);
        }
        largest = sum > largest ? sum : largest;
    }
    return largest;
}

constexpr int64_t kInt32 = 0x7fffffff;

// Encode: q8 within 128 -> first sums -> t within 4096 -> second sums plus the largest rounding, 2^24.
constexpr int64_t kEncodeFirst = 128 * largest_row() + (1 << (kFirstPassShift - 1));
constexpr int64_t kEncodeMiddle = kEncodeFirst >> kFirstPassShift;
constexpr int64_t kEncodeSecond = kEncodeMiddle * largest_row() + (1 << (kQuantiseShift + 7 - 1));
static_assert(kEncodeMiddle == 4096, "t needs 14 bits");
static_assert(kEncodeSecond < kInt32 / 4, "the encoder's sums fit 30 bits");

// Decode: c within 128 * 2^7 -> first sums -> t clamped to 16 bits -> second sums plus rounding. The halves are sums of
// the same terms, so they keep the same bounds.
constexpr int64_t kDecodeFirst = (128 << 7) * largest_column() + (1 << (kFirstPassShift - 1));
constexpr int64_t kDecodeSecond = 32768 * largest_column() + (1 << (kRestoreShift - 1));
static_assert(kDecodeFirst < kInt32, "the decoder's first sums fit int32 for any stream");
static_assert(kDecodeSecond < kInt32, "the decoder's second sums fit int32 for any stream");
static_assert(kDecodeSecond - (1 << (kRestoreShift - 1)) < 2006000000, "the bound docs/format.md states");

}  // namespace budget
}  // namespace jpegact

#endif
