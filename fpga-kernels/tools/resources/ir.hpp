// Operators of a function, counted in the intermediate code that clang makes of it (LLVM IR, text), with the widths that
// their operands need: a small analysis follows how many bits each value can have from loads, constants and operators.
#ifndef JPEGACT_TOOLS_RESOURCES_IR_HPP
#define JPEGACT_TOOLS_RESOURCES_IR_HPP

#include <map>
#include <string>

namespace resources {

struct counts {
    unsigned adders = 0, adder_bits = 0;
    unsigned multipliers = 0, widest_multiplier[2] = {0, 0};
    unsigned comparators = 0, comparator_bits = 0;
    unsigned choices = 0, choice_bits = 0;    // 2:1
    unsigned gates = 0, gate_bits = 0;        // and, or, xor
    unsigned shifters = 0, shifter_luts = 0;  // by a variable amount
    unsigned float_products = 0, float_quotients = 0, float_conversions = 0;
    unsigned population_bits = 0;  // of population counts
    unsigned dsp = 0, lut = 0;     // estimates, rules in ir.cpp

    counts& operator+=(const counts& other);
};

// The functions of a file of LLVM IR, by the name within namespace jpegact. Throws std::runtime_error when there are none.
std::map<std::string, counts> count_operators(const std::string& path);

}  // namespace resources

#endif
