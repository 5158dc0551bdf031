// Stand-in for the Vitis HLS header of this name, for C simulation where Vitis is not installed.
//
// ap_int<W> and ap_uint<W> with the documented semantics (UG1399): results of + - * grow so that nothing is lost,
// logic keeps the wider operand, a shift keeps its left operand's width, assignment truncates or extends.
// It holds what the kernels use and is built for speed: a value is an array of little-endian 64-bit limbs, and a
// byte-aligned range of 8, 16, 32 or 64 bits is one load or store, which compilers fold and vectorise.
//
// Deliberately left out, because the vendor's C simulation and hardware are easily misread there: comparison of
// operands of different signedness, negative shift amounts, xor_reduce, reversed ranges, arithmetic wider than 64 bits.
// Each of these fails to compile or, if only visible at run time, throws std::out_of_range.
#ifndef JPEGACT_STANDIN_AP_INT_H
#define JPEGACT_STANDIN_AP_INT_H

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <type_traits>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "limbs are accessed as little-endian bytes");

#define JPEGACT_AP_INLINE inline __attribute__((always_inline))

template <int W, bool S>
class ap_number;
template <int W>
using ap_int = ap_number<W, true>;
template <int W>
using ap_uint = ap_number<W, false>;

namespace ap_detail {

constexpr int larger(int a, int b) { return a > b ? a : b; }

[[noreturn]] inline void fail(const char* what) { throw std::out_of_range(what); }

// Keeps the lowest `width` bits (1..64) and extends them to 64, with the sign when `is_signed`.
JPEGACT_AP_INLINE uint64_t extend(uint64_t bits, int width, bool is_signed) {
    if (width == 64) {
        return bits;
    }
    const uint64_t mask = (uint64_t(1) << width) - 1;
    const uint64_t low = bits & mask;
    return is_signed && ((low >> (width - 1)) & 1) != 0 ? low | ~mask : low;
}

// The ap type that holds a C integer exactly.
template <class T>
using from_builtin = ap_number<std::is_same_v<T, bool> ? 1 : int(sizeof(T) * 8), std::is_signed_v<T>>;

template <class T>
struct operand {
    static constexpr bool known = false;
};
template <int W, bool S>
struct operand<ap_number<W, S>> {
    static constexpr bool known = true;
    using type = ap_number<W, S>;
};

template <class T, class = void>
struct promoted {};
template <class T>
struct promoted<T, std::enable_if_t<std::is_integral_v<T>>> {
    using type = from_builtin<T>;
};
template <int W, bool S>
struct promoted<ap_number<W, S>, void> {
    using type = ap_number<W, S>;
};

// Enables an operator when one side is an ap type and the other an ap type or a C integer.
template <class A, class B>
using if_mixed =
    std::enable_if_t<(operand<A>::known || operand<B>::known) && (operand<A>::known || std::is_integral_v<A>) &&
                     (operand<B>::known || std::is_integral_v<B>)>;

template <class A, class B>
struct growth {
    using a = typename promoted<A>::type;
    using b = typename promoted<B>::type;
    static constexpr bool either_signed = a::is_signed || b::is_signed;
    static constexpr int common =
        larger(a::width + (b::is_signed && !a::is_signed), b::width + (a::is_signed && !b::is_signed));
    using sum = ap_number<common + 1, either_signed>;
    using difference = ap_number<common + 1, true>;
    using product = ap_number<a::width + b::width, either_signed>;
    using logic = ap_number<common, either_signed>;
};

// A range of bits of a number; reads as an unsigned number, writes truncate to the range.
template <int LIMBS>
class bit_range {
  public:
    JPEGACT_AP_INLINE bit_range(uint64_t* limbs, int high, int low) : limbs_(limbs), high_(high), low_(low) {}
    bit_range(const bit_range&) = default;

    JPEGACT_AP_INLINE uint64_t to_uint64() const {
        const int count = high_ - low_ + 1;
        if (low_ % 8 == 0 && (count == 8 || count == 16 || count == 32 || count == 64)) {
            const unsigned char* from = reinterpret_cast<const unsigned char*>(limbs_) + low_ / 8;
            return count == 8    ? *from
                   : count == 16 ? load<uint16_t>(from)
                   : count == 32 ? load<uint32_t>(from)
                                 : load<uint64_t>(from);
        }
        return slow_read(count);
    }
    JPEGACT_AP_INLINE unsigned to_uint() const { return unsigned(to_uint64()); }
    JPEGACT_AP_INLINE int to_int() const { return int(to_uint64()); }
    JPEGACT_AP_INLINE operator unsigned long long() const { return to_uint64(); }
    int length() const { return high_ - low_ + 1; }

    JPEGACT_AP_INLINE bit_range& operator=(uint64_t value) {
        const int count = high_ - low_ + 1;
        if (low_ % 8 == 0 && (count == 8 || count == 16 || count == 32 || count == 64)) {
            unsigned char* to = reinterpret_cast<unsigned char*>(limbs_) + low_ / 8;
            count == 8    ? store<uint8_t>(to, value)
            : count == 16 ? store<uint16_t>(to, value)
            : count == 32 ? store<uint32_t>(to, value)
                          : store<uint64_t>(to, value);
        } else {
            slow_write(count, value);
        }
        return *this;
    }
    template <int W, bool S>
    JPEGACT_AP_INLINE bit_range& operator=(const ap_number<W, S>& value) {
        static_assert(W <= 64, "assign at most 64 bits at a time");
        return *this = uint64_t(value.limbs[0]);
    }
    JPEGACT_AP_INLINE bit_range& operator=(const bit_range& other) { return *this = other.to_uint64(); }

  private:
    template <class T>
    static JPEGACT_AP_INLINE uint64_t load(const unsigned char* from) {
        T value;
        std::memcpy(&value, from, sizeof value);
        return value;
    }
    template <class T>
    static JPEGACT_AP_INLINE void store(unsigned char* to, uint64_t value) {
        const T low = T(value);
        std::memcpy(to, &low, sizeof low);
    }
    uint64_t slow_read(int count) const {
        check(count);
        const int limb = low_ / 64, shift = low_ % 64;
        uint64_t bits = limbs_[limb] >> shift;
        if (shift != 0 && limb + 1 < LIMBS) {
            bits |= limbs_[limb + 1] << (64 - shift);
        }
        return extend(bits, count, false);
    }
    void slow_write(int count, uint64_t value) {
        check(count);
        for (int i = 0; i < count; i++) {
            const int bit = low_ + i;
            const uint64_t mask = uint64_t(1) << (bit % 64);
            limbs_[bit / 64] = (limbs_[bit / 64] & ~mask) | ((value >> i & 1) != 0 ? mask : 0);
        }
    }
    static void check(int count) {
        if (count < 1 || count > 64) {
            fail("ap range: only 1 to 64 bits at a time");
        }
    }

    uint64_t* limbs_;
    int high_;
    int low_;
};

}  // namespace ap_detail

// A W-bit number; `S`: two's complement. Limbs are kept extended to 64 bits, so that equal values have equal limbs.
template <int W, bool S>
class ap_number {
    static_assert(W >= 1, "width");

  public:
    static constexpr int width = W;
    static constexpr bool is_signed = S;
    static constexpr int limb_count = (W + 63) / 64;
    using builtin = std::conditional_t<
        (W <= 8), std::conditional_t<S, signed char, unsigned char>,
        std::conditional_t<(W <= 16), std::conditional_t<S, short, unsigned short>,
                           std::conditional_t<(W <= 32), std::conditional_t<S, int, unsigned>,
                                              std::conditional_t<S, long long, unsigned long long>>>>;

    uint64_t limbs[limb_count];

    // Vitis leaves a fresh number undefined: the kernels never read one before they assign it.
    ap_number() = default;
    ap_number(const ap_number&) = default;
    ap_number& operator=(const ap_number&) = default;
    template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
    JPEGACT_AP_INLINE ap_number(T value) {
        assign(uint64_t(value), std::is_signed_v<T> && value < T(0));
    }
    template <int W2, bool S2>
    JPEGACT_AP_INLINE ap_number(const ap_number<W2, S2>& other) {
        const uint64_t fill = S2 && (other.limbs[other.limb_count - 1] >> 63) != 0 ? ~uint64_t(0) : 0;
        for (int i = 0; i < limb_count; i++) {
            limbs[i] = i < other.limb_count ? other.limbs[i] : fill;
        }
        normalise();
    }
    template <int LIMBS>
    JPEGACT_AP_INLINE ap_number(const ap_detail::bit_range<LIMBS>& range) {
        assign(range.to_uint64(), false);
    }

    JPEGACT_AP_INLINE operator builtin() const { return builtin(limbs[0]); }
    JPEGACT_AP_INLINE int to_int() const { return int(limbs[0]); }
    JPEGACT_AP_INLINE unsigned to_uint() const { return unsigned(limbs[0]); }
    JPEGACT_AP_INLINE long long to_int64() const { return (long long)limbs[0]; }
    JPEGACT_AP_INLINE unsigned long long to_uint64() const { return limbs[0]; }
    int length() const { return W; }

    JPEGACT_AP_INLINE ap_detail::bit_range<limb_count> range(int high, int low) {
        check_range(high, low);
        return {limbs, high, low};
    }
    JPEGACT_AP_INLINE const ap_detail::bit_range<limb_count> range(int high, int low) const {
        check_range(high, low);
        return {const_cast<uint64_t*>(limbs), high, low};
    }
    JPEGACT_AP_INLINE bool operator[](int bit) const {
        check_range(bit, bit);
        return (limbs[bit / 64] >> (bit % 64) & 1) != 0;
    }

    bool operator!() const { return *this == ap_number(0); }
    JPEGACT_AP_INLINE ap_number operator~() const {
        ap_number result;
        for (int i = 0; i < limb_count; i++) {
            result.limbs[i] = ~limbs[i];
        }
        result.normalise();
        return result;
    }
    template <class T>
    JPEGACT_AP_INLINE ap_number& operator+=(const T& other) {
        return *this = ap_number(*this + other);
    }
    template <class T>
    JPEGACT_AP_INLINE ap_number& operator-=(const T& other) {
        return *this = ap_number(*this - other);
    }

    JPEGACT_AP_INLINE void normalise() {
        limbs[limb_count - 1] = ap_detail::extend(limbs[limb_count - 1], W - 64 * (limb_count - 1), S);
    }

  private:
    JPEGACT_AP_INLINE void assign(uint64_t low, bool negative) {
        limbs[0] = low;
        for (int i = 1; i < limb_count; i++) {
            limbs[i] = negative ? ~uint64_t(0) : 0;
        }
        normalise();
    }
    static JPEGACT_AP_INLINE void check_range(int high, int low) {
        if (low < 0 || high < low || high >= W) {
            ap_detail::fail("ap range or bit outside of the number");
        }
    }
};

#define JPEGACT_AP_ARITHMETIC(op, result_kind)                                                   \
    template <class A, class B, class = ap_detail::if_mixed<A, B>>                               \
    JPEGACT_AP_INLINE auto operator op(const A& a, const B& b) {                                 \
        using rule = ap_detail::growth<A, B>;                                                    \
        using result = typename rule::result_kind;                                               \
        static_assert(result::width <= 64, "the stand-in has no arithmetic wider than 64 bits"); \
        return result(typename rule::a(a).to_int64() op typename rule::b(b).to_int64());         \
    }
JPEGACT_AP_ARITHMETIC(+, sum)
JPEGACT_AP_ARITHMETIC(-, difference)
JPEGACT_AP_ARITHMETIC(*, product)
#undef JPEGACT_AP_ARITHMETIC

#define JPEGACT_AP_LOGIC(op)                                       \
    template <class A, class B, class = ap_detail::if_mixed<A, B>> \
    JPEGACT_AP_INLINE auto operator op(const A& a, const B& b) {   \
        using result = typename ap_detail::growth<A, B>::logic;    \
        const result x(a), y(b);                                   \
        result z;                                                  \
        for (int i = 0; i < result::limb_count; i++) {             \
            z.limbs[i] = x.limbs[i] op y.limbs[i];                 \
        }                                                          \
        z.normalise();                                             \
        return z;                                                  \
    }
JPEGACT_AP_LOGIC(&)
JPEGACT_AP_LOGIC(|)
JPEGACT_AP_LOGIC(^)
#undef JPEGACT_AP_LOGIC

template <int W, bool S1, bool S2, int W2>
JPEGACT_AP_INLINE bool operator==(const ap_number<W, S1>& a, const ap_number<W2, S2>& b) {
    static_assert(S1 == S2, "compare of different signedness is banned");
    constexpr int limbs = ap_detail::larger(ap_number<W, S1>::limb_count, ap_number<W2, S2>::limb_count);
    const ap_number<64 * limbs, S1> x(a), y(b);
    return std::memcmp(x.limbs, y.limbs, sizeof x.limbs) == 0;
}
template <int W, bool S1, bool S2, int W2>
JPEGACT_AP_INLINE bool operator!=(const ap_number<W, S1>& a, const ap_number<W2, S2>& b) {
    return !(a == b);
}
#define JPEGACT_AP_ORDER(op)                                                                    \
    template <int W, bool S1, bool S2, int W2>                                                  \
    JPEGACT_AP_INLINE bool operator op(const ap_number<W, S1>& a, const ap_number<W2, S2>& b) { \
        static_assert(S1 == S2, "compare of different signedness is banned");                   \
        static_assert(W <= 64 && W2 <= 64, "the stand-in orders numbers of at most 64 bits");   \
        return S1 ? a.to_int64() op b.to_int64() : a.to_uint64() op b.to_uint64();              \
    }
JPEGACT_AP_ORDER(<)
JPEGACT_AP_ORDER(>)
JPEGACT_AP_ORDER(<=)
JPEGACT_AP_ORDER(>=)
#undef JPEGACT_AP_ORDER

// Shifts keep the left operand's width; an amount of the width or more leaves the sign fill (right) or zero (left).
template <int W, bool S>
JPEGACT_AP_INLINE ap_number<W, S> operator<<(const ap_number<W, S>& a, int amount) {
    static_assert(W <= 64, "the stand-in shifts numbers of at most 64 bits");
    if (amount < 0) {
        ap_detail::fail("ap shift: a negative amount is banned");
    }
    return ap_number<W, S>(amount >= W ? 0 : a.to_uint64() << amount);
}
template <int W, bool S>
JPEGACT_AP_INLINE ap_number<W, S> operator>>(const ap_number<W, S>& a, int amount) {
    static_assert(W <= 64, "the stand-in shifts numbers of at most 64 bits");
    if (amount < 0) {
        ap_detail::fail("ap shift: a negative amount is banned");
    }
    const int bounded = amount > 63 ? 63 : amount;
    if (S) {
        return ap_number<W, S>(a.to_int64() >> bounded);
    }
    return ap_number<W, S>(amount > 63 ? 0 : a.to_uint64() >> bounded);
}

#endif
