// A brace of the source, and what belongs to it.
#ifndef JPEGACT_TOOLS_PRAGMA_LINT_SCOPE_HPP
#define JPEGACT_TOOLS_PRAGMA_LINT_SCOPE_HPP

#include <set>
#include <string>

namespace pragma_lint {

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

}  // namespace pragma_lint

#endif
