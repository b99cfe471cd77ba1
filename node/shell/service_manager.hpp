// Word to the service manager that started us, as sd_notify(3) describes it: datagrams of
// KEY=VALUE lines to the Unix socket that NOTIFY_SOCKET names. The protocol is stable, and a few
// lines of it are less to carry than libsystemd. Without NOTIFY_SOCKET everything here does
// nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace halfopen::node {

class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  [[nodiscard]] static ServiceManager from_environment();

  ServiceManager() = default;
  ServiceManager(std::string socket, std::optional<Duration> watchdog)
      : socket_(std::move(socket)), watchdog_(watchdog) {}

  void ready(std::string_view status) const;
  // Until the next ready().
  void reloading() const;
  void stopping() const;
  void alive() const;
  // How often alive() is to be said: half of what the manager waits for. Nothing: never.
  [[nodiscard]] std::optional<Duration> alive_interval() const;

 private:
  // Word that cannot be given is nobody's fault: the manager's own timeouts tell it.
  void send(const std::string& text) const;

  std::string socket_;
  std::optional<Duration> watchdog_;
};

}  // namespace halfopen::node
