#include "ir.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace resources {
namespace {

// Estimates for UltraScale+ logic: 6-input tables that split into two 5-input ones, carry chains, DSP48E2 of 27 x 18.
// float32: AMD PG060 (floating-point operator) lists about 3 DSP and 100 LUT for a product, some 800 LUT for a
// quotient.
constexpr unsigned kDspOfFloatProduct = 3, kLutOfFloatProduct = 100, kLutOfFloatQuotient = 800, kLutOfConversion = 60;

unsigned half(unsigned bits) { return (bits + 1) / 2; }

unsigned dsp_of_product(unsigned a, unsigned b) {
    const unsigned wide = std::max(a, b), narrow = std::min(a, b);
    return ((wide + 26) / 27) * ((narrow + 17) / 18);
}

// Bits of a constant as a signed number.
unsigned bits_of(long long value) {
    unsigned bits = 1;
    while (value < -(1ll << (bits - 1)) || value > (1ll << (bits - 1)) - 1) {
        bits++;
        if (bits == 64) {
            break;
        }
    }
    return bits;
}

// Digits other than 0 of a constant written with digits -1, 0 and 1: the terms that a product with it adds up.
unsigned signed_digits(long long value) {
    unsigned digits = 0;
    for (unsigned long long rest = value < 0 ? 0ull - static_cast<unsigned long long>(value)
                                             : static_cast<unsigned long long>(value);
         rest != 0; rest >>= 1) {
        if ((rest & 1) != 0) {
            digits++;
            rest = (rest & 2) != 0 ? rest + 1 : rest - 1;
        }
    }
    return digits;
}

unsigned bits_of_type(const std::string& type) {
    return type.size() > 1 && type[0] == 'i' ? unsigned(std::atoi(type.c_str() + 1)) : 64;
}

class function_reader {
  public:
    void line(const std::string& text) {
        static const std::regex assignment(R"(^\s*(%[\w.]+) = (?:tail |notail )?(\w+)\s+(.*)$)");
        std::smatch match;
        if (!std::regex_match(text, match, assignment)) {
            return;
        }
        const std::string name = match[1], operation = match[2], rest = strip(match[3]);
        bound_ = 0;
        width_[name] = evaluate(operation, rest);
        if (bound_ != 0) {
            bounds_[name] = bound_;
        }
    }

    const counts& total() const { return counts_; }

  private:
    // Flags, metadata and attributes say nothing about widths.
    static std::string strip(const std::string& rest) {
        static const std::regex flags(
            R"(\b(nsw|nuw|exact|nneg|fast|nnan|ninf|nsz|samesign|contract|reassoc|arcp|afn)\b\s*)"),
            metadata(R"(,\s*![\w.]+ ![\w]+|,\s*!\w+.*$|,\s*align \d+)");
        return std::regex_replace(std::regex_replace(rest, metadata, ""), flags, "");
    }

    struct operands {
        std::string type;
        std::vector<std::string> names;
    };

    static operands parse(const std::string& rest) {
        operands parsed;
        const size_t space = rest.find(' ');
        parsed.type = rest.substr(0, space);
        std::istringstream list(space == std::string::npos ? std::string() : rest.substr(space + 1));
        for (std::string each; std::getline(list, each, ',');) {
            const size_t from = each.find_first_not_of(' ');
            parsed.names.push_back(from == std::string::npos ? std::string() : each.substr(from));
        }
        return parsed;
    }

    static bool is_constant(const std::string& name) {
        return !name.empty() && (std::isdigit(static_cast<unsigned char>(name[0])) || name[0] == '-');
    }

    unsigned width(const std::string& name, unsigned of_type) const {
        if (is_constant(name)) {
            return std::min(of_type, bits_of(std::atoll(name.c_str())));
        }
        const auto found = width_.find(name);
        return found == width_.end() ? of_type : std::min(found->second, of_type);
    }

    unsigned evaluate(const std::string& operation, const std::string& rest) {
        if (rest.rfind("disjoint ", 0) == 0) {
            // Bits side by side: wiring.
            const operands joined = parse(rest.substr(rest.find(' ') + 1));
            const unsigned bits = bits_of_type(joined.type);
            return std::max(width(joined.names[0], bits), width(joined.names[1], bits));
        }
        const operands args = parse(rest);
        const unsigned type = bits_of_type(args.type);
        const auto operand = [&](size_t i) { return i < args.names.size() ? width(args.names[i], type) : type; };
        const bool constant = args.names.size() > 1 && is_constant(args.names[1]);
        const unsigned amount = constant ? unsigned(std::atoi(args.names[1].c_str())) : 0;
        if (operation == "add" || operation == "sub") {
            return adder(std::min(type, std::max(operand(0), operand(1)) + 1));
        }
        if (operation == "mul") {
            if (constant && signed_digits(std::atoll(args.names[1].c_str())) <= 2) {
                // A shift and an adder, like 255 = 256 - 1.
                return adder(std::min(type, operand(0) + operand(1)));
            }
            return product(operand(0), operand(1), type);
        }
        if (operation == "and" || operation == "or" || operation == "xor") {
            return gate(operation, operand(0), operand(1), constant, type);
        }
        if (operation == "shl" || operation == "lshr" || operation == "ashr") {
            return shift(operation, operand(0), operand(1), constant, amount, type);
        }
        if (operation == "icmp") {
            // icmp PREDICATE TYPE a, b
            const operands compared = parse(rest.substr(rest.find(' ') + 1));
            const unsigned bits = bits_of_type(compared.type);
            const unsigned widest = std::max(width(compared.names[0], bits), width(compared.names[1], bits));
            counts_.comparators++;
            counts_.comparator_bits += widest;
            counts_.lut += half(widest);
            return 1;
        }
        if (operation == "select") {
            return choice(rest);
        }
        if (operation == "sext" || operation == "zext" || operation == "trunc") {
            return conversion(operation, rest);
        }
        return other(operation, rest, type);
    }

    unsigned adder(unsigned bits) {
        counts_.adders++;
        counts_.adder_bits += bits;
        counts_.lut += bits;
        return bits;
    }

    unsigned product(unsigned a, unsigned b, unsigned type) {
        counts_.multipliers++;
        counts_.widest_multiplier[0] = std::max(counts_.widest_multiplier[0], std::max(a, b));
        counts_.widest_multiplier[1] = std::max(counts_.widest_multiplier[1], std::min(a, b));
        counts_.dsp += dsp_of_product(a, b);
        return std::min(type, a + b);
    }

    unsigned gate(const std::string& operation, unsigned a, unsigned b, bool constant, unsigned type) {
        // A constant mask is wiring; so is an or that puts bits side by side, but that cannot be told here.
        const unsigned bits = operation == "and" && constant ? std::min(type, b) : std::max(a, b);
        if (!constant) {
            counts_.gates++;
            counts_.gate_bits += bits;
            counts_.lut += half(bits);
        }
        return bits;
    }

    unsigned shift(const std::string& operation, unsigned value, unsigned by, bool constant, unsigned amount,
                   unsigned type) {
        if (constant) {
            return operation == "shl"    ? std::min(type, value + amount)
                   : operation == "ashr" ? std::max(1u, value > amount ? value - amount : 1u)
                                         : std::max(1u, type > amount ? type - amount : 1u);
        }
        // 4:1 choices, two bits of the amount a level.
        unsigned levels = 1;
        while ((1u << levels) < type) {
            levels++;
        }
        const unsigned luts = type * half(std::min(levels, by));
        counts_.shifters++;
        counts_.shifter_luts += luts;
        counts_.lut += luts;
        return type;
    }

    unsigned choice(const std::string& rest) {
        // select i1 c, TYPE a, TYPE b
        static const std::regex form(R"(i1 [^,]+, (\S+) ([^,]+), (\S+) (.+))");
        std::smatch match;
        if (!std::regex_match(rest, match, form)) {
            return 64;
        }
        const unsigned type = match[1] == "float" ? 32 : bits_of_type(match[1]);
        const unsigned bits = std::max(width(match[2], type), width(match[4], type));
        counts_.choices++;
        counts_.choice_bits += bits;
        counts_.lut += half(bits);
        return bits;
    }

    unsigned conversion(const std::string& operation, const std::string& rest) {
        static const std::regex form(R"((\S+) (\S+) to (\S+))");
        std::smatch match;
        if (!std::regex_match(rest, match, form)) {
            return 64;
        }
        const unsigned from = bits_of_type(match[1]), to = bits_of_type(match[3]);
        const unsigned bits = width(match[2], from);
        return operation == "zext" ? std::min(to, bits < from ? bits : bits + 1) : std::min(to, bits);
    }

    unsigned other(const std::string& operation, const std::string& rest, unsigned type) {
        if (operation == "fmul") {
            counts_.float_products++;
            counts_.dsp += kDspOfFloatProduct;
            counts_.lut += kLutOfFloatProduct;
        } else if (operation == "fdiv") {
            counts_.float_quotients++;
            counts_.lut += kLutOfFloatQuotient;
        } else if (operation == "sitofp" || operation == "uitofp") {
            counts_.float_conversions++;
            counts_.lut += kLutOfConversion;
        } else if (operation == "call") {
            return call(rest, type);
        }
        return type;
    }

    // Intrinsics that LLVM recognises in plain code.
    unsigned call(const std::string& rest, unsigned type) {
        static const std::regex intrinsic(R"((?:.* )?i(\d+) @llvm\.(\w+)\.i\d+\(.*)");
        std::smatch match;
        if (!std::regex_match(rest, match, intrinsic)) {
            return type;
        }
        const unsigned bits = unsigned(std::stoul(match[1]));
        const std::string name = match[2];
        if (name == "ctpop") {
            counts_.population_bits += bits;
            counts_.lut += bits;
            return 8;
        }
        if (name == "smax" || name == "smin" || name == "umax" || name == "umin" || name == "abs") {
            counts_.comparators++;
            counts_.comparator_bits += bits;
            counts_.choices++;
            counts_.choice_bits += bits;
            counts_.lut += bits;
            return clamped(rest, bits);
        }
        if (name == "fshl" || name == "fshr") {
            return bits;  // by a constant: wiring
        }
        return bits;
    }

    // A maximum and a minimum with constants, one around the other, bound a value from both sides.
    unsigned clamped(const std::string& rest, unsigned type) {
        static const std::regex form(R"(.*\(\w+ (?:range\(.*?\) )?([^,]+), \w+ (?:range\(.*?\) )?([^,)]+)\).*)");
        std::smatch match;
        if (!std::regex_match(rest, match, form) || !is_constant(match[2])) {
            return type;
        }
        bound_ = bits_of(std::atoll(match[2].str().c_str()));
        const auto outer = bounds_.find(match[1]);
        return outer == bounds_.end() ? width(match[1], type) : std::max(outer->second, bound_);
    }

    std::map<std::string, unsigned> width_;
    std::map<std::string, unsigned> bounds_;  // values that a constant bounds from one side
    unsigned bound_ = 0;                      // of the value that is being looked at
    counts counts_;
};

}  // namespace

counts& counts::operator+=(const counts& other) {
    adders += other.adders, adder_bits += other.adder_bits;
    multipliers += other.multipliers;
    widest_multiplier[0] = std::max(widest_multiplier[0], other.widest_multiplier[0]);
    widest_multiplier[1] = std::max(widest_multiplier[1], other.widest_multiplier[1]);
    comparators += other.comparators, comparator_bits += other.comparator_bits;
    choices += other.choices, choice_bits += other.choice_bits;
    gates += other.gates, gate_bits += other.gate_bits;
    shifters += other.shifters, shifter_luts += other.shifter_luts;
    float_products += other.float_products, float_quotients += other.float_quotients;
    float_conversions += other.float_conversions;
    population_bits += other.population_bits;
    dsp += other.dsp, lut += other.lut;
    return *this;
}

std::map<std::string, counts> count_operators(const std::string& path) {
    std::ifstream file(path);
    static const std::regex start(R"(^define .*@_ZN7jpegact(\d+)(\w+)\(.*)");
    std::map<std::string, counts> all;
    std::string line, name;
    function_reader reader;
    while (std::getline(file, line)) {
        std::smatch match;
        if (std::regex_search(line, match, start)) {
            name = match[2].str().substr(0, std::stoul(match[1]));
            reader = function_reader();
        } else if (line == "}" && !name.empty()) {
            all[name] = reader.total();
            name.clear();
        } else if (!name.empty()) {
            reader.line(line);
        }
    }
    if (all.empty()) {
        throw std::runtime_error("no functions in " + path);
    }
    return all;
}

}  // namespace resources
