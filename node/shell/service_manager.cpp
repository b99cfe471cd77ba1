#include "node/shell/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "metrics/clock.hpp"

namespace halfopen::node {
namespace {

std::string variable(const char* name) {
  const char* content = std::getenv(name);
  return content == nullptr ? "" : content;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  std::optional<Duration> watchdog;
  const std::string pid = variable("WATCHDOG_PID");
  const bool is_for_us = pid.empty() || number(pid) == ::getpid();
  // A day is longer than anybody waits, and far from overflowing.
  constexpr std::int64_t kMicrosecondsMax = 86'400'000'000;
  const auto microseconds = number(variable("WATCHDOG_USEC"));
  if (is_for_us && microseconds && *microseconds <= kMicrosecondsMax) {
    watchdog = std::chrono::microseconds(*microseconds);
  }
  return {variable("NOTIFY_SOCKET"), watchdog};
}

void ServiceManager::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + std::string(status) + "\n");
}

void ServiceManager::reloading() const {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      Duration{monotonic_now().nanoseconds()});
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()) + "\n");
}

void ServiceManager::stopping() const {
  send("STOPPING=1\nSTATUS=Draining\n");
}

void ServiceManager::alive() const {
  send("WATCHDOG=1\n");
}

std::optional<Duration> ServiceManager::alive_interval() const {
  if (socket_.empty() || !watchdog_) return std::nullopt;
  return *watchdog_ / 2;
}

void ServiceManager::send(const std::string& text) const {
  sockaddr_un address{};
  // '@' stands for the abstract namespace, whose names begin with a zero byte.
  const bool is_known = socket_.starts_with('/') || socket_.starts_with('@');
  if (!is_known || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.starts_with('@')) address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  (void)::sendto(descriptor, text.data(), text.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), length);
  ::close(descriptor);
}

}  // namespace halfopen::node
