#include "node/shell/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>

namespace halfopen::node {
namespace {

struct Option {
  int level;
  int name;
  int value;
  bool wanted;
};

int whole_seconds(Duration duration) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

}  // namespace

int set_socket_options(int descriptor, const Defences& defences) {
  const KeepaliveSettings& keepalive = defences.keepalive;
  const UserTimeoutSettings& user_timeout = defences.user_timeout;
  const auto user_timeout_milliseconds = static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(user_timeout.timeout).count());
  const std::array options{
      // A vote is small and urgent: it must not wait for an earlier one's ACK (Nagle).
      Option{IPPROTO_TCP, TCP_NODELAY, 1, true},
      Option{IPPROTO_TCP, TCP_KEEPIDLE, whole_seconds(keepalive.idle), keepalive.enabled},
      Option{IPPROTO_TCP, TCP_KEEPINTVL, whole_seconds(keepalive.interval), keepalive.enabled},
      Option{IPPROTO_TCP, TCP_KEEPCNT, keepalive.count, keepalive.enabled},
      Option{SOL_SOCKET, SO_KEEPALIVE, 1, keepalive.enabled},
      Option{IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_milliseconds, user_timeout.enabled},
  };
  for (const Option& option : options) {
    if (!option.wanted) continue;
    if (::setsockopt(descriptor, option.level, option.name, &option.value, sizeof option.value) !=
        0) {
      return errno;
    }
  }
  return 0;
}

}  // namespace halfopen::node
