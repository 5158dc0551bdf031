// The three element types: widening, narrowing, quantising (docs/format.md, sections 1 and 2).
#ifndef JPEGACT_ELEMENTS_CUH
#define JPEGACT_ELEMENTS_CUH

#include "arguments.cuh"

struct Float32 {
    using Bits = u32;
    static constexpr u32 kBytes = 4;
    JPEGACT_DEVICE float widen(u32 bits) { return float_of(bits); }
    JPEGACT_DEVICE u32 narrow(float value) { return bits_of(value); }
};

struct Float16 {
    using Bits = u16;
    static constexpr u32 kBytes = 2;
    JPEGACT_DEVICE float widen(u16 bits) { return widen_float16(bits); }
    JPEGACT_DEVICE u16 narrow(float value) { return narrow_float16(value); }
};

struct BFloat16 {
    using Bits = u16;
    static constexpr u32 kBytes = 2;
    JPEGACT_DEVICE float widen(u16 bits) { return float_of((u32)bits << 16); }

    // To nearest, halves to even; the decoder makes finite values only.
    JPEGACT_DEVICE u16 narrow(float value) {
        const u32 bits = bits_of(value);
        return (u16)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
    }
};

template <typename Type>
JPEGACT_DEVICE u64 address_of(const CodecArguments& arguments, u64 index) {
    return arguments.tensor + index * Type::kBytes;
}

template <typename Type>
JPEGACT_DEVICE float load_element(u64 address) {
    return Type::widen(load<typename Type::Bits>(address));
}

template <typename Type>
JPEGACT_DEVICE void store_element(u64 address, float value) {
    store(address, Type::narrow(value));
}

// clamp(roundHalfEven(value * scale), -128, 127). Adding 1.5 * 2^23 leaves the integer in the low bits, rounded as asked;
// clamping first gives the same because both bounds are integers.
JPEGACT_DEVICE i32 quantise(float value, float scale) {
    const float scaled = smaller(larger(value * scale, -128.0f), 127.0f);
    return (i32)(bits_of(scaled + 12582912.0f) - 0x4b400000u);
}

JPEGACT_DEVICE float load_scale(const CodecArguments& arguments, u64 scales, u32 plane) {
    const u32 scale = plane - divide(plane, arguments.by_scale_count) * arguments.scale_count;
    return float_of(load<u32>(scales + 4ull * scale));
}

#endif
