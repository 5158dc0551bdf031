// Checks the kernels' source for what Vitis accepts silently and wrongly, and for what this project bans.
//
//   pragma_lint FILE...            prints one line a finding; exit code 1 when there is any
//   pragma_lint --self-test FILE   FILE holds code in which each line that must be flagged ends in `// flag`
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "pragma_rules.hpp"

namespace pragma_lint {
namespace {

struct finding {
    int line;
    std::string text;
};

std::string lower(std::string text) {
    for (char& c : text) {
        c = char(std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
}

// An opened brace: what kind of scope it is and the code that belongs to it so far, its header included.
struct scope {
    enum class kind { other, function, loop, block } what;
    std::string code;
    bool is_top = false;       // a definition with C linkage: a kernel
    bool is_constant = false;  // a constexpr function
    int line = 0;
    std::set<std::string> interfaces = {};  // ports that have an interface pragma
    std::set<std::string> directives = {};  // those that stand directly in it
    bool has_loop = false;                  // directly or deeper inside

    bool has(const std::string& directive) const { return directives.count(directive) != 0; }
};

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
                check_banned(code);
                follow(code);
            }
        }
        return findings_;
    }

  private:
    void report(const std::string& text) { findings_.push_back({line_, text}); }

    // --- code ---------------------------------------------------------------------------------------------------

    void check_banned(const std::string& code) {
        static const std::vector<std::pair<std::regex, const char*>> banned = {
            {std::regex(R"(\bxor_reduce\b)"), "xor_reduce differs between simulation and hardware"},
            {std::regex(R"([=!<>]=?\s*-\s*1\b)"), "comparison with -1 differs between simulation and hardware"},
            {std::regex(R"(\b(static|thread_local)\s+(?!constexpr\b|const\b|_assert|inline\b)(\w+\b[\s&*]*)+[;={\[])"),
             "state that outlives a launch: kernels must be re-entrant"},
            {std::regex(R"(<<\s*\(?\s*-)"), "shift by a negative amount"},
            {std::regex(R"(\b(new|delete|malloc|free|throw|try|goto|virtual|asm|volatile|typeid)\b)"),
             "not synthesisable"},
            {std::regex(R"(\bstd::(vector|string|map|deque|function|unique_ptr|shared_ptr|thread|mutex)\b)"),
             "not synthesisable"},
            {std::regex(R"(\b(reinterpret_cast|dynamic_cast|const_cast)\b)"), "a pointer cast: no such wire"},
            {std::regex(R"(\b(double|std::(f?ma|sqrt|pow|exp|log|floor|ceil|l?l?rint|nearbyint|round))\b)"),
             "only float32 products and quotients are the same on every path"},
        };
        for (const auto& [pattern, why] : banned) {
            if (std::regex_search(code, pattern)) {
                report(why);
            }
        }
    }

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

std::string read(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

int self_test(const std::string& path) {
    const std::string source = read(path);
    std::set<int> expected, found;
    std::istringstream lines(source);
    std::string line;
    for (int number = 1; std::getline(lines, line); number++) {
        if (line.find("// flag") != std::string::npos) {
            expected.insert(number);
        }
    }
    for (const finding& each : checker().check(source)) {
        found.insert(each.line);
        if (expected.count(each.line) == 0) {
            std::printf("FAIL lint_self_test %s:%d flagged for no reason: %s\n", path.c_str(), each.line,
                        each.text.c_str());
        }
    }
    for (const int number : expected) {
        if (found.count(number) == 0) {
            std::printf("FAIL lint_self_test %s:%d not flagged\n", path.c_str(), number);
        }
    }
    if (found == expected && !expected.empty()) {
        std::printf("PASS lint_self_test\n");
        return 0;
    }
    return 1;
}

int check_files(const std::vector<std::string>& paths) {
    int count = 0;
    for (const std::string& path : paths) {
        for (const finding& each : checker().check(read(path))) {
            std::printf("FAIL lint %s:%d: %s\n", path.c_str(), each.line, each.text.c_str());
            count++;
        }
    }
    if (count == 0) {
        std::printf("PASS lint\n");
    }
    return count == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pragma_lint

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        if (arguments.size() == 2 && arguments[0] == "--self-test") {
            return pragma_lint::self_test(arguments[1]);
        }
        if (!arguments.empty() && arguments[0][0] != '-') {
            return pragma_lint::check_files(arguments);
        }
    } catch (const std::exception& error) {
        std::printf("FAIL lint %s\n", error.what());
        return 1;
    }
    std::fprintf(stderr, "usage: pragma_lint FILE... | pragma_lint --self-test FILE\n");
    return 2;
}
