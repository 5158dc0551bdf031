// Prints what the cycle model says of the kernels: `make model`. All of it is a MODEL.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#include "cycles.hpp"
#include "jpegact/constants.hpp"

namespace {

using namespace jpegact;

constexpr uint64_t kBlocks = 1u << 18;  // of one descriptor: 64 MiB of float32
constexpr uint64_t kValuesABlock = 26;  // a stream of about ten to one for float32, masks included

struct setting {
    const char* name;
    // Tags by argument: all in one bank, or a channel for each.
    const char* data;
    const char* masks;
    const char* values;
    const char* index;
    bool over_link;  // the link fills card memory; else the kernels use it themselves
};

const setting kSettings[] = {
    {"U250, a DDR4 bank for data, one for the rest", "DDR[0]", "DDR[1]", "DDR[1]", "DDR[1]", true},
    {"U55C, HBM channels of its own", "HBM[0]", "HBM[1]", "HBM[2]", "HBM[3]", true},
    {"host memory, HOST[0]", "HOST[0]", "HOST[0]", "HOST[0]", "HOST[0]", false},
};

struct type {
    const char* name;
    uint32_t code;
    uint64_t bytes;
};

const type kTypes[] = {{"float32", kTypeFloat32, 4}, {"float16, bfloat16", kTypeFloat16, 2}, {"int8", kTypeInt8, 1}};

model::wiring wiring_of(const setting& s) {
    return {{"descriptors", s.index}, {"results", s.index}, {"scales", s.index}, {"tile_offsets", s.index},
            {"data", s.data},         {"masks", s.masks},   {"values", s.values}};
}

// Two kinds of tensors: an image that is transformed, and the small planes at the end of a network, which are not.
struct tensor {
    const char* name;
    uint32_t method;
    uint64_t side;  // rows and columns of a plane
};

const tensor kTensors[] = {{"jpeg-act, planes of 56x56", kMethodJpegAct, 56},
                           {"sfpr-zvc, planes of 7x7", kMethodSfprZvc, 7}};

model::job job_of(const tensor& tensor, const type& type, uint64_t blocks) {
    model::job job;
    job.method = tensor.method;
    job.element_type = type.code;
    job.block_count = blocks;
    job.blocks_per_row = (tensor.side + kBlockSide - 1) / kBlockSide;
    job.positions_per_scale = tensor.method == kMethodJpegAct ? tensor.side : tensor.side * tensor.side;
    job.scale_count = 64;
    job.value_bytes = blocks * kValuesABlock;
    job.writes_scales = true;
    return job;
}

bool is(const model::kernel& kernel, const char* name) { return std::strcmp(kernel.name, name) == 0; }

// How many units keep the link busy, each with the memory that the setting gives it and the link's own traffic in it.
std::string units_for_link(const setting& setting, const model::kernel& kernel, double bytes, double seconds) {
    if (!setting.over_link) {
        return "its port is the link";
    }
    const double link = is(kernel, "jpegact_decode") ? model::kLinkFromCard : model::kLinkToCard;
    char text[64];
    std::snprintf(text, sizeof text, "%d for %.2f GB/s", int(std::ceil(link * seconds / bytes)), link / 1e9);
    return text;
}

void print_rates(const setting& setting, const tensor& tensor) {
    std::printf("%s; %s\n", setting.name, tensor.name);
    std::printf("  %-16s %-18s %9s %12s %-16s %11s  %s\n", "kernel", "elements", "GB/s a CU", "cycles/block",
                "limited by", "beside link", "CUs that saturate the link");
    for (const model::kernel& kernel : model::kernels()) {
        for (const type& type : kTypes) {
            if (is(kernel, "jpegact_maximum") && type.code == kTypeInt8) {
                continue;
            }
            const model::work work = model::work_of(job_of(tensor, type, kBlocks));
            const model::wiring wiring = wiring_of(setting);
            const auto company = setting.over_link ? model::company::link : model::company::alone;
            const model::estimate alone = model::descriptor_time(kernel, work, wiring, model::kClockHz);
            const model::estimate beside = model::descriptor_time(kernel, work, wiring, model::kClockHz, company);
            const double bytes = double(kBlocks * kBlockValues * type.bytes);
            std::printf("  %-16s %-18s %9.1f %12.2f %-16s %11.1f  %s\n", kernel.name, type.name,
                        bytes / alone.seconds / 1e9, alone.seconds * model::kClockHz / double(kBlocks),
                        alone.limit.c_str(), bytes / beside.seconds / 1e9,
                        units_for_link(setting, kernel, bytes, beside.seconds).c_str());
        }
    }
    std::printf("\n");
}

// What small tensors cost: the fixed part of a descriptor, and of a launch by the host.
void print_fixed(const setting& setting) {
    std::printf("  %-46s", setting.name);
    for (const model::kernel& kernel : model::kernels()) {
        const model::estimate time = model::descriptor_time(kernel, model::work_of(job_of(kTensors[0], kTypes[0], 64)),
                                                            wiring_of(setting), model::kClockHz);
        std::printf(" %10.2f", time.fixed_seconds * 1e6);
    }
    std::printf("\n");
}

}  // namespace

int main() {
    std::printf("MODEL, derived from the kernels' structure; nothing here was measured on hardware.\n");
    std::printf(
        "Kernel clock %.0f MHz, 512-bit ports, %llu blocks, %llu values a block, 64 channels. GB/s are of "
        "elements.\n\n",
        model::kClockHz / 1e6, static_cast<unsigned long long>(kBlocks),
        static_cast<unsigned long long>(kValuesABlock));
    for (const tensor& tensor : kTensors) {
        for (const setting& setting : kSettings) {
            print_rates(setting, tensor);
        }
    }
    std::printf("us that a descriptor costs whatever its size (a launch by the host costs 50 to 100):\n  %-46s", "");
    for (const model::kernel& kernel : model::kernels()) {
        std::printf(" %10s", std::string(kernel.name).substr(8).c_str());
    }
    std::printf("\n");
    for (const setting& setting : kSettings) {
        print_fixed(setting);
    }
    return 0;
}
