#include "launch_model.h"

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "cycles.hpp"
#include "jpegact/constants.hpp"

namespace {

using namespace jpegact;

uint64_t field(const unsigned char* words, const bit_field& where) {
    uint64_t lane = 0;
    std::memcpy(&lane, words + 8 * where.lane, sizeof lane);
    return (lane >> where.low) & (~uint64_t(0) >> (64 - where.bits));
}

model::job job_of(const unsigned char* descriptor, uint64_t value_bytes) {
    namespace f = descriptor_field;
    model::job job;
    job.method = uint32_t(field(descriptor, f::kMethod));
    job.element_type = uint32_t(field(descriptor, f::kElementType));
    job.block_count = field(descriptor, f::kBlockCount);
    job.blocks_per_row = field(descriptor, f::kBlocksPerRow);
    job.first_column = field(descriptor, f::kFirstColumn);
    job.positions_per_scale = field(descriptor, f::kPositionsPerScale);
    job.first_position = field(descriptor, f::kFirstPosition);
    job.scale_count = field(descriptor, f::kScaleCount);
    job.value_bytes = value_bytes;
    job.writes_scales = (field(descriptor, f::kFlags) & kFlagWriteScales) != 0;
    job.continues = (field(descriptor, f::kFlags) & kFlagContinue) != 0;
    return job;
}

// Where an argument stands; -1 when the kernel has none of this name.
int index_of(const model::kernel& kernel, const char* name) {
    for (size_t i = 0; i < kernel.arguments.size(); i++) {
        if (std::strcmp(kernel.arguments[i], name) == 0) {
            return int(i);
        }
    }
    return -1;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int jpegact_model_launch(const char* name, const uint64_t* arguments,
                                                                           const char* const* banks,
                                                                           uint32_t argument_count,
                                                                           jpegact_model_time* time) {
    const model::kernel* kernel = model::find_kernel(name);
    if (kernel == nullptr || argument_count != kernel->arguments.size()) {
        return -1;
    }
    model::wiring wiring;
    for (uint32_t i = 0; i < argument_count; i++) {
        if (banks[i] != nullptr) {
            wiring[kernel->arguments[i]] = banks[i];
        }
    }
    const auto* descriptors = reinterpret_cast<const unsigned char*>(arguments[index_of(*kernel, "descriptors")]);
    const auto* results = reinterpret_cast<const unsigned char*>(arguments[index_of(*kernel, "results")]);
    const uint64_t count = uint32_t(arguments[index_of(*kernel, "descriptor_count")]);
    *time = jpegact_model_time{};
    if (count == 0 || count > kMaxDescriptors) {
        time->seconds = time->fixed_seconds = model::refusal_seconds(*kernel, wiring);
        return 0;
    }
    std::map<std::string, double> waited;
    for (uint64_t i = 0; i < count; i++) {
        const unsigned char* descriptor = descriptors + i * kDescriptorWords * kWordBytes;
        const unsigned char* result = results + i * kResultWords * kWordBytes;
        if ((field(result, result_field::kStatus) & kStatusBadDescriptor) != 0) {
            const double seconds = model::refusal_seconds(*kernel, wiring);
            time->seconds += seconds;
            time->fixed_seconds += seconds;
            continue;
        }
        const uint64_t bytes = std::strcmp(name, "jpegact_decode") == 0
                                   ? field(descriptor, descriptor_field::kValueBytes)
                                   : field(result, result_field::kValueBytes);
        const model::estimate one =
            model::descriptor_time(*kernel, model::work_of(job_of(descriptor, bytes)), wiring, model::kClockHz);
        time->seconds += one.seconds;
        time->fixed_seconds += one.fixed_seconds;
        time->descriptors++;
        waited[one.limit] += one.seconds - one.fixed_seconds;
    }
    double most = 0;
    for (const auto& [limit, seconds] : waited) {
        if (seconds > most) {
            most = seconds;
            std::snprintf(time->limit, sizeof time->limit, "%s", limit.c_str());
        }
    }
    return 0;
}
