#include "log.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace jpegact::card {
namespace {

int configured_level() {
    static const int level = [] {
        const char* text = std::getenv("JPEGACT_CARD_LOG");
        return text != nullptr ? std::atoi(text) : 0;
    }();
    return level;
}

}  // namespace

void log(LogLevel level, const char* format, ...) {
    if (static_cast<int>(level) > configured_level()) {
        return;
    }
    char line[1024] = "emulated card: ";
    const std::size_t prefix = std::strlen(line);
    std::va_list arguments;
    va_start(arguments, format);
    const int written = std::vsnprintf(line + prefix, sizeof line - prefix - 1, format, arguments);
    va_end(arguments);
    const std::size_t length = prefix + std::min<std::size_t>(std::max(written, 0), sizeof line - prefix - 2);
    line[length] = '\n';
    // A log that cannot be written has nowhere to be reported.
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line, length + 1);
}

}  // namespace jpegact::card
