// The one owner of the constants of the format and of the kernel interface: docs/format.md and docs/kernels.md as C++.
// Plain C++11 and self-contained, for HLS, CUDA and hosts alike; the C# side is checked against it by a test.
#ifndef JPEGACT_CONSTANTS_HPP
#define JPEGACT_CONSTANTS_HPP

#include <cstdint>

namespace jpegact {

// --- the format (docs/format.md) --------------------------------------------------------------------------------------

constexpr int kBlockSide = 8;
constexpr int kBlockValues = 64;
constexpr uint32_t kTileBlocks = 64;
constexpr int kMaxShift = 7;

// Methods. Method 0, raw, never reaches a kernel.
constexpr uint32_t kMethodJpegAct = 1;
constexpr uint32_t kMethodSfpr = 2;
constexpr uint32_t kMethodSfprZvc = 3;
constexpr uint32_t kMethodBrc = 4;

// Element types. Int8 is q8 made elsewhere, and exists in the kernel interface only.
constexpr uint32_t kTypeFloat32 = 1;
constexpr uint32_t kTypeFloat16 = 2;
constexpr uint32_t kTypeBfloat16 = 3;
constexpr uint32_t kTypeInt8 = 4;

constexpr uint32_t kRoundNearest = 0;
constexpr uint32_t kRoundTruncate = 1;

// Float32 bit patterns.
constexpr uint32_t kInfinityBits = 0x7f800000;
constexpr uint32_t kLeastMaximumBits = 0x0d800000;    // 2^-100: scales of a smaller maximum are 0
constexpr uint32_t kLeastFullScaleBits = 0x3f800000;  // 1
constexpr uint32_t kMostFullScaleBits = 0x40800000;   // 4

// The transform matrix X[k][n] x 8192. X[k][7-n] = X[k][n] for even k and -X[k][n] for odd k, so a product with X splits
// into an even and an odd half of 4; the even one splits once more (its rows 0 and 4 are +-8192, which is a shift).
constexpr int kMatrixOneBits = 13;
constexpr int32_t kMatrixOne = 1 << kMatrixOneBits;
// Rows 2 and 6, columns 0 and 1; columns 3 and 2 have the opposite sign.
constexpr int32_t kMatrixEven[2][2] = {{10703, 4433}, {4433, -10704}};
// Rows 1, 3, 5 and 7, columns 0 to 3.
constexpr int32_t kMatrixOdd[4][4] = {
    {11363, 9633, 6437, 2260},
    {9633, -2259, -11362, -6436},
    {6437, -11362, 2261, 9633},
    {2260, -6436, 9633, -11363},
};
constexpr int kFirstPassShift = 11;  // both directions: the pass that comes first drops 11 bits
constexpr int kQuantiseShift = 18;   // encode, second pass: plus the coefficient's own shift
constexpr int kRestoreShift = 18;    // decode, second pass

// --- the kernel interface (docs/kernels.md) ---------------------------------------------------------------------------

constexpr uint32_t kLayoutVersion = 0x4A413102;  // "JA1", version 2

constexpr int kWordBits = 512;
constexpr int kWordBytes = 64;
constexpr int kDescriptorWords = 2;
constexpr int kDescriptorLanes = 16;  // u64
constexpr int kResultWords = 1;
constexpr uint32_t kMaxDescriptors = 4096;
constexpr uint32_t kMaxBlocks = 1u << 25;
constexpr uint32_t kMaxMaximumScales = 65536;
constexpr uint32_t kBurstWords = 64;

// Where a field lies: which u64, its lowest bit, its number of bits.
struct bit_field {
    int lane;
    int low;
    int bits;
};

namespace descriptor_field {
constexpr bit_field kMethod = {0, 0, 8};
constexpr bit_field kElementType = {0, 8, 8};
constexpr bit_field kRounding = {0, 16, 8};
constexpr bit_field kFlags = {0, 24, 8};
constexpr bit_field kBlockCount = {0, 32, 32};
constexpr bit_field kBlocksPerRow = {1, 0, 32};
constexpr bit_field kFirstColumn = {1, 32, 32};
constexpr bit_field kPositionsPerScale = {2, 0, 64};
constexpr bit_field kFirstPosition = {3, 0, 64};
constexpr bit_field kScaleCount = {4, 0, 32};
constexpr bit_field kFirstScale = {4, 32, 32};
constexpr bit_field kDataWord = {5, 0, 64};
constexpr bit_field kScalesWord = {6, 0, 64};
constexpr bit_field kMasksWord = {7, 0, 64};
constexpr bit_field kValuesWord = {8, 0, 64};
constexpr bit_field kValueBytes = {9, 0, 64};
constexpr bit_field kTileOffsetsWord = {10, 0, 64};
constexpr bit_field kFullScale = {11, 0, 32};
constexpr bit_field kReserved = {11, 32, 32};
constexpr bit_field kShifts0 = {12, 0, 64};
constexpr bit_field kShifts1 = {13, 0, 64};
constexpr bit_field kShifts2 = {14, 0, 64};
constexpr bit_field kShifts3 = {15, 0, 64};
}  // namespace descriptor_field

// Bits of the flags.
constexpr uint32_t kFlagNonNegative = 1;  // decode
constexpr uint32_t kFlagAppend = 2;       // encode
constexpr uint32_t kFlagWriteScales = 4;  // maximum
constexpr uint32_t kFlagContinue = 8;     // maximum

namespace result_field {
constexpr bit_field kVersion = {0, 0, 32};
constexpr bit_field kStatus = {0, 32, 32};
constexpr bit_field kValueBytes = {1, 0, 64};
constexpr bit_field kFirstWord = {2, 0, 64};
constexpr bit_field kBlockCount = {3, 0, 32};
constexpr bit_field kIndex = {3, 32, 32};
constexpr bit_field kMaskSum = {4, 0, 64};
constexpr bit_field kWrittenSum = {5, 0, 64};
constexpr bit_field kReadSum = {6, 0, 64};
constexpr bit_field kDescriptorSum = {7, 0, 64};
}  // namespace result_field

// Bits of the status.
constexpr uint32_t kStatusGood = 0;
constexpr uint32_t kStatusBadDescriptor = 1u << 0;
constexpr uint32_t kStatusValueBytesDiffer = 1u << 1;
constexpr uint32_t kStatusValuesDoNotFit = 1u << 2;
constexpr uint32_t kStatusBadLaunch = 1u << 3;
constexpr uint32_t kStatusNonFinite = 1u << 8;
constexpr uint32_t kStatusNegative = 1u << 9;

}  // namespace jpegact

#endif
