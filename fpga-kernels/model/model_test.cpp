// Tests of the cycle model: that it describes the kernels' source as it is, and cases worked out by hand.
// usage: model_test FILE...   (the kernels' source)
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../tools/structure/source.hpp"
#include "cycles.hpp"
#include "jpegact/constants.hpp"
#include "launch_model.h"

namespace {

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw failure(what);
    }
}

template <class T>
void same(const T& got, const T& expected, const std::string& what) {
    std::ostringstream text;
    text << what << ": the model says " << got << ", expected " << expected;
    require(got == expected, text.str());
}

void close_to(double got, double expected, const std::string& what) {
    std::ostringstream text;
    text << what << ": " << got << ", worked out by hand " << expected;
    require(std::fabs(got - expected) <= 1e-9 * std::fabs(expected), text.str());
}

// --- against the source
// -----------------------------------------------------------------------------------------------

structure::source read_source(const std::vector<std::string>& paths) {
    structure::source source;
    for (const std::string& path : paths) {
        source.add(path);
    }
    return source;
}

void same_loops(const std::vector<model::loop>& modelled, const structure::function& function) {
    std::vector<unsigned> intervals;
    for (const structure::loop& loop : function.loops) {
        if (loop.interval != 0) {
            intervals.push_back(loop.interval);
        }
    }
    same(modelled.size(), intervals.size(), function.name + ": pipelined loops");
    for (size_t i = 0; i < modelled.size(); i++) {
        same(modelled[i].interval, intervals[i], function.name + ": initiation interval");
    }
}

void regions_and_intervals(const structure::source& source) {
    const auto kernels = source.kernels();
    same(model::kernels().size(), kernels.size(), "kernels");
    for (const structure::function* kernel : kernels) {
        const model::kernel* modelled = model::find_kernel(kernel->name.c_str());
        require(modelled != nullptr, kernel->name + " is not in the model");
        const auto regions = source.regions_of(*kernel);
        same(modelled->regions.size(), regions.size(), kernel->name + ": regions");
        for (size_t r = 0; r < regions.size(); r++) {
            const model::region& region = modelled->regions[r];
            same<std::string>(region.name, regions[r]->name, kernel->name + ": region");
            same(region.processes.size(), regions[r]->processes.size(), regions[r]->name + ": processes");
            for (size_t p = 0; p < region.processes.size(); p++) {
                const std::string& function = regions[r]->processes[p].function;
                same<std::string>(region.processes[p].function, function, regions[r]->name + ": process");
                same_loops(region.processes[p].loops, source.functions.at(function));
            }
        }
        same_loops(modelled->own_loops, *kernel);
    }
}

// A step function that is pipelined on its own must keep up with the loops that call it, all of which the model takes
// at one step a cycle.
void steps_keep_up(const structure::source& source) {
    for (const auto& [name, function] : source.functions) {
        require(function.interval <= 1, name + " takes a step only every " + std::to_string(function.interval) +
                                            " cycles, which the model does not know of");
    }
}

unsigned option(const structure::options& options, const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? 0 : unsigned(std::stoul(found->second));
}

void ports(const structure::source& source) {
    for (const structure::function* kernel : source.kernels()) {
        const model::kernel& modelled = *model::find_kernel(kernel->name.c_str());
        same(modelled.arguments.size(), kernel->arguments.size(), kernel->name + ": arguments");
        std::set<std::string> in_model;
        for (size_t i = 0; i < kernel->arguments.size(); i++) {
            same<std::string>(modelled.arguments[i], kernel->arguments[i].name, kernel->name + ": argument");
        }
        for (const model::bundle& bundle : modelled.bundles) {
            unsigned read_burst = 0, read_outstanding = 0, write_burst = 0, write_outstanding = 0;
            for (const structure::argument& argument : kernel->arguments) {
                if (!argument.is_pointer || argument.interface.at("bundle") != bundle.name) {
                    continue;
                }
                // Arguments of a bundle share its adapter: the tool takes the largest of what they ask for.
                read_burst = std::max(read_burst, option(argument.interface, "max_read_burst_length"));
                read_outstanding = std::max(read_outstanding, option(argument.interface, "num_read_outstanding"));
                write_burst = std::max(write_burst, option(argument.interface, "max_write_burst_length"));
                write_outstanding = std::max(write_outstanding, option(argument.interface, "num_write_outstanding"));
                bool found = false;
                for (const model::traffic& traffic : bundle.traffic_of) {
                    if (argument.name == traffic.argument) {
                        found = true;
                        same(traffic.writes, !argument.is_const, kernel->name + "." + argument.name + ": writes");
                    }
                }
                require(found, kernel->name + "." + argument.name + " is not in the model's " + bundle.name);
                in_model.insert(argument.name);
            }
            const std::string name = kernel->name + "." + bundle.name + ": ";
            same(bundle.read_burst, read_burst, name + "max_read_burst_length");
            same(bundle.read_outstanding, read_outstanding, name + "num_read_outstanding");
            same(bundle.write_burst, write_burst, name + "max_write_burst_length");
            same(bundle.write_outstanding, write_outstanding, name + "num_write_outstanding");
        }
        for (const structure::argument& argument : kernel->arguments) {
            require(!argument.is_pointer || in_model.count(argument.name) != 0,
                    kernel->name + "." + argument.name + " is in no bundle of the model");
        }
    }
}

// --- by hand
// ----------------------------------------------------------------------------------------------------------

model::job image(uint32_t type, uint64_t blocks) {
    model::job job;
    job.method = jpegact::kMethodJpegAct;
    job.element_type = type;
    job.block_count = blocks;
    job.blocks_per_row = 7;
    job.positions_per_scale = 56;
    job.scale_count = 64;
    job.value_bytes = blocks * 26;
    return job;
}

void work_by_hand() {
    // 700 blocks of float32, 7 a row: 100 rows of blocks, 800 rows, 14 scales passed of the 16 in the first word.
    const model::work w = model::work_of(image(jpegact::kTypeFloat32, 700));
    same<uint64_t>(w.data_words, 2800, "data words");
    same<uint64_t>(w.mask_words, 88, "mask words");
    same<uint64_t>(w.value_words, 285, "value words");       // 18200 / 64 = 284.4
    same<uint64_t>(w.offset_entries, 12, "offset entries");  // 11 tiles and the total
    same<uint64_t>(w.offset_words, 1, "offset words");
    same<uint64_t>(w.scale_steps, 800, "scale steps");
    same<uint64_t>(w.table_reads, 1, "words of the scale table");
    same<uint64_t>(w.parts, 1400, "half blocks");
    same<uint64_t>(w.updates, 100, "updates, planes of whole rows of blocks");
    // Planes of 14 rows: of 100 rows of blocks, 57 hold the end of a plane (800 / 14).
    model::job small = image(jpegact::kTypeFloat32, 700);
    small.positions_per_scale = 14;
    same<uint64_t>(model::work_of(small).updates, 100 + 7 * 57, "updates, planes that end within rows of blocks");
    // Elements of planes of 49, from the 40th of one: 9, then 130 whole planes, then 21: 132 runs.
    model::job planes = image(jpegact::kTypeBfloat16, 100);
    planes.method = jpegact::kMethodSfprZvc;
    planes.positions_per_scale = 49;
    planes.first_position = 40;
    const model::work p = model::work_of(planes);
    same<uint64_t>(p.scale_sets, 132, "runs");
    same<uint64_t>(p.scale_steps, 132, "steps over runs");
    same<uint64_t>(p.updates, 132, "updates, runs");
    same<uint64_t>(p.parts, 200 + 131, "parts of half blocks");
    same<uint64_t>(p.table_reads, 1 + 8, "words of the scale table, runs");
    same<uint64_t>(p.data_words, 200, "words of bfloat16");
    // Integers: no scales, a word a block.
    const model::work i = model::work_of(image(jpegact::kTypeInt8, 9));
    same<uint64_t>(i.data_words, 9, "words of int8");
    same<uint64_t>(i.scale_steps, 0, "steps of int8");
    same<uint64_t>(i.parts, 9, "parts of int8");
}

model::wiring all_in(const char* tag) {
    model::wiring wiring;
    for (const char* name : {"descriptors", "results", "data", "scales", "masks", "values", "tile_offsets"}) {
        wiring[name] = tag;
    }
    return wiring;
}

// One DDR4 bank of 16 GB/s: the bank is what limits a float32 encoder. 7000 blocks: 28000 words of data, 875 of masks,
// 2844 of values, 7 of offsets (111 entries), 2 of the descriptor, 1 result, and 9 of scales: 8000 rows of 56 pass 142
// scales, 8 times 16. 31738 words of 64 bytes at 16 GB/s.
void encode_on_one_bank() {
    const model::estimate time =
        model::descriptor_time(*model::find_kernel("jpegact_encode"),
                               model::work_of(image(jpegact::kTypeFloat32, 7000)), all_in("DDR[0]"), 300e6);
    same<std::string>(time.limit, "DDR[0]", "limit");
    close_to(time.seconds - time.fixed_seconds, 31738 * 64 / 16e9, "seconds");
}

// The same with a bank for every bundle but data in one that is never the limit: then the port is, at a word a cycle.
void encode_at_the_port() {
    model::wiring banks = all_in("DDR[1]");
    banks["data"] = "DDR[0]";
    // At 100 MHz a word a cycle is 6.4 GB/s, below what the bank gives; 8 bursts of 64 cover 207 ns easily.
    const model::estimate time = model::descriptor_time(
        *model::find_kernel("jpegact_encode"), model::work_of(image(jpegact::kTypeFloat32, 7000)), banks, 100e6);
    close_to(time.seconds - time.fixed_seconds, 28000 / 100e6, "seconds");
}

// Single words of the scale table: 16 outstanding over a latency of 207 ns and a cycle. Planes of one element each of
// 200 channels: 64000 scales for 1000 blocks, 4001 reads.
void scattered_scales() {
    model::job job = image(jpegact::kTypeFloat32, 1000);
    job.method = jpegact::kMethodSfpr;
    job.positions_per_scale = 1;
    job.scale_count = 200;
    job.value_bytes = 64000;
    const model::estimate time =
        model::descriptor_time(*model::find_kernel("jpegact_encode"), model::work_of(job), all_in("DDR[0]"), 300e6);
    // 64000 runs: 2000 halves and 63999 further steps of scale_blocks beat the 64000 of the stepper.
    same<std::string>(time.limit, "scale_blocks", "limit");
    close_to(time.seconds - time.fixed_seconds, (2000 + 63999) / 300e6, "seconds");
    const double reads = 4001 * (207e-9 + 1 / 300e6) / 16;
    require(reads < time.seconds, "the reads are hidden");
}

// The fixed part of encode: descriptor read, result written, first and last access, and the depths added up.
void fixed_part() {
    unsigned depth = 0;
    for (const model::process& process : model::find_kernel("jpegact_encode")->regions[0].processes) {
        depth += process.depth;
    }
    const model::estimate time = model::descriptor_time(
        *model::find_kernel("jpegact_encode"), model::work_of(image(jpegact::kTypeInt8, 1)), all_in("HBM[0]"), 300e6);
    close_to(time.fixed_seconds, 4 * 238e-9 + depth / 300e6, "seconds");
}

// The maximum's table is written after all elements were seen: both parts count.
void maximum_adds_its_table() {
    model::job job = image(jpegact::kTypeFloat32, 7000);
    job.scale_count = 65536;
    job.writes_scales = true;
    const model::kernel& kernel = *model::find_kernel("jpegact_maximum");
    const model::estimate time = model::descriptor_time(kernel, model::work_of(job), all_in("DDR[0]"), 300e6);
    // 65536 cleared and 3 times as many emitted, besides the first region: 28000 data words, 2 descriptor words, 1
    // result and 12288 table words through one bank.
    close_to(time.seconds - time.fixed_seconds, 4 * 65536 / 300e6 + (28000 + 3 + 12288) * 64 / 16e9, "seconds");
    same<std::string>(time.limit, "emit_table", "limit");
}

void set_field(uint64_t* lanes, const jpegact::bit_field& field, uint64_t value) {
    lanes[field.lane] |= value << field.low;
}

// The function that the emulated card calls: sums up its descriptors, and counts refused ones as read only.
void launches() {
    alignas(64) uint64_t descriptors[32] = {}, results[16] = {};
    namespace f = jpegact::descriptor_field;
    set_field(descriptors, f::kMethod, jpegact::kMethodJpegAct);
    set_field(descriptors, f::kElementType, jpegact::kTypeFloat32);
    set_field(descriptors, f::kBlockCount, 7000);
    set_field(descriptors, f::kBlocksPerRow, 7);
    set_field(descriptors, f::kPositionsPerScale, 56);
    set_field(descriptors, f::kScaleCount, 64);
    set_field(results, jpegact::result_field::kValueBytes, 7000 * 26);
    set_field(results + 8, jpegact::result_field::kStatus, jpegact::kStatusBadDescriptor);
    uint64_t arguments[13] = {uint64_t(descriptors), uint64_t(results)};
    const char* banks[13] = {"DDR[0]", "DDR[0]", "DDR[0]", "DDR[0]", "DDR[0]", "DDR[0]", "DDR[0]"};
    arguments[7] = 2;
    jpegact_model_time time;
    same(jpegact_model_launch("jpegact_encode", arguments, banks, 13, &time), 0, "known");
    const model::kernel& kernel = *model::find_kernel("jpegact_encode");
    const model::estimate one = model::descriptor_time(kernel, model::work_of(image(jpegact::kTypeFloat32, 7000)),
                                                       all_in("DDR[0]"), model::kClockHz);
    close_to(time.seconds, one.seconds + model::refusal_seconds(kernel, all_in("DDR[0]")), "seconds");
    same<uint64_t>(time.descriptors, 1, "descriptors");
    same<std::string>(time.limit, "DDR[0]", "limit");
    arguments[7] = 5000;  // refused whole: nothing but the count may be looked at
    same(jpegact_model_launch("jpegact_encode", arguments, banks, 13, &time), 0, "refused launch");
    same<uint64_t>(time.descriptors, 0, "descriptors of a refused launch");
    same(jpegact_model_launch("jpegact_encode", arguments, banks, 12, &time), -1, "too few arguments");
    same(jpegact_model_launch("another", arguments, banks, 13, &time), -1, "unknown kernel");
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> paths(argv + 1, argv + argc);
    int failures = 0;
    const auto run = [&failures](const char* name, const auto& test) {
        try {
            test();
            std::printf("PASS %s\n", name);
        } catch (const std::exception& error) {
            std::printf("FAIL %s %s\n", name, error.what());
            failures++;
        }
    };
    structure::source source;
    run("source_is_understood", [&] {
        source = read_source(paths);
        require(!source.kernels().empty(), "no kernels in " + std::to_string(paths.size()) + " files");
    });
    run("regions_and_intervals", [&] { regions_and_intervals(source); });
    run("steps_keep_up", [&] { steps_keep_up(source); });
    run("ports", [&] { ports(source); });
    run("work_by_hand", work_by_hand);
    run("encode_on_one_bank", encode_on_one_bank);
    run("encode_at_the_port", encode_at_the_port);
    run("scattered_scales", scattered_scales);
    run("fixed_part", fixed_part);
    run("maximum_adds_its_table", maximum_adds_its_table);
    run("launches", launches);
    return failures == 0 ? 0 : 1;
}
