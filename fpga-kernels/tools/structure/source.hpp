// What the kernels' source says about its structure, read from its text: functions with their loops and pragmas,
// dataflow regions with their FIFOs and processes, kernels with their arguments and AXI ports. It understands the way
// this project writes kernels, which pragma_lint enforces, not C++ at large.
#ifndef JPEGACT_TOOLS_STRUCTURE_SOURCE_HPP
#define JPEGACT_TOOLS_STRUCTURE_SOURCE_HPP

#include <map>
#include <string>
#include <vector>

namespace structure {

using options = std::map<std::string, std::string>;  // of a pragma, lower case; a flag has an empty value

// A loop that is not unrolled. interval: what its PIPELINE pragma asks for; 0: it has none.
struct loop {
    unsigned interval = 0;
    int nesting = 0;
    int line = 0;
};

struct fifo {
    std::string type;
    std::string depth;  // as written
    std::string name;
};

struct process {
    std::string function;
    std::string arguments;  // as written
};

struct argument {
    std::string type;
    std::string name;
    bool is_pointer = false;
    bool is_const = false;
    options interface;  // m_axi options for pointers
};

struct field {
    std::string type;
    std::string name;
    std::string count;  // of an array, as written; else empty
};

struct function {
    std::string name;
    std::string file;
    std::string returns;
    bool is_kernel = false;
    bool is_region = false;
    unsigned interval = 0;  // of a PIPELINE pragma of the function itself
    std::vector<loop> loops;
    std::vector<fifo> fifos;
    std::vector<process> processes;
    std::vector<argument> arguments;
};

struct record {
    std::string name;
    std::vector<field> fields;
};

struct source {
    std::map<std::string, function> functions;
    std::vector<record> records;

    // Adds a file. Throws std::runtime_error when it cannot be read or understood.
    void add(const std::string& path);

    std::vector<const function*> kernels() const;
    // The regions of a kernel, in the order of their calls.
    std::vector<const function*> regions_of(const function& kernel) const;
};

}  // namespace structure

#endif
