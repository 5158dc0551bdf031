#include <ap_int.h>
#include <hls_stream.h>

#include <random>
#include <stdexcept>
#include <vector>

#include "jpegact/networks.hpp"
#include "report.hpp"

namespace testbench {
namespace {

// Ranges of a 512-bit word against a plain array of bits.
void ranges() {
    std::mt19937_64 random(5);
    ap_uint<512> word = 0;
    std::vector<bool> bits(512);
    for (int round = 0; round < 20000; round++) {
        const int length = (round & 1) != 0 ? 8 << (random() % 4) : 1 + int(random() % 64);
        const int low =
            (round & 1) != 0 ? int(random() % ((512 - length) / 8 + 1)) * 8 : int(random() % (513 - length));
        const uint64_t value = random();
        word.range(low + length - 1, low) = ap_uint<64>(value);
        for (int i = 0; i < length; i++) {
            bits[low + i] = (value >> i & 1) != 0;
        }
        const int length_2 = 1 + int(random() % 64), low_2 = int(random() % (513 - length_2));
        uint64_t expected = 0;
        for (int i = 0; i < length_2; i++) {
            expected |= uint64_t(bits[low_2 + i]) << i;
        }
        require(word.range(low_2 + length_2 - 1, low_2).to_uint64() == expected,
                "bits " + std::to_string(low_2 + length_2 - 1) + ".." + std::to_string(low_2));
    }
}

// Widths grow, assignment truncates, signs extend.
void arithmetic() {
    for (int a = 0; a < 64; a++) {
        for (int b = 0; b <= 64; b++) {
            const ap_uint<6> x = a;
            const ap_uint<7> y = b;
            require((x + y).to_int() == a + b, "sum");
            require((x - y).to_int() == a - b, "difference");
            require((x * y).to_int() == a * b, "product");
            require(ap_uint<6>(x + y).to_int() == (a + b) % 64, "truncation");
            require((x < y) == (a < b), "order");
        }
    }
    for (int a = -128; a < 128; a++) {
        const ap_int<8> x = a;
        require(x.to_int() == a, "signed value");
        require(ap_int<16>(x).to_int() == a, "sign extension");
        require((x >> 3).to_int() == a >> 3, "arithmetic shift");
        require((x << 1).to_int() == int8_t(a * 2), "a shift keeps the width");
        require(ap_uint<8>(x).to_int() == (a & 255), "bits as unsigned");
    }
}

// rotate_up for every amount, against an index.
void rotation() {
    jpegact::byte_lanes in;
    for (int i = 0; i < 64; i++) {
        in.lane[i] = uint8_t(i + 1);
    }
    for (int amount = 0; amount < 64; amount++) {
        const jpegact::byte_lanes out = jpegact::rotate_up(in, jpegact::position_t(amount));
        for (int i = 0; i < 64; i++) {
            require(out.lane[(i + amount) % 64] == in.lane[i], "rotation by " + std::to_string(amount));
        }
    }
}

#if defined(JPEGACT_STANDIN_HLS_STREAM_SEQUENTIAL_H)
// Order is kept over growth and reuse, and reading too much is an error instead of a value.
void fifo() {
    hls::stream<int, 2> stream("stream");
    int written = 0, read = 0;
    for (int round = 0; round < 300; round++) {
        for (int i = 0; i < round; i++) {
            stream.write(written++);
        }
        for (int i = 0; i < round / 2; i++) {
            require(stream.read() == read++, "order");
        }
    }
    while (!stream.empty()) {
        require(stream.read() == read++, "order");
    }
    require(read == written, "count");
    bool refused = false;
    try {
        stream.read();
    } catch (const std::runtime_error&) {
        refused = true;
    }
    require(refused, "reading an empty stream must throw");
}
#else
void fifo() { throw skipped("only the sequential stand-in"); }
#endif

}  // namespace

std::vector<test> standin_tests() {
    return {
        {"word_ranges", ranges},
        {"number_arithmetic", arithmetic},
        {"byte_rotation", rotation},
        {"sequential_fifo", fifo},
    };
}

}  // namespace testbench
