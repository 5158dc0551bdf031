#pragma once

namespace jpegact::card {

/// What a line needs to be printed, against the level in JPEGACT_CARD_LOG.
enum class LogLevel { error = 0, event = 1, trace = 2 };

/// Writes one line to standard error, prefixed with "emulated card: ". Thread-safe: a line is one write.
[[gnu::format(printf, 2, 3)]] void log(LogLevel level, const char* format, ...);

}  // namespace jpegact::card
