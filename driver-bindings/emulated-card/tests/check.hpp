#pragma once

#include <cstdio>
#include <exception>
#include <string>

/// A few lines of test harness: each TEST is one PASS or FAIL line, and a failed CHECK ends its test.
namespace check {

struct Failure {
    std::string message;
};

using Test = void (*)();

/// Registers a test; tests run in the order of registration.
struct Registration {
    Registration(const char* name, Test test);
};

/// Runs all tests, prints a line for each and the totals. Returns the number that failed.
int run_all();

[[noreturn]] inline void fail(const char* file, int line, const std::string& message) {
    throw Failure{std::string(file) + ":" + std::to_string(line) + ": " + message};
}

}  // namespace check

#define TEST(name)                                                   \
    static void name();                                              \
    static const check::Registration name##_registered(#name, name); \
    static void name()

#define CHECK(condition)                                 \
    do {                                                 \
        if (!(condition)) {                              \
            check::fail(__FILE__, __LINE__, #condition); \
        }                                                \
    } while (false)

#define CHECK_THROWS(expression)                                            \
    do {                                                                    \
        bool thrown = false;                                                \
        try {                                                               \
            expression;                                                     \
        } catch (const std::exception&) {                                   \
            thrown = true;                                                  \
        }                                                                   \
        if (!thrown) {                                                      \
            check::fail(__FILE__, __LINE__, #expression " does not throw"); \
        }                                                                   \
    } while (false)
