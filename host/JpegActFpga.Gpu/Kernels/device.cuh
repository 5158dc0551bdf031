// The few words of CUDA that the kernels need, for clang and nvcc alike, without the CUDA toolkit's headers.
//
// What differs between compilers is three keywords; the rest is PTX. With JPEGACT_EMULATED_GPU defined the same kernels are
// ordinary C++ and the words come from the emulated GPU (driver-bindings/emulated-gpu), one fiber a CUDA thread.
//
// Memory of the device is named by 64-bit addresses and reached through load and store alone, never through pointers, so
// that the emulated GPU can check each access as a GPU's memory management does.
#ifndef JPEGACT_DEVICE_CUH
#define JPEGACT_DEVICE_CUH

using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned int;
using u64 = unsigned long long;
using i32 = int;

#if defined(__clang__) && !defined(JPEGACT_EMULATED_GPU)
using quad = u32 __attribute__((ext_vector_type(4)));
#elif defined(__CUDACC__)
using quad = uint4;
#else
struct alignas(16) quad {
    u32 x, y, z, w;
};
#endif

#if defined(JPEGACT_EMULATED_GPU)
#include "emulated_device.hpp"
#else

#if defined(__clang__)
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define JPEGACT_GLOBAL __attribute__((address_space(1)))
#else
#define JPEGACT_GLOBAL
#endif

#define JPEGACT_DEVICE static __device__ __attribute__((always_inline)) inline
// Not const: clang would put the table into constant memory, which serves one address at a time.
#define JPEGACT_TABLE static __device__
#define JPEGACT_SHARED __shared__

// A kernel: its name, and its body, which finds its arguments in `arguments`.
#define JPEGACT_KERNEL(name, body) \
    extern "C" __global__ void __launch_bounds__(256) name(const CodecArguments arguments) { body; }

JPEGACT_DEVICE u32 thread_index() {
    u32 value;
    asm("mov.u32 %0, %%tid.x;" : "=r"(value));
    return value;
}

JPEGACT_DEVICE u32 group_index() {
    u32 value;
    asm("mov.u32 %0, %%ctaid.x;" : "=r"(value));
    return value;
}

JPEGACT_DEVICE u32 group_count() {
    u32 value;
    asm("mov.u32 %0, %%nctaid.x;" : "=r"(value));
    return value;
}

JPEGACT_DEVICE void synchronise_group() { asm volatile("bar.sync 0;" ::: "memory"); }

JPEGACT_DEVICE u32 shuffle_xor(u32 value, u32 lanes) {
    u32 result;
    asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 31, -1;" : "=r"(result) : "r"(value), "r"(lanes));
    return result;
}

JPEGACT_DEVICE u32 shuffle_up(u32 value, u32 distance) {
    u32 result;
    asm volatile("shfl.sync.up.b32 %0, %1, %2, 0, -1;" : "=r"(result) : "r"(value), "r"(distance));
    return result;
}

JPEGACT_DEVICE u32 shuffle_from(u32 value, u32 lane) {
    u32 result;
    asm volatile("shfl.sync.idx.b32 %0, %1, %2, 31, -1;" : "=r"(result) : "r"(value), "r"(lane));
    return result;
}

JPEGACT_DEVICE u32 ballot(bool vote) {
    u32 result;
    asm volatile("{.reg .pred p; setp.ne.u32 p, %1, 0; vote.sync.ballot.b32 %0, p, -1;}"
                 : "=r"(result)
                 : "r"((u32)vote));
    return result;
}

// The functions from here to the stores are no inline PTX where clang has a word for them: clang keeps loops with inline PTX
// from being unrolled.

// Bytes of b:a picked by the nibbles of `selector`.
JPEGACT_DEVICE u32 permute(u32 a, u32 b, u32 selector) {
#if defined(__clang__)
    return __nvvm_prmt(a, b, selector);
#else
    return __byte_perm(a, b, selector);
#endif
}

JPEGACT_DEVICE u32 count_bits(u32 value) {
#if defined(__clang__)
    return (u32)__builtin_popcount(value);
#else
    return (u32)__popc((int)value);
#endif
}

// Index of the lowest bit; `value` is not 0.
JPEGACT_DEVICE u32 lowest_bit(u32 value) {
#if defined(__clang__)
    return (u32)__builtin_ctz(value);
#else
    return (u32)__ffs((int)value) - 1;
#endif
}

JPEGACT_DEVICE float larger(float a, float b) {
#if defined(__clang__)
    return __nvvm_fmax_f(a, b);
#else
    return fmaxf(a, b);
#endif
}

JPEGACT_DEVICE float smaller(float a, float b) {
#if defined(__clang__)
    return __nvvm_fmin_f(a, b);
#else
    return fminf(a, b);
#endif
}

JPEGACT_DEVICE u32 bits_of(float value) {
#if defined(__clang__)
    return __builtin_bit_cast(u32, value);
#else
    return __float_as_uint(value);
#endif
}

JPEGACT_DEVICE float float_of(u32 bits) {
#if defined(__clang__)
    return __builtin_bit_cast(float, bits);
#else
    return __uint_as_float(bits);
#endif
}

JPEGACT_DEVICE float widen_float16(u16 bits) {
#if defined(__clang__)
    return (float)__builtin_bit_cast(_Float16, bits);
#else
    float result;
    asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(bits));
    return result;
#endif
}

// To nearest, halves to even.
JPEGACT_DEVICE u16 narrow_float16(float value) {
#if defined(__clang__)
    return __builtin_bit_cast(u16, (_Float16)value);
#else
    u16 result;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result) : "f"(value));
    return result;
#endif
}

template <typename T>
JPEGACT_DEVICE T load(u64 address) {
    return *(const JPEGACT_GLOBAL T*)address;
}

template <typename T>
JPEGACT_DEVICE void store(u64 address, T value) {
    *(JPEGACT_GLOBAL T*)address = value;
}

JPEGACT_DEVICE void atomic_max(u64 address, u32 value) {
    asm volatile("red.global.max.u32 [%0], %1;" ::"l"(address), "r"(value) : "memory");
}

JPEGACT_DEVICE void atomic_or(u64 address, u32 value) {
    asm volatile("red.global.or.b32 [%0], %1;" ::"l"(address), "r"(value) : "memory");
}

JPEGACT_DEVICE u32 atomic_add(u64 address, u32 value) {
    u32 before;
    asm volatile("atom.global.add.u32 %0, [%1], %2;" : "=r"(before) : "l"(address), "r"(value) : "memory");
    return before;
}

JPEGACT_DEVICE void store_release(u64 address, u64 value) {
    asm volatile("st.release.gpu.global.u64 [%0], %1;" ::"l"(address), "l"(value) : "memory");
}

JPEGACT_DEVICE u64 load_acquire(u64 address) {
    u64 value;
    asm volatile("ld.acquire.gpu.global.u64 %0, [%1];" : "=l"(value) : "l"(address) : "memory");
    return value;
}

#endif

JPEGACT_DEVICE u32 warp_max(u32 value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    u32 result;
    asm volatile("redux.sync.max.u32 %0, %1, -1;" : "=r"(result) : "r"(value));
    return result;
#else
    for (u32 lanes = 16; lanes != 0; lanes >>= 1) {
        const u32 other = shuffle_xor(value, lanes);
        value = other > value ? other : value;
    }
    return value;
#endif
}

JPEGACT_DEVICE i32 clamp(i32 value, i32 low, i32 high) {
    value = value < low ? low : value;
    return value > high ? high : value;
}

#endif
