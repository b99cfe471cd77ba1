#include "node/shell/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "metrics/clock.hpp"

namespace halfopen::node {

class Log::Implementation {
 public:
  Implementation(LogFormat format, std::string node)
      : format_(format),
        node_(std::move(node)),
        logger_("vote-node", std::make_shared<spdlog::sinks::stderr_sink_st>()) {
    logger_.set_pattern(format == LogFormat::kJson ? "%v" : "%H:%M:%S.%e %L " + node_ + "  %v");
    logger_.set_level(spdlog::level::debug);
    logger_.flush_on(spdlog::level::debug);
  }

  void write(spdlog::level::level_enum level, std::string_view name, const std::string& line) {
    if (format_ == LogFormat::kText) return logger_.log(level, "{}", line);
    const boost::json::object object{
        {"wall", wall_text()}, {"level", name}, {"node", node_}, {"message", line}};
    logger_.log(level, "{}", boost::json::serialize(object));
  }

 private:
  LogFormat format_;
  std::string node_;
  spdlog::logger logger_;
};

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
  }
  return "unknown";
}

std::optional<LogLevel> log_level_of(std::string_view name) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn}) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

Log::Log(LogFormat format, std::string node, LogLevel level)
    : level_(level), implementation_(std::make_unique<Implementation>(format, std::move(node))) {}

Log::~Log() = default;

void Log::debug(const std::string& line) {
  if (writes(LogLevel::kDebug)) implementation_->write(spdlog::level::debug, "debug", line);
}

void Log::info(const std::string& line) {
  if (writes(LogLevel::kInfo)) implementation_->write(spdlog::level::info, "info", line);
}

void Log::warn(const std::string& line) {
  implementation_->write(spdlog::level::warn, "warning", line);
}

}  // namespace halfopen::node
