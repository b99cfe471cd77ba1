#include "proxy/shell/log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <cstdio>

#include "metrics/clock.hpp"

namespace halfopen {
namespace {

LogFormat& format_in_use() {
  static LogFormat format = LogFormat::kText;
  return format;
}

LogLevel& lowest_in_use() {
  static LogLevel level = LogLevel::kInfo;
  return level;
}

std::string_view to_text(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

// Quoted where a reader could not tell where the value ends.
std::string quoted(std::string_view value) {
  if (!value.empty() && value.find_first_of(" \"=\n") == std::string_view::npos) {
    return std::string(value);
  }
  return boost::json::serialize(boost::json::value(value));
}

}  // namespace

void set_log_format(LogFormat format) {
  format_in_use() = format;
}

void set_log_level(std::string_view word) {
  std::string lower(word);
  for (char& letter : lower)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  if (lower == "panic" || lower == "fatal" || lower == "error") {
    lowest_in_use() = LogLevel::kError;
  } else if (lower == "warn" || lower == "warning") {
    lowest_in_use() = LogLevel::kWarning;
  } else if (lower == "info" || lower == "debug" || lower == "trace") {
    lowest_in_use() = LogLevel::kInfo;
  }
}

void log_line(LogLevel level, std::string_view message,
              std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  if (level < lowest_in_use()) return;
  std::string line;
  if (format_in_use() == LogFormat::kJson) {
    boost::json::object object{
        {"time", wall_text()}, {"level", to_text(level)}, {"message", message}};
    for (const auto& [key, value] : fields)
      object[key] = value;
    line = boost::json::serialize(object);
  } else {
    line = wall_text() + " level=" + std::string(to_text(level)) + " message=" + quoted(message);
    for (const auto& [key, value] : fields)
      line += " " + std::string(key) + "=" + quoted(value);
  }
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace halfopen
