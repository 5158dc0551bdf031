// The HLS pragmas and option names that the Vitis front end accepts (UG1399). Vitis only warns about an unknown option
// and then drops the whole pragma, which silently costs throughput or FIFO depth: hence this list.
#ifndef JPEGACT_TOOLS_PRAGMA_LINT_RULES_HPP
#define JPEGACT_TOOLS_PRAGMA_LINT_RULES_HPP

#include <map>
#include <set>
#include <string>

namespace pragma_lint {

using names = std::set<std::string>;

enum class place { anywhere_in_function, loop, function_or_loop, function };

struct rule {
    names options;
    names required;
    place where = place::anywhere_in_function;
    // The option whose value names a variable of the enclosing function, or nothing.
    std::string names_variable;
};

inline const std::map<std::string, rule>& directives() {
    static const std::map<std::string, rule> all = {
        {"dataflow", {{"disable_start_propagation"}, {}, place::function_or_loop, ""}},
        {"pipeline", {{"ii", "rewind", "off", "style"}, {}, place::function_or_loop, ""}},
        {"unroll", {{"factor", "skip_exit_check", "off"}, {}, place::loop, ""}},
        {"loop_flatten", {{"off"}, {}, place::loop, ""}},
        {"loop_merge", {{"force"}, {}, place::function_or_loop, ""}},
        {"loop_tripcount", {{"min", "max", "avg"}, {"max"}, place::loop, ""}},
        {"inline", {{"off", "recursive"}, {}, place::function, ""}},
        {"array_partition",
         {{"variable", "factor", "dim", "cyclic", "block", "complete", "type"},
          {"variable"},
          place::anywhere_in_function,
          "variable"}},
        {"array_reshape",
         {{"variable", "factor", "dim", "cyclic", "block", "complete", "type", "object"},
          {"variable"},
          place::anywhere_in_function,
          "variable"}},
        {"stream", {{"variable", "depth", "type"}, {"variable"}, place::anywhere_in_function, "variable"}},
        {"latency", {{"min", "max"}, {}, place::anywhere_in_function, ""}},
        {"dependence",
         {{"variable", "class", "type", "direction", "distance", "dependent", "inter", "intra", "true", "false", "raw",
           "war", "waw", "pointer", "array"},
          {},
          place::anywhere_in_function,
          "variable"}},
        {"bind_storage",
         {{"variable", "type", "impl", "latency"}, {"variable"}, place::anywhere_in_function, "variable"}},
        {"bind_op",
         {{"variable", "op", "impl", "latency"}, {"variable", "op"}, place::anywhere_in_function, "variable"}},
        {"allocation", {{"function", "operation", "instances", "limit"}, {}, place::anywhere_in_function, ""}},
        {"aggregate", {{"variable", "compact"}, {"variable"}, place::anywhere_in_function, "variable"}},
        {"disaggregate", {{"variable"}, {"variable"}, place::anywhere_in_function, "variable"}},
        {"stable", {{"variable"}, {"variable"}, place::anywhere_in_function, "variable"}},
        {"reset", {{"variable", "off"}, {"variable"}, place::anywhere_in_function, "variable"}},
        {"expression_balance", {{"off"}, {}, place::anywhere_in_function, ""}},
        {"performance", {{"target_ti", "target_tl", "assume_ti_hint", "unit"}, {}, place::function_or_loop, ""}},
        {"function_instantiate", {{"variable"}, {"variable"}, place::function, "variable"}},
        {"alias", {{"ports", "distance", "offset"}, {}, place::function, ""}},
        {"cache", {{"port", "lines", "depth"}, {"port"}, place::function, "port"}},
        {"occurrence", {{"cycle"}, {}, place::anywhere_in_function, ""}},
        {"protocol", {{"mode", "floating", "fixed"}, {}, place::anywhere_in_function, ""}},
        {"top", {{"name"}, {}, place::function, ""}},
    };
    return all;
}

// Options of `#pragma HLS INTERFACE <mode>`.
inline const std::map<std::string, names>& interface_modes() {
    static const std::map<std::string, names> all = {
        {"m_axi",
         {"port", "bundle", "depth", "offset", "name", "num_read_outstanding", "num_write_outstanding",
          "max_read_burst_length", "max_write_burst_length", "latency", "max_widen_bitwidth", "mode", "channel"}},
        {"s_axilite", {"port", "bundle", "register", "offset", "clock", "name", "storage_impl", "mode"}},
        {"axis", {"port", "register", "register_mode", "depth", "name", "mode"}},
        {"ap_fifo", {"port", "register", "depth", "name", "mode"}},
        {"ap_none", {"port", "register", "name", "mode"}},
        {"ap_memory", {"port", "depth", "latency", "storage_type", "name", "mode"}},
        {"bram", {"port", "depth", "latency", "storage_type", "name", "mode"}},
        {"ap_ctrl_hs", {"port", "name", "mode"}},
        {"ap_ctrl_chain", {"port", "name", "mode"}},
        {"ap_ctrl_none", {"port", "name", "mode"}},
    };
    return all;
}

// Directives that newer tools have dropped, and what replaces them.
inline const std::map<std::string, std::string>& obsolete_directives() {
    static const std::map<std::string, std::string> all = {{"resource", "bind_op or bind_storage"},
                                                           {"data_pack", "aggregate"},
                                                           {"clock", "nothing"},
                                                           {"array_map", "nothing"}};
    return all;
}

}  // namespace pragma_lint

#endif
