// The constants of constants.hpp as JSON, for tests in other languages: the library of the C simulation exports them.
// `make lint` demands that none is missing here.
#include <string>

#include "jpegact/constants.hpp"

namespace {

using namespace jpegact;

void add(std::string& text, const char* name, long long value) {
    text += (text.back() == '{' ? "" : ",") + ("\n    \"" + std::string(name) + "\": ") + std::to_string(value);
}

void add(std::string& text, const char* name, const bit_field& field) {
    text += (text.back() == '{' ? "" : ",") + ("\n    \"" + std::string(name) + "\": [") + std::to_string(field.lane) +
            ", " + std::to_string(field.low) + ", " + std::to_string(field.bits) + "]";
}

// Row k of the whole matrix, from the halves that the kernels keep: X[k][7-n] is X[k][n] for even k, else -X[k][n].
int32_t entry(int k, int n) {
    const int mirrored = n < 4 ? n : 7 - n;
    if (k % 2 != 0) {
        return (n < 4 ? 1 : -1) * kMatrixOdd[k / 2][mirrored];
    }
    if (k % 4 == 0) {
        return k == 4 && (mirrored == 1 || mirrored == 2) ? -kMatrixOne : kMatrixOne;
    }
    return mirrored < 2 ? kMatrixEven[k / 4][mirrored] : -kMatrixEven[k / 4][3 - mirrored];
}

std::string matrix() {
    std::string text;
    for (int k = 0; k < kBlockSide; k++) {
        text += k == 0 ? "[" : ",\n    [";
        for (int n = 0; n < kBlockSide; n++) {
            text += (n == 0 ? "" : ", ") + std::to_string(entry(k, n));
        }
        text += "]";
    }
    return text;
}

#define ADD(name) add(text, #name, name)

std::string constants() {
    std::string text = "{";
    ADD(kBlockSide);
    ADD(kBlockValues);
    ADD(kTileBlocks);
    ADD(kMaxShift);
    ADD(kMethodJpegAct);
    ADD(kMethodSfpr);
    ADD(kMethodSfprZvc);
    ADD(kMethodBrc);
    ADD(kTypeFloat32);
    ADD(kTypeFloat16);
    ADD(kTypeBfloat16);
    ADD(kTypeInt8);
    ADD(kRoundNearest);
    ADD(kRoundTruncate);
    ADD(kInfinityBits);
    ADD(kLeastMaximumBits);
    ADD(kLeastFullScaleBits);
    ADD(kMostFullScaleBits);
    ADD(kMatrixOneBits);
    ADD(kMatrixOne);
    ADD(kFirstPassShift);
    ADD(kQuantiseShift);
    ADD(kRestoreShift);
    ADD(kLayoutVersion);
    ADD(kWordBits);
    ADD(kWordBytes);
    ADD(kDescriptorWords);
    ADD(kDescriptorLanes);
    ADD(kResultWords);
    ADD(kMaxDescriptors);
    ADD(kMaxBlocks);
    ADD(kMaxMaximumScales);
    ADD(kBurstWords);
    ADD(kFlagNonNegative);
    ADD(kFlagAppend);
    ADD(kFlagWriteScales);
    ADD(kFlagContinue);
    ADD(kStatusGood);
    ADD(kStatusBadDescriptor);
    ADD(kStatusValueBytesDiffer);
    ADD(kStatusValuesDoNotFit);
    ADD(kStatusBadLaunch);
    ADD(kStatusNonFinite);
    ADD(kStatusNegative);
    return text + "\n  }";
}

std::string descriptor_fields() {
    using namespace descriptor_field;
    std::string text = "{";
    ADD(kMethod);
    ADD(kElementType);
    ADD(kRounding);
    ADD(kFlags);
    ADD(kBlockCount);
    ADD(kBlocksPerRow);
    ADD(kFirstColumn);
    ADD(kPositionsPerScale);
    ADD(kFirstPosition);
    ADD(kScaleCount);
    ADD(kFirstScale);
    ADD(kDataWord);
    ADD(kScalesWord);
    ADD(kMasksWord);
    ADD(kValuesWord);
    ADD(kValueBytes);
    ADD(kTileOffsetsWord);
    ADD(kFullScale);
    ADD(kReserved);
    ADD(kShifts0);
    ADD(kShifts1);
    ADD(kShifts2);
    ADD(kShifts3);
    return text + "\n  }";
}

std::string result_fields() {
    using namespace result_field;
    std::string text = "{";
    ADD(kVersion);
    ADD(kStatus);
    ADD(kValueBytes);
    ADD(kFirstWord);
    ADD(kBlockCount);
    ADD(kIndex);
    ADD(kMaskSum);
    ADD(kWrittenSum);
    ADD(kReadSum);
    ADD(kDescriptorSum);
    return text + "\n  }";
}

}  // namespace

// JSON: constants by name, the transform matrix as rows, fields by name as [u64, lowest bit, bits].
extern "C" __attribute__((visibility("default"))) const char* jpegact_constants_json() {
    static const std::string text = "{\n  \"constants\": " + constants() + ",\n  \"matrix\": [" + matrix() +
                                    "],\n  \"descriptor\": " + descriptor_fields() +
                                    ",\n  \"result\": " + result_fields() + "\n}\n";
    return text.c_str();
}
