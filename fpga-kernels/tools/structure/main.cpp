// Prints the structure of the kernels' source as JSON, for tools and tests that are not written in C++.
// usage: structure FILE...
#include <cstdio>
#include <exception>
#include <string>

#include "source.hpp"

namespace {

using namespace structure;

std::string quoted(const std::string& text) { return "\"" + text + "\""; }  // names and types only: nothing to escape

template <class List, class Format>
std::string array(const List& list, const std::string& indent, Format format) {
    std::string text = "[";
    for (const auto& each : list) {
        text += (text.size() > 1 ? ",\n" : "\n") + indent + "  " + format(each);
    }
    return text + (list.empty() ? "]" : "\n" + indent + "]");
}

std::string interface_of(const argument& each) {
    std::string text = "{";
    for (const auto& [name, value] : each.interface) {
        if (name != "port" && !value.empty()) {
            text += (text.size() > 1 ? ", " : "") + quoted(name) + ": " + quoted(value);
        }
    }
    return text + "}";
}

std::string argument_json(const argument& each) {
    return "{\"name\": " + quoted(each.name) + ", \"type\": " + quoted(each.type) +
           ", \"pointer\": " + (each.is_pointer ? "true" : "false") +
           ", \"const\": " + (each.is_const ? "true" : "false") + ", \"interface\": " + interface_of(each) + "}";
}

std::string region_json(const function* region) {
    return "{\"name\": " + quoted(region->name) + ",\n      \"fifos\": " +
           array(region->fifos, "      ",
                 [](const fifo& f) {
                     return "{\"name\": " + quoted(f.name) + ", \"type\": " + quoted(f.type) +
                            ", \"depth\": " + quoted(f.depth) + "}";
                 }) +
           ",\n      \"processes\": " +
           array(region->processes, "      ", [](const process& p) { return quoted(p.function); }) + "}";
}

}  // namespace

int main(int argc, char** argv) {
    try {
        source all;
        for (int i = 1; i < argc; i++) {
            all.add(argv[i]);
        }
        const std::string text = array(all.kernels(), "", [&all](const function* kernel) {
            return "{\"name\": " + quoted(kernel->name) +
                   ",\n    \"arguments\": " + array(kernel->arguments, "    ", argument_json) +
                   ",\n    \"regions\": " + array(all.regions_of(*kernel), "    ", region_json) + "}";
        });
        std::printf("%s\n", text.c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "structure: %s\n", error.what());
        return 1;
    }
}
