// Follows the scopes of one source file and checks its code and pragmas.
#ifndef JPEGACT_TOOLS_PRAGMA_LINT_CHECKER_HPP
#define JPEGACT_TOOLS_PRAGMA_LINT_CHECKER_HPP

#include <cctype>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "banned.hpp"
#include "rules.hpp"
#include "scope.hpp"

namespace pragma_lint {

struct finding {
    int line;
    std::string text;
};

inline std::string lower(std::string text) {
    for (char& c : text) {
        c = char(std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
}

class checker {
  public:
    std::vector<finding> check(const std::string& source) {
        std::istringstream lines(source);
        std::string line;
        while (std::getline(lines, line)) {
            line_++;
            // Strings first, so that a // within one is no comment.
            const std::string code = std::regex_replace(std::regex_replace(line, strings_, "\"\""), comment_, "");
            after_comment_ = is_comment_;
            is_comment_ = std::regex_match(line, whole_comment_);
            std::smatch match;
            if (std::regex_match(code, match, pragma_)) {
                check_pragma(lower(match[1]), match[2]);
            } else if (!std::regex_match(code, directive_)) {
                for (const std::string& why : banned_in(code)) {
                    report(why);
                }
                follow(code);
            }
        }
        return findings_;
    }

  private:
    void report(const std::string& text) { findings_.push_back({line_, text}); }

    // --- code ---------------------------------------------------------------------------------------------------

    // Keeps track of scopes.
    void follow(const std::string& code) {
        for (const char c : code + "\n") {
            if (c == '{') {
                open();
            } else if (c == '}') {
                close();
            } else {
                pending_ += c;
                if (!scopes_.empty()) {
                    scopes_.back().code += c;
                }
                parentheses_ += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (c == ';' && parentheses_ == 0) {
                    pending_.clear();
                }
            }
        }
    }

    void open() {
        static const std::regex loop(R"(\b(for|while|do)\b[^;]*(;[^;]*;[^;]*)?$)");
        static const std::regex declaration(R"(\b(struct|class|union|enum|namespace)\b[^()]*$|extern\s*""\s*$)");
        static const std::regex function(R"(\)\s*(const)?\s*(noexcept)?\s*(:[\s\S]*)?$)");
        scope next{scope::kind::other, pending_};
        next.line = line_;
        if (inside_function()) {
            next.what = std::regex_search(pending_, loop) ? scope::kind::loop : scope::kind::block;
            next.code = scopes_.back().code + pending_;
        } else if (std::regex_search(pending_, declaration)) {
            next.what = scope::kind::other;
        } else if (std::regex_search(pending_, function)) {
            next.what = scope::kind::function;
            next.is_top = pending_.find("extern") != std::string::npos;
            next.is_constant = pending_.find("constexpr") != std::string::npos;
        }
        if (next.what == scope::kind::loop) {
            for (scope& outer : scopes_) {
                outer.has_loop = true;
            }
        }
        scopes_.push_back(next);
        pending_.clear();
        parentheses_ = 0;
    }

    void close() {
        if (scopes_.empty()) {
            report("unbalanced brace");
            return;
        }
        const scope ended = scopes_.back();
        scopes_.pop_back();
        if (ended.is_top) {
            check_top(ended);
        }
        if (ended.what == scope::kind::loop) {
            check_loop(ended);
        } else if (ended.what == scope::kind::function) {
            check_function(ended);
        }
        pending_.clear();
    }

    // A loop has a rate that somebody chose. Vitis unrolls loops below a pipeline whether or not they say so; here they
    // say so, and other compilers then see the same.
    void check_loop(const scope& loop) {
        bool in_pipeline = false;
        for (const scope& outer : scopes_) {
            if (outer.is_constant || outer.is_top) {
                return;  // worked out by the compiler; or it runs regions, which have their rates
            }
            in_pipeline = in_pipeline || outer.has("pipeline");
        }
        if (in_pipeline && !loop.has("unroll")) {
            findings_.push_back({loop.line, "a loop in a pipelined scope without UNROLL"});
        } else if (!loop.has_loop && !loop.has("unroll") && !loop.has("pipeline")) {
            findings_.push_back({loop.line, "an innermost loop without PIPELINE or UNROLL"});
        }
        if (loop.has("pipeline") && loop.has("unroll")) {
            findings_.push_back({loop.line, "PIPELINE and UNROLL on the same loop"});
        }
    }

    // A pipelined function is a module of its own: inlining would dissolve it and its rate with it.
    void check_function(const scope& function) {
        if (function.has("pipeline") && function.has("inline")) {
            findings_.push_back({function.line, "PIPELINE and INLINE on the same function"});
        }
        if (function.has("pipeline") && function.has("dataflow")) {
            findings_.push_back({function.line, "PIPELINE and DATAFLOW on the same function"});
        }
        if (function.has("dataflow") && function.has_loop) {
            findings_.push_back({function.line, "a loop in a dataflow region: only calls and FIFOs are canonical"});
        }
    }

    bool inside_function() const { return !scopes_.empty() && scopes_.back().what != scope::kind::other; }

    // Every argument of a kernel needs its interface; pointers go over m_axi and s_axilite holds their offset.
    void check_top(const scope& top) {
        const size_t from = top.code.find('('), to = top.code.find(')');
        if (from == std::string::npos || to == std::string::npos) {
            return;
        }
        static const std::regex parameter(R"((\w+)\s*(,|$))");
        const std::string list = top.code.substr(from + 1, to - from - 1);
        for (std::sregex_iterator it(list.begin(), list.end(), parameter), end; it != end; ++it) {
            if (top.interfaces.count((*it)[1]) == 0) {
                findings_.push_back({top.line, "argument " + (*it)[1].str() + " has no interface pragma"});
            }
        }
        if (top.interfaces.count("return") == 0) {
            findings_.push_back({top.line, "no interface pragma for return"});
        }
    }

    // --- pragmas ------------------------------------------------------------------------------------------------

    void check_pragma(const std::string& directive, const std::string& rest) {
        std::map<std::string, std::string> options;  // a flag has an empty value
        static const std::regex option(R"((\w+)\s*=\s*([\w.\[\]]+)|(\w+))");
        for (std::sregex_iterator it(rest.begin(), rest.end(), option), end; it != end; ++it) {
            options[lower((*it)[1].matched ? (*it)[1] : (*it)[3])] = (*it)[2];
        }
        const auto obsolete = obsolete_directives().find(directive);
        const auto known = directives().find(directive);
        if (obsolete != obsolete_directives().end()) {
            report(directive + " is obsolete; use " + obsolete->second);
        } else if (directive == "interface") {
            check_interface(options);
        } else if (known == directives().end()) {
            report("unknown directive " + directive);
        } else {
            check_options(directive, known->second, options);
            check_values(directive, options);
            check_place(directive, known->second);
            if (!scopes_.empty() && options.count("off") == 0) {
                scopes_.back().directives.insert(directive);
            }
        }
    }

    // Values and combinations that the tool would take, and mean something else by.
    void check_values(const std::string& directive, const std::map<std::string, std::string>& options) {
        const auto value_of = [&options](const std::string& name) {
            const auto found = options.find(name);
            return found == options.end() ? std::string() : found->second;
        };
        if (directive == "pipeline" && options.count("off") == 0 && value_of("ii").empty()) {
            report("pipeline: the initiation interval is not stated");
        } else if (directive == "loop_tripcount" &&
                   std::atoll(value_of("min").c_str()) > std::atoll(value_of("max").c_str())) {
            report("loop_tripcount: min is above max");
        } else if (directive == "dependence") {
            check_dependence(options, value_of("type"), value_of("dependent"));
        } else if (directive == "stream" && !scopes_.empty() &&
                   std::regex_search(scopes_.back().code,
                                     std::regex("hls::stream<[^;>]*,[^;]*>\\s*" + value_of("variable") + "\\b"))) {
            report("stream: the FIFO's type states its depth already");
        }
    }

    // "No dependence" is a promise that no tool checks: it names what it is about, and the line above says why it
    // holds.
    void check_dependence(const std::map<std::string, std::string>& options, const std::string& type,
                          const std::string& dependent) {
        const bool no_dependence = options.count("false") != 0 || dependent == "false";
        const bool inter = options.count("inter") != 0 || type == "inter";
        const bool intra = options.count("intra") != 0 || type == "intra";
        if (options.count("variable") == 0 && options.count("class") == 0) {
            report("dependence: it names no variable");
        }
        if (inter == intra) {
            report("dependence: either inter or intra");
        }
        if (!no_dependence && options.count("true") == 0 && dependent != "true") {
            report("dependence: neither true nor false");
        }
        if (no_dependence && !after_comment_) {
            report("dependence: false without a comment above it that says why");
        }
    }

    void check_options(const std::string& directive, const rule& rule,
                       const std::map<std::string, std::string>& options) {
        for (const auto& [name, value] : options) {
            if (rule.options.count(name) == 0) {
                report(directive + ": option " + name + " is unknown, the pragma would be dropped");
            }
        }
        for (const std::string& name : rule.required) {
            if (options.count(name) == 0) {
                report(directive + ": option " + name + " is missing");
            }
        }
        const auto variable = options.find(rule.names_variable);
        if (!rule.names_variable.empty() && variable != options.end()) {
            check_name(directive, variable->second);
        }
        if (directive == "array_partition" || directive == "array_reshape") {
            const auto type = options.find("type");
            const bool in_parts = options.count("cyclic") != 0 || options.count("block") != 0 ||
                                  (type != options.end() && type->second != "complete");
            if (in_parts && options.count("factor") == 0) {
                report(directive + ": option factor is missing");
            }
        }
    }

    void check_interface(const std::map<std::string, std::string>& options) {
        std::string mode;
        for (const auto& [name, value] : options) {
            if (value.empty() && interface_modes().count(name) != 0) {
                mode = name;
            }
        }
        if (const auto named = options.find("mode"); named != options.end()) {
            mode = named->second;
        }
        const auto known = interface_modes().find(mode);
        if (known == interface_modes().end()) {
            report("interface: unknown mode");
            return;
        }
        for (const auto& [name, value] : options) {
            if (name != mode && known->second.count(name) == 0) {
                report("interface " + mode + ": option " + name + " is unknown, the pragma would be dropped");
            }
        }
        const auto port = options.find("port");
        if (scopes_.empty() || scopes_.back().what != scope::kind::function) {
            report("interface: only directly in a function");
        } else if (port == options.end()) {
            report("interface: option port is missing");
        } else {
            scopes_.back().interfaces.insert(port->second);
            if (port->second != "return") {
                check_name("interface", port->second);
            }
        }
        const auto offset = options.find("offset");
        if (mode == "m_axi" && (offset == options.end() || offset->second != "slave")) {
            report("interface m_axi: XRT needs offset=slave");
        }
    }

    void check_place(const std::string& directive, const rule& rule) {
        const scope::kind at = scopes_.empty() ? scope::kind::other : scopes_.back().what;
        const bool loop = at == scope::kind::loop, function = at == scope::kind::function;
        const bool good = rule.where == place::loop               ? loop
                          : rule.where == place::function         ? function
                          : rule.where == place::function_or_loop ? loop || function
                                                                  : inside_function();
        if (!good) {
            report(directive + ": not allowed in this place");
        }
    }

    // The variable (before any member access) must have been mentioned in the enclosing function.
    void check_name(const std::string& directive, const std::string& variable) {
        const std::string name = variable.substr(0, variable.find_first_of(".["));
        if (scopes_.empty() || !std::regex_search(scopes_.back().code, std::regex("\\b" + name + "\\b"))) {
            report(directive + ": no variable " + name + " here");
        }
    }

    const std::regex strings_{R"("(\\.|[^"\\])*")"};
    const std::regex comment_{R"(//.*)"};
    const std::regex whole_comment_{R"(\s*//.*)"};
    const std::regex pragma_{R"(\s*#\s*pragma\s+HLS\s+(\w+)(.*))", std::regex::icase};
    const std::regex directive_{R"(\s*#.*)"};

    int line_ = 0;
    bool is_comment_ = false;     // this line
    bool after_comment_ = false;  // the line before it
    int parentheses_ = 0;
    std::string pending_;  // code since the last statement or brace
    std::vector<scope> scopes_;
    std::vector<finding> findings_;
};

}  // namespace pragma_lint

#endif
