// The program's log on stderr: one line a message, as `key=value` text or as JSON.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace halfopen {

enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

void set_log_format(LogFormat format);
// Toxiproxy's words, in any case: panic, fatal, error, warn(ing), info, debug, trace. An unknown
// one changes nothing.
void set_log_level(std::string_view word);
void log_line(LogLevel level, std::string_view message,
              std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {});

}  // namespace halfopen
