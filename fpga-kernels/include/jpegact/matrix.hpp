// What the transform matrix does to magnitudes: the base of the stages' bit budgets.
#ifndef JPEGACT_MATRIX_HPP
#define JPEGACT_MATRIX_HPP

#include "jpegact/constants.hpp"

namespace jpegact {
namespace budget {

constexpr int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

// Largest sum of magnitudes over a row of X (encode) ...
constexpr int64_t largest_row() {
    int64_t largest = 8 * kMatrixOne;
    for (int k = 0; k < 4; k++) {
        int64_t odd = 0;
        for (int n = 0; n < 4; n++) {
            odd += 2 * magnitude(kMatrixOdd[k][n]);
        }
        largest = odd > largest ? odd : largest;
    }
    for (int k = 0; k < 2; k++) {
        const int64_t even = 4 * (magnitude(kMatrixEven[k][0]) + magnitude(kMatrixEven[k][1]));
        largest = even > largest ? even : largest;
    }
    return largest;
}

// ... and over a column (decode).
constexpr int64_t largest_column() {
    int64_t largest = 0;
    for (int n = 0; n < 4; n++) {
        const int even_column = n == 0 || n == 3 ? 0 : 1;
        int64_t sum = 2 * kMatrixOne + magnitude(kMatrixEven[0][even_column]) + magnitude(kMatrixEven[1][even_column]);
        for (int k = 0; k < 4; k++) {
            sum += magnitude(kMatrixOdd[k][n]);
        }
        largest = sum > largest ? sum : largest;
    }
    return largest;
}

constexpr int64_t kInt32 = 0x7fffffff;

}  // namespace budget
}  // namespace jpegact

#endif
