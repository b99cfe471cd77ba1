// A program under test. It is killed, by its own process id, when this object goes or this process
// dies.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace halfopen::test {

class ChildProcess {
 public:
  // arguments[0] is the program's path. Its stderr goes to `stderr_path` unless that is empty.
  explicit ChildProcess(const std::vector<std::string>& arguments,
                        const std::string& stderr_path = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void send_signal(int signal) const;
  // The exit code, or 128 + the signal's number; nothing if it still runs at the deadline.
  [[nodiscard]] std::optional<int> wait_for_exit(std::chrono::milliseconds within);
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

}  // namespace halfopen::test
