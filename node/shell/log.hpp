// Lines for a person, on stderr; as text or as JSON. (spdlog, kept behind this header.)
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace halfopen::node {

enum class LogFormat : std::uint8_t { kText, kJson };
enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn };
[[nodiscard]] std::string_view name_of(LogLevel level);
[[nodiscard]] std::optional<LogLevel> log_level_of(std::string_view name);

class Log {
 public:
  Log(LogFormat format, std::string node, LogLevel level = LogLevel::kInfo);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // To ask before an expensive line is made.
  [[nodiscard]] bool writes(LogLevel level) const { return level >= level_; }
  void debug(const std::string& line);
  void info(const std::string& line);
  void warn(const std::string& line);

 private:
  class Implementation;
  LogLevel level_;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace halfopen::node
