// What the kernels' code must not contain.
#ifndef JPEGACT_TOOLS_PRAGMA_LINT_BANNED_HPP
#define JPEGACT_TOOLS_PRAGMA_LINT_BANNED_HPP

#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace pragma_lint {

// Why a line of code is banned, one text for each reason.
inline std::vector<std::string> banned_in(const std::string& code) {
    static const std::vector<std::pair<std::regex, const char*>> banned = {
        {std::regex(R"(\bxor_reduce\b)"), "xor_reduce differs between simulation and hardware"},
        {std::regex(R"([=!<>]=?\s*-\s*1\b)"), "comparison with -1 differs between simulation and hardware"},
        {std::regex(R"(\b(static|thread_local)\s+(?!constexpr\b|const\b|_assert|inline\b)(\w+\b[\s&*]*)+[;={\[])"),
         "state that outlives a launch: kernels must be re-entrant"},
        {std::regex(R"(<<\s*\(?\s*-)"), "shift by a negative amount"},
        {std::regex(R"(\b(new|delete|malloc|free|throw|try|goto|virtual|asm|volatile|typeid)\b)"), "not synthesisable"},
        {std::regex(R"(\bstd::(vector|string|map|deque|function|unique_ptr|shared_ptr|thread|mutex)\b)"),
         "not synthesisable"},
        {std::regex(R"(\b(reinterpret_cast|dynamic_cast|const_cast)\b)"), "a pointer cast: no such wire"},
        {std::regex(R"(\b(double|std::(f?ma|sqrt|pow|exp|log|floor|ceil|l?l?rint|nearbyint|round))\b)"),
         "only float32 products and quotients are the same on every path"},
    };
    std::vector<std::string> reasons;
    for (const auto& [pattern, why] : banned) {
        if (std::regex_search(code, pattern)) {
            reasons.push_back(why);
        }
    }
    return reasons;
}

}  // namespace pragma_lint

#endif
