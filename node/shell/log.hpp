// Lines for a person, on stderr; as text or as JSON. (spdlog, kept behind this header.)
#pragma once

#include <memory>
#include <string>

namespace halfopen::node {

enum class LogFormat { kText, kJson };

class Log {
 public:
  Log(LogFormat format, std::string node);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void info(const std::string& line);
  void warn(const std::string& line);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace halfopen::node
