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
void log_line(LogLevel level, std::string_view message,
              std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {});

}  // namespace halfopen
