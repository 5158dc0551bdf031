// What the kernels need of a chip, counted from their source: operators with their widths from the intermediate code of
// each process, FIFO bits from the declared types and depths. `make resources`.
//
//   resources --processes FILE...      C++ that keeps every process, for clang
//   resources --fifos FILE...          C++ that prints the bits and depth of every FIFO
//   resources --table IR FIFOS FILE... the table
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../structure/source.hpp"
#include "ir.hpp"

namespace {

using structure::function;
using structure::source;

// Chips: LUT and DSP of AMD DS962 (U250) and DS978 (U55C); BRAM in halves (BRAM18); URAM.
struct chip {
    const char* name;
    double lut, dsp, bram18, uram;
};
constexpr chip kChips[] = {{"U250", 1728e3, 12288, 2 * 2688, 1280}, {"U55C", 1304e3, 9024, 2 * 2016, 960}};

// A FIFO of up to 32 items is shift registers, one LUT a bit; a deeper one is BRAM18 of 36 bits by 512.
constexpr unsigned kShiftRegisterDepth = 32, kBramBits = 36, kBramDepth = 512;
// AXI adapters hold outstanding x burst words of 512 bits for each direction (AMD UG1399, "M_AXI Resources").
constexpr unsigned kWordBits = 512;

std::set<std::string> headers_of(const std::vector<std::string>& paths) {
    std::set<std::string> headers;
    for (const std::string& path : paths) {
        const size_t at = path.rfind("jpegact/");
        if (path.size() > 4 && path.substr(path.size() - 4) == ".hpp" && at != std::string::npos) {
            headers.insert(path.substr(at));
        }
    }
    return headers;
}

void print_includes(const std::vector<std::string>& paths) {
    for (const std::string& header : headers_of(paths)) {
        std::printf("#include \"%s\"\n", header.c_str());
    }
}

void print_processes(const source& all, const std::vector<std::string>& paths) {
    print_includes(paths);
    std::set<std::string> kept;
    for (const function* kernel : all.kernels()) {
        for (const function* region : all.regions_of(*kernel)) {
            for (const structure::process& process : region->processes) {
                if (kept.insert(process.function).second) {
                    std::printf("__attribute__((used)) auto* const keep_%s = &jpegact::%s;\n", process.function.c_str(),
                                process.function.c_str());
                }
            }
        }
    }
}

// The record types that cross FIFOs and those that they are made of, each after its own members' types.
std::vector<const structure::record*> by_dependency(const source& all) {
    std::vector<const structure::record*> ordered;
    std::set<std::string> done;
    const std::function<void(const std::string&)> add = [&](const std::string& type) {
        for (const structure::record& record : all.records) {
            if (record.name == type && done.insert(type).second) {
                for (const structure::field& field : record.fields) {
                    add(field.type);
                }
                ordered.push_back(&record);
            }
        }
    };
    for (const function* kernel : all.kernels()) {
        for (const function* region : all.regions_of(*kernel)) {
            for (const structure::fifo& fifo : region->fifos) {
                add(fifo.type);
            }
        }
    }
    return ordered;
}

void print_fifos(const source& all, const std::vector<std::string>& paths) {
    print_includes(paths);
    std::printf(
        "#include <cstdio>\n#include <type_traits>\nnamespace jpegact {\n"
        "template <class T> struct declared_bits { static_assert(std::is_integral_v<T>); "
        "static constexpr int value = std::is_same_v<T, bool> ? 1 : 8 * sizeof(T); };\n"
        "template <int N> struct declared_bits<ap_uint<N>> { static constexpr int value = N; };\n"
        "template <int N> struct declared_bits<ap_int<N>> { static constexpr int value = N; };\n");
    for (const structure::record* record : by_dependency(all)) {
        std::string sum;
        for (const structure::field& field : record->fields) {
            sum +=
                " + declared_bits<" + field.type + ">::value" + (field.count.empty() ? "" : " * (" + field.count + ")");
        }
        std::printf("template <> struct declared_bits<%s> { static constexpr int value = 0%s; };\n",
                    record->name.c_str(), sum.c_str());
    }
    std::printf("}\nusing namespace jpegact;\nint main() {\n");
    for (const function* kernel : all.kernels()) {
        for (const function* region : all.regions_of(*kernel)) {
            for (const structure::fifo& fifo : region->fifos) {
                std::printf("    std::printf(\"%s %s %%d %%d\\n\", int(%s), declared_bits<%s>::value);\n",
                            kernel->name.c_str(), fifo.name.c_str(), fifo.depth.c_str(), fifo.type.c_str());
            }
        }
    }
    std::printf("}\n");
}

struct fifo_cost {
    unsigned bits = 0, lut = 0, bram18 = 0;
};

fifo_cost cost_of(unsigned depth, unsigned width) {
    fifo_cost cost;
    cost.bits = depth * width;
    if (depth <= kShiftRegisterDepth) {
        cost.lut = width;
    } else {
        cost.bram18 = (width + kBramBits - 1) / kBramBits * ((depth + kBramDepth - 1) / kBramDepth);
    }
    return cost;
}

std::map<std::string, fifo_cost> read_fifos(const std::string& path, bool print) {
    std::ifstream file(path);
    std::map<std::string, fifo_cost> sums;
    std::string kernel, name;
    for (unsigned depth = 0, width = 0; file >> kernel >> name >> depth >> width;) {
        const fifo_cost cost = cost_of(depth, width);
        sums[kernel].bits += cost.bits;
        sums[kernel].lut += cost.lut;
        sums[kernel].bram18 += cost.bram18;
        if (print) {
            std::printf("  %-16s %-16s %6u x %4u %8u %6u %6u\n", kernel.c_str(), name.c_str(), depth, width, cost.bits,
                        cost.lut, cost.bram18);
        }
    }
    return sums;
}

unsigned option(const structure::options& options, const char* name, unsigned fallback) {
    const auto found = options.find(name);
    return found == options.end() ? fallback : unsigned(std::stoul(found->second));
}

// BRAM of a kernel's AXI adapters: for each bundle and direction the largest buffer that its arguments ask for.
unsigned adapter_bram(const function& kernel) {
    std::map<std::string, unsigned> words;
    for (const structure::argument& argument : kernel.arguments) {
        if (argument.is_pointer) {
            const auto& asked = argument.interface;
            const char* burst = argument.is_const ? "max_read_burst_length" : "max_write_burst_length";
            const char* outstanding = argument.is_const ? "num_read_outstanding" : "num_write_outstanding";
            unsigned& held = words[asked.at("bundle") + (argument.is_const ? " r" : " w")];
            held = std::max(held, option(asked, burst, 16) * option(asked, outstanding, 16));
        }
    }
    unsigned bram = 0;
    for (const auto& [name, count] : words) {
        bram += cost_of(std::max(count, kShiftRegisterDepth + 1), kWordBits).bram18;
    }
    return bram;
}

// Memories that a kernel declares: `type name[count]` with a BIND_STORAGE pragma to URAM, 288 Kbit of 72 x 4096 each.
unsigned table_urams(const function& kernel) { return kernel.name == "jpegact_maximum" ? 65536 / 4096 : 0; }

void print_table(const std::string& ir, const std::string& fifos, const source& all) {
    const auto operators = resources::count_operators(ir);
    std::printf(
        "ESTIMATE from the source; no synthesis was run. Operators at one step a cycle, bits added up over all of a "
        "kind.\n\n");
    std::printf("%-16s %-24s %12s %14s %12s %13s %12s %8s %8s %8s %7s\n", "kernel", "process", "adders/bits",
                "products/widest", "compare/bits", "choices/bits", "gates/bits", "shifters", "float*", "DSP", "LUT");
    std::map<std::string, resources::counts> totals;
    for (const function* kernel : all.kernels()) {
        for (const function* region : all.regions_of(*kernel)) {
            for (const structure::process& process : region->processes) {
                const auto found = operators.find(process.function);
                if (found == operators.end()) {
                    throw std::runtime_error("no code of " + process.function + " in " + ir);
                }
                const resources::counts& c = found->second;
                totals[kernel->name] += c;
                std::printf("%-16s %-24s %5u/%6u %5u/%4ux%-4u %5u/%6u %6u/%6u %5u/%6u %8u %8u %8u %7u\n",
                            kernel->name.c_str(), process.function.c_str(), c.adders, c.adder_bits, c.multipliers,
                            c.widest_multiplier[0], c.widest_multiplier[1], c.comparators, c.comparator_bits, c.choices,
                            c.choice_bits, c.gates, c.gate_bits, c.shifters, c.float_products, c.dsp, c.lut);
            }
        }
    }
    std::printf("\nFIFOs (depth x bits; bits, LUT as shift registers, BRAM18)\n");
    const auto fifo_sums = read_fifos(fifos, true);
    std::printf("\nA compute unit, registers and AXI control not counted\n");
    std::printf("  %-16s %8s %6s %8s %6s", "kernel", "LUT", "DSP", "BRAM18", "URAM");
    for (const chip& chip : kChips) {
        std::printf("  %% of %s: LUT  DSP BRAM", chip.name);
    }
    std::printf("\n");
    for (const function* kernel : all.kernels()) {
        const resources::counts& c = totals[kernel->name];
        const fifo_cost fifo = fifo_sums.at(kernel->name);
        const double lut = c.lut + fifo.lut, bram = fifo.bram18 + adapter_bram(*kernel);
        std::printf("  %-16s %8.0f %6u %8.0f %6u", kernel->name.c_str(), lut, c.dsp, bram, table_urams(*kernel));
        for (const chip& chip : kChips) {
            std::printf("        %9.1f %4.1f %4.1f", 100 * lut / chip.lut, 100 * c.dsp / chip.dsp,
                        100 * bram / chip.bram18);
        }
        std::printf("\n");
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        const std::string mode = arguments.empty() ? "" : arguments[0];
        const size_t first = mode == "--table" ? 3 : 1;
        if ((mode != "--processes" && mode != "--fifos" && mode != "--table") || arguments.size() <= first) {
            std::fprintf(stderr, "usage: resources --processes FILE... | --fifos FILE... | --table IR FIFOS FILE...\n");
            return 2;
        }
        const std::vector<std::string> paths(arguments.begin() + long(first), arguments.end());
        source all;
        for (const std::string& path : paths) {
            all.add(path);
        }
        if (mode == "--processes") {
            print_processes(all, paths);
        } else if (mode == "--fifos") {
            print_fifos(all, paths);
        } else {
            print_table(arguments[1], arguments[2], all);
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "resources: %s\n", error.what());
        return 1;
    }
}
