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

#if defined(JPEGACT_STANDIN_HLS_STREAM_COOPERATIVE_H)
// Order is kept while the FIFO wraps and fills; reading what never comes is an error that names the FIFO.
void fifo() {
    constexpr int kCount = 100000;
    int read = 0;
    {
        hls::region region;
        hls::stream<int, 2> stream("numbers");
        region.add([&] {
            for (int i = 0; i < kCount; i++) {
                stream.write(i);
            }
        });
        region.add([&] {
            for (; read < kCount; read++) {
                require(stream.read() == read, "order");
            }
        });
        region.run();
    }
    require(read == kCount, "count");
    std::string message;
    try {
        hls::region region;
        hls::stream<int, 2> stream("never");
        region.add([&] { stream.read(); });
        region.run();
    } catch (const hls::deadlock& error) {
        message = error.what();
    }
    require(message.find("read of empty never") != std::string::npos, "a deadlock must be told: " + message);
    bool refused = false;
    try {
        hls::stream<int, 2> stream("alone");
        stream.read();
    } catch (const std::logic_error&) {
        refused = true;
    }
    require(refused, "reading an empty stream outside of a region must throw");
}

// The first error of a process ends the others, wherever they wait, and reaches the caller.
void failing_process() {
    int unwound = 0;
    struct guard {
        int& count;
        ~guard() { count++; }
    };
    const unsigned long long before = hls::leftover_items();
    bool told = false;
    try {
        hls::region region;
        hls::stream<int, 2> forth("forth"), back("back");
        region.add([&] {
            const guard each{unwound};
            for (int i = 0;; i++) {
                forth.write(i);
            }
        });
        region.add([&] {
            const guard each{unwound};
            back.read();
        });
        region.add([&] {
            const guard each{unwound};
            for (int i = 0; i < 50000; i++) {
                forth.read();
            }
            throw std::runtime_error("as the test wants");
        });
        region.run();
    } catch (const std::runtime_error& error) {
        told = std::string(error.what()) == "as the test wants";
    }
    hls::leftover_items() = before;
    require(told, "the error must reach the caller");
    require(unwound == 3, "every process must unwind");
}
#else
void fifo() { throw skipped("only the cooperative stand-in"); }
void failing_process() { throw skipped("only the cooperative stand-in"); }
#endif

}  // namespace

std::vector<test> standin_tests() {
    return {
        {"word_ranges", ranges},
        {"number_arithmetic", arithmetic},
        {"byte_rotation", rotation},
        {"cooperative_fifo", fifo},
        {"cooperative_failing_process", failing_process},
    };
}

}  // namespace testbench
