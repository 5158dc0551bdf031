// Many random and adversarial blocks through every mode: method, element type, rounding or clamping.
#include <cstdlib>
#include <vector>

#include "launch.hpp"
#include "report.hpp"

// g++ defines a macro, clang has a question.
#if defined(__SANITIZE_ADDRESS__)
#define JPEGACT_SANITISED 1
#elif defined(__has_feature)
#define JPEGACT_SANITISED __has_feature(address_sanitizer)
#else
#define JPEGACT_SANITISED 0
#endif

namespace testbench {
namespace {

// Launches of up to 2000 blocks in a few descriptors each, until a mode has had its blocks.
template <class Add>
void run_mode(uint64_t seed, golden::method method, golden::type type, Add add_and_run) {
    random_source random(seed);
    for (size_t left = blocks_per_mode(); left != 0;) {
        const uint32_t count = uint32_t(std::min<size_t>(left, 1 + below(random, 2000)));
        add_and_run(random, random_task(random, method, type, count));
        left -= count;
    }
}

template <golden::method METHOD, golden::type TYPE>
void encode_mode() {
    for (const bool truncate : {false, true}) {
        if (truncate && METHOD != golden::method::jpeg_act) {
            break;
        }
        run_mode(100 + uint64_t(TYPE), METHOD, TYPE, [&](random_source& random, golden::task what) {
            what.truncate = truncate;
            const std::vector<float> scales = random_encode_scales(random, what);
            check_encode(what, random_data(random, what, scales), scales, "volume");
        });
    }
}

template <golden::method METHOD, golden::type TYPE>
void decode_mode() {
    for (const bool non_negative : {false, true}) {
        if (non_negative && METHOD != golden::method::jpeg_act) {
            break;
        }
        run_mode(200 + uint64_t(TYPE), METHOD, TYPE, [&](random_source& random, golden::task what) {
            what.non_negative = non_negative;
            const std::vector<uint64_t> masks = random_masks(random, what, below(random, 65));
            check_decode(what, masks, random_values(random, what, masks), random_decode_scales(random, what), "volume");
        });
    }
}

template <golden::method METHOD, golden::type TYPE>
void maximum_mode() {
    run_mode(300 + uint64_t(TYPE), METHOD, TYPE, [&](random_source& random, const golden::task& what) {
        maximum_launch launch;
        maximum_options options;
        options.write_scales = true;
        launch.add(what, random_data(random, what, random_encode_scales(random, what)), options);
        launch.run("volume");
    });
}

}  // namespace

size_t blocks_per_mode() {
    if (const char* const wanted = std::getenv("JPEGACT_TEST_BLOCKS")) {
        return size_t(std::strtoull(wanted, nullptr, 10));
    }
#if defined(JPEGACT_THREADED_REGIONS)
    return 500;
#elif JPEGACT_SANITISED
    return 2000;
#elif !defined(JPEGACT_STANDIN_AP_INT_H)
    return 10000;  // the vendor's numbers are slow
#else
    return 100000;
#endif
}

std::vector<test> volume_tests() {
    using golden::method;
    using golden::type;
    return {
        {"volume_encode_jpeg_act_float32", encode_mode<method::jpeg_act, type::float32>},
        {"volume_encode_jpeg_act_float16", encode_mode<method::jpeg_act, type::float16>},
        {"volume_encode_jpeg_act_bfloat16", encode_mode<method::jpeg_act, type::bfloat16>},
        {"volume_encode_jpeg_act_int8", encode_mode<method::jpeg_act, type::int8>},
        {"volume_encode_sfpr_float32", encode_mode<method::sfpr, type::float32>},
        {"volume_encode_sfpr_float16", encode_mode<method::sfpr, type::float16>},
        {"volume_encode_sfpr_bfloat16", encode_mode<method::sfpr, type::bfloat16>},
        {"volume_encode_sfpr_int8", encode_mode<method::sfpr, type::int8>},
        {"volume_encode_sfpr_zvc_float32", encode_mode<method::sfpr_zvc, type::float32>},
        {"volume_encode_sfpr_zvc_float16", encode_mode<method::sfpr_zvc, type::float16>},
        {"volume_encode_sfpr_zvc_bfloat16", encode_mode<method::sfpr_zvc, type::bfloat16>},
        {"volume_encode_sfpr_zvc_int8", encode_mode<method::sfpr_zvc, type::int8>},
        {"volume_encode_brc_float32", encode_mode<method::brc, type::float32>},
        {"volume_encode_brc_float16", encode_mode<method::brc, type::float16>},
        {"volume_encode_brc_bfloat16", encode_mode<method::brc, type::bfloat16>},
        {"volume_encode_brc_int8", encode_mode<method::brc, type::int8>},
        {"volume_decode_jpeg_act_float32", decode_mode<method::jpeg_act, type::float32>},
        {"volume_decode_jpeg_act_float16", decode_mode<method::jpeg_act, type::float16>},
        {"volume_decode_jpeg_act_bfloat16", decode_mode<method::jpeg_act, type::bfloat16>},
        {"volume_decode_jpeg_act_int8", decode_mode<method::jpeg_act, type::int8>},
        {"volume_decode_sfpr_float32", decode_mode<method::sfpr, type::float32>},
        {"volume_decode_sfpr_float16", decode_mode<method::sfpr, type::float16>},
        {"volume_decode_sfpr_bfloat16", decode_mode<method::sfpr, type::bfloat16>},
        {"volume_decode_sfpr_int8", decode_mode<method::sfpr, type::int8>},
        {"volume_decode_sfpr_zvc_float32", decode_mode<method::sfpr_zvc, type::float32>},
        {"volume_decode_sfpr_zvc_float16", decode_mode<method::sfpr_zvc, type::float16>},
        {"volume_decode_sfpr_zvc_bfloat16", decode_mode<method::sfpr_zvc, type::bfloat16>},
        {"volume_decode_sfpr_zvc_int8", decode_mode<method::sfpr_zvc, type::int8>},
        {"volume_decode_brc_float32", decode_mode<method::brc, type::float32>},
        {"volume_decode_brc_float16", decode_mode<method::brc, type::float16>},
        {"volume_decode_brc_bfloat16", decode_mode<method::brc, type::bfloat16>},
        {"volume_decode_brc_int8", decode_mode<method::brc, type::int8>},
        {"volume_maximum_jpeg_act_float32", maximum_mode<method::jpeg_act, type::float32>},
        {"volume_maximum_jpeg_act_float16", maximum_mode<method::jpeg_act, type::float16>},
        {"volume_maximum_jpeg_act_bfloat16", maximum_mode<method::jpeg_act, type::bfloat16>},
        {"volume_maximum_sfpr_float32", maximum_mode<method::sfpr, type::float32>},
        {"volume_maximum_sfpr_float16", maximum_mode<method::sfpr, type::float16>},
        {"volume_maximum_sfpr_bfloat16", maximum_mode<method::sfpr, type::bfloat16>},
    };
}

}  // namespace testbench
