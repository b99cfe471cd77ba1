#include "harness/shell/conformance/machine.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "harness/shell/network_namespaces.hpp"
#include "harness/shell/socket_oracle.hpp"

namespace halfopen::conformance {
namespace {

constexpr int kBacklog = 64;
constexpr int kSocketType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

Problem failed(const std::string& what) {
  return Problem{what, ": ", std::strerror(errno)};
}

sockaddr_in address_of(const std::string& host_port) {
  const auto colon = host_port.find(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port =
      htons(static_cast<std::uint16_t>(std::atoi(host_port.substr(colon + 1).c_str())));
  ::inet_pton(AF_INET, host_port.substr(0, colon).c_str(), &address.sin_addr);
  return address;
}

// A socket belongs to the namespace that its thread was in when it was made.
Result<int> socket_in(int network_namespace) {
  int descriptor = -1;
  const auto made = in_network_namespace(network_namespace, [&]() -> Result<void> {
    descriptor = ::socket(AF_INET, kSocketType, 0);
    if (descriptor < 0) return failed("socket");
    return {};
  });
  if (made.has_error()) return made.error();
  return descriptor;
}

}  // namespace

Machine::~Machine() {
  if (listener_ >= 0) ::close(listener_);
}

Result<void> Machine::listen() {
  HALFOPEN_TRY(descriptor, socket_in(network_namespace_));
  listener_ = descriptor;
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = address_of(place_.address + ":7000");
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, kBacklog) != 0) {
    return failed("cannot listen on " + place_.address + ":7000");
  }
  return {};
}

Result<void> Machine::dial() {
  HALFOPEN_TRY(descriptor, socket_in(network_namespace_));
  ends_.emplace_back(descriptor);
  HALFOPEN_CHECK(ends_.back().apply(settings_));
  const sockaddr_in address = address_of(place_.dialled.at(kLinkName));
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return failed("cannot dial " + place_.dialled.at(kLinkName));
  }
  return {};
}

Result<void> Machine::accept() {
  if (listener_ < 0) return {};
  const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return {};
    return failed("accept");
  }
  ends_.emplace_back(descriptor);
  (void)ends_.back().remote();  // while it has one
  return ends_.back().apply(settings_);
}

void Machine::lose_power() {
  for (EndSocket& end : ends_)
    end.lose_power();
  if (listener_ >= 0) ::close(std::exchange(listener_, -1));
}

Result<std::string> Machine::state_of(EndSocket& end) const {
  std::string state = "gone";
  const auto looked = in_network_namespace(network_namespace_, [&]() -> Result<void> {
    const auto sockets = read_kernel_sockets();
    if (sockets.has_error()) return sockets.error();
    for (const KernelSocket& socket : *sockets) {
      if (end.remote().empty() || socket.local != end.local() || socket.remote != end.remote()) {
        continue;
      }
      state = socket.state + (socket.send_queue_bytes > 0 ? ", unacked" : "");
    }
    return {};
  });
  if (looked.has_error()) return looked.error();
  return state;
}

}  // namespace halfopen::conformance
