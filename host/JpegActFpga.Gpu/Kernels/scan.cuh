// First pass over a tensor with scales: largest magnitude of each channel or plane, and whether any element is negative.
#ifndef JPEGACT_SCAN_CUH
#define JPEGACT_SCAN_CUH

#include "elements.cuh"

// Largest magnitude bits and largest bits so far. Bits above 0x80000000 are those of a number below zero.
struct Largest {
    u32 magnitude;
    u32 bits;
};

JPEGACT_DEVICE void include_word(Largest& largest, u32 bits) {
    const u32 magnitude = bits & 0x7fffffffu;
    largest.magnitude = magnitude > largest.magnitude ? magnitude : largest.magnitude;
    largest.bits = bits > largest.bits ? bits : largest.bits;
}

// 16-bit patterns are compared in the upper half of a word: their order is that of the widened numbers.
template <typename Type>
JPEGACT_DEVICE void include_packed(Largest& largest, u32 word) {
    if (Type::kBytes == 4) {
        include_word(largest, word);
    } else {
        include_word(largest, word << 16);
        include_word(largest, word & 0xffff0000u);
    }
}

// Bits of the float32 that a pattern from include_packed stands for.
JPEGACT_DEVICE u32 widened(Float32, u32 bits) { return bits; }
JPEGACT_DEVICE u32 widened(BFloat16, u32 bits) { return bits; }
JPEGACT_DEVICE u32 widened(Float16, u32 bits) { return bits_of(widen_float16((u16)(bits >> 16))); }

template <typename Type>
JPEGACT_DEVICE void include_elements(Largest& largest, u64 address, u32 count, u32 lane) {
    for (u32 i = lane; i < count; i += 32) {
        include_word(largest, (u32)load<typename Type::Bits>(address + (u64)i * Type::kBytes)
                                  << (32 - 8 * Type::kBytes));
    }
}

// A warp looks at up to 4096 elements of one plane at a time: whole planes where they are small, and even work where not.
template <typename Type>
JPEGACT_DEVICE void scan(const CodecArguments& arguments) {
    constexpr u32 kPart = 4096;
    constexpr u32 kPerQuad = 16 / Type::kBytes;
    const u32 lane = thread_index() & 31;
    const u32 parts = (u32)((arguments.plane_elements + kPart - 1) / kPart);
    const u64 all = (u64)parts * arguments.planes;
    const u64 stride = (u64)group_count() * (kThreads / 32);
    for (u64 item = (u64)group_index() * (kThreads / 32) + (thread_index() >> 5); item < all; item += stride) {
        const u32 plane = (u32)(item / parts);
        const u64 first = (item - (u64)plane * parts) * kPart;
        const u64 left = arguments.plane_elements - first;
        const u32 count = left < kPart ? (u32)left : kPart;
        const u64 address = arguments.tensor + ((u64)plane * arguments.plane_elements + first) * Type::kBytes;
        const u32 head = (u32)(0 - address & 15) / Type::kBytes;
        Largest largest = {0, 0};
        if (head >= count) {
            include_elements<Type>(largest, address, count, lane);
        } else {
            include_elements<Type>(largest, address, head, lane);
            const u32 quads = (count - head) / kPerQuad;
            const u64 body = address + (u64)head * Type::kBytes;
#pragma unroll 4
            for (u32 i = lane; i < quads; i += 32) {
                const quad four = load<quad>(body + 16ull * i);
                include_packed<Type>(largest, four.x);
                include_packed<Type>(largest, four.y);
                include_packed<Type>(largest, four.z);
                include_packed<Type>(largest, four.w);
            }
            const u32 done = head + quads * kPerQuad;
            include_elements<Type>(largest, address + (u64)done * Type::kBytes, count - done, lane);
        }
        largest.magnitude = warp_max(largest.magnitude);
        largest.bits = warp_max(largest.bits);
        if (lane == 0) {
            atomic_max(arguments.scales + 4ull * (plane % arguments.scale_count), widened(Type(), largest.magnitude));
            if (largest.bits > 0x80000000u) {
                atomic_or(arguments.status + kStatusAnyNegative, 1);
            }
        }
    }
}

// Largest magnitudes to scales, in place, and the frame's inverse scales (docs/format.md, section 2).
JPEGACT_DEVICE void make_scales(const CodecArguments& arguments) {
    const u32 i = group_index() * kThreads + thread_index();
    if (i >= arguments.scale_count) {
        return;
    }
    const u32 magnitude = load<u32>(arguments.scales + 4ull * i);
    if (magnitude >= 0x7f800000u) {
        atomic_or(arguments.status + kStatusNonFinite, 1);
    }
    float scale = 0.0f, inverse = 0.0f;
    if (magnitude >= 0x0d800000u) {
        const float largest = float_of(magnitude);
        scale = arguments.full_scale / largest;
        inverse = largest / arguments.full_scale;
    }
    store(arguments.scales + 4ull * i, bits_of(scale));
    store(arguments.inverse_scales + 4ull * i, bits_of(inverse));
}

#endif
