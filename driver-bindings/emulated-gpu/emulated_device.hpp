// The device's words (device.cuh) for the emulated GPU: the calling fiber is a CUDA thread of a ThreadGroup.
#pragma once

#include <sched.h>

#include <atomic>
#include <cstdio>
#include <cstring>

#include "device_memory.hpp"
#include "kernel_table.hpp"
#include "thread_group.hpp"

#define JPEGACT_DEVICE [[maybe_unused]] static inline
#define JPEGACT_TABLE static const
// Groups on different CPU threads have different shared memory, as they have on a GPU.
#define JPEGACT_SHARED static thread_local
#define JPEGACT_KERNEL(name, body)                                                  \
    static void name(const void* raw) {                                             \
        const CodecArguments& arguments = *static_cast<const CodecArguments*>(raw); \
        body;                                                                       \
    }                                                                               \
    static const jpegact::gpu::KernelRegistration registration_of_##name(#name, sizeof(CodecArguments), &name);

namespace jpegact::gpu {

template <typename T>
inline T* checked(u64 address) {
    std::uint8_t* found = DeviceMemory::instance().at(address, sizeof(T));
    if (found == nullptr) {
        char text[128];
        std::snprintf(text, sizeof text, "%zu bytes at 0x%llx lie in no allocation or are misaligned", sizeof(T),
                      address);
        ThreadGroup::of_thread().fail(text);
    }
    return reinterpret_cast<T*>(found);
}

template <typename T>
inline std::atomic<T>& shared_between_groups(u64 address) {
    static_assert(sizeof(std::atomic<T>) == sizeof(T) && std::atomic<T>::is_always_lock_free);
    return *reinterpret_cast<std::atomic<T>*>(checked<T>(address));
}

inline u32 lane() { return ThreadGroup::of_thread().thread() % ThreadGroup::lanes; }

}  // namespace jpegact::gpu

JPEGACT_DEVICE u32 thread_index() { return jpegact::gpu::ThreadGroup::of_thread().thread(); }
JPEGACT_DEVICE u32 group_index() { return jpegact::gpu::ThreadGroup::of_thread().index(); }
JPEGACT_DEVICE u32 group_count() { return jpegact::gpu::ThreadGroup::of_thread().count(); }
JPEGACT_DEVICE void synchronise_group() { jpegact::gpu::ThreadGroup::of_thread().barrier(); }

JPEGACT_DEVICE u32 shuffle_xor(u32 value, u32 lanes) {
    const u32 from = jpegact::gpu::lane() ^ lanes;
    return jpegact::gpu::ThreadGroup::of_thread().exchange(value)[from];
}

JPEGACT_DEVICE u32 shuffle_up(u32 value, u32 distance) {
    const u32 me = jpegact::gpu::lane();
    return jpegact::gpu::ThreadGroup::of_thread().exchange(value)[me >= distance ? me - distance : me];
}

JPEGACT_DEVICE u32 shuffle_from(u32 value, u32 lane) {
    return jpegact::gpu::ThreadGroup::of_thread().exchange(value)[lane];
}

JPEGACT_DEVICE u32 ballot(bool vote) {
    const u32* votes = jpegact::gpu::ThreadGroup::of_thread().exchange(vote);
    u32 result = 0;
    for (u32 lane = 0; lane < 32; lane++) {
        result |= votes[lane] << lane;
    }
    return result;
}

JPEGACT_DEVICE u32 permute(u32 a, u32 b, u32 selector) {
    const u64 bytes = (u64)b << 32 | a;
    u32 result = 0;
    for (u32 i = 0; i < 4; i++) {
        result |= (u32)(bytes >> (8 * (selector >> (4 * i) & 7)) & 255) << (8 * i);
    }
    return result;
}

JPEGACT_DEVICE u32 count_bits(u32 value) { return (u32)__builtin_popcount(value); }
JPEGACT_DEVICE u32 lowest_bit(u32 value) { return (u32)__builtin_ctz(value); }

// The operand that is a number, where one is not.
JPEGACT_DEVICE float larger(float a, float b) { return __builtin_fmaxf(a, b); }
JPEGACT_DEVICE float smaller(float a, float b) { return __builtin_fminf(a, b); }

JPEGACT_DEVICE u32 bits_of(float value) {
    u32 bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

JPEGACT_DEVICE float float_of(u32 bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

JPEGACT_DEVICE float widen_float16(u16 bits) {
    const u32 sign = (u32)(bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
    if (exponent == 31) {
        return float_of(sign | 0x7f800000u | fraction << 13);
    }
    if (exponent == 0) {
        const float value = (float)fraction * 0x1p-24f;
        return sign != 0 ? -value : value;
    }
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

// To nearest, halves to even.
JPEGACT_DEVICE u16 narrow_float16(float value) {
    const u32 bits = bits_of(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
        return (u16)(sign | 0x7fff);
    }
    if (magnitude >= 0x477ff000u) {
        return (u16)(sign | 0x7c00);  // 65520 and more
    }
    if (magnitude < 0x38800000u) {
        // Subnormal results: adding 0.5 leaves value * 2^24 in the low bits, rounded as asked.
        return (u16)(sign | (bits_of(float_of(magnitude) + 0.5f) - 0x3f000000u));
    }
    const u32 rounded = magnitude + 0xfffu + (magnitude >> 13 & 1);
    return (u16)(sign | (rounded - 0x38000000u) >> 13);
}

template <typename T>
JPEGACT_DEVICE T load(u64 address) {
    return *jpegact::gpu::checked<T>(address);
}

template <typename T>
JPEGACT_DEVICE void store(u64 address, T value) {
    *jpegact::gpu::checked<T>(address) = value;
}

JPEGACT_DEVICE void atomic_max(u64 address, u32 value) {
    std::atomic<u32>& word = jpegact::gpu::shared_between_groups<u32>(address);
    for (u32 seen = word.load(); seen < value && !word.compare_exchange_weak(seen, value);) {
    }
}

JPEGACT_DEVICE void atomic_or(u64 address, u32 value) {
    jpegact::gpu::shared_between_groups<u32>(address).fetch_or(value);
}

JPEGACT_DEVICE u32 atomic_add(u64 address, u32 value) {
    return jpegact::gpu::shared_between_groups<u32>(address).fetch_add(value);
}

JPEGACT_DEVICE void store_release(u64 address, u64 value) {
    jpegact::gpu::shared_between_groups<u64>(address).store(value, std::memory_order_release);
}

// Waited on in loops: another CPU thread's group must get to run.
JPEGACT_DEVICE u64 load_acquire(u64 address) {
    const u64 value = jpegact::gpu::shared_between_groups<u64>(address).load(std::memory_order_acquire);
    if (value == 0 && jpegact::gpu::lane() == 0) {
        sched_yield();
    }
    return value;
}
