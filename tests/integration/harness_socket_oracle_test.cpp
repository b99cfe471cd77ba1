// The kernel's table of sockets, asked in a network namespace of the test's own.
#include "harness/shell/socket_oracle.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "harness/shell/namespace.hpp"

namespace halfopen {
namespace {

// How far the test came, as the exit status of a child; 0 is all the way.
enum Outcome : int { kGood, kNoListener, kNoConnection, kNotListed, kNotDestroyed, kNotTold };

// A listener on "::" that takes IPv4 as well, which is what many programs open.
int listen_on_both() {
  const int listener = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int off = 0;
  ::setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(7000);
  const bool listens = ::bind(listener, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0 &&
                       ::listen(listener, 1) == 0;
  return listens ? listener : -1;
}

int dial() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(7000);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_connected =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return is_connected ? descriptor : -1;
}

int destroy_connection_of_dual_stack_program() {
  const int listener = listen_on_both();
  if (listener < 0) return kNoListener;
  const int client = dial();
  const int server = client < 0 ? -1 : ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (server < 0) return kNoConnection;
  const auto sockets = read_kernel_sockets();
  if (sockets.has_error()) return kNotListed;
  const bool is_listed =
      std::any_of(sockets->begin(), sockets->end(), [](const KernelSocket& socket) {
        return socket.state == "ESTABLISHED" && socket.local == "127.0.0.1:7000" &&
               socket.remote.starts_with("127.0.0.1:");
      });
  if (!is_listed) return kNotListed;
  const auto destroyed = destroy_kernel_sockets("127.0.0.1:7000", "127.0.0.1");
  if (destroyed.has_error() || *destroyed != 1) return kNotDestroyed;
  pollfd end{client, POLLIN, 0};
  char byte = 0;
  if (::poll(&end, 1, 1000) != 1 || ::recv(client, &byte, 1, 0) != -1 || errno != ECONNRESET) {
    return kNotTold;
  }
  return kGood;
}

TEST(SocketOracle, TheConnectionsOfADualStackProgramAreSeenAndDestroyed) {
  const auto outcome = run_in_private_world(destroy_connection_of_dual_stack_program);
  if (outcome.has_error()) GTEST_SKIP() << outcome.error().text;
  EXPECT_EQ(*outcome, kGood);
}

}  // namespace
}  // namespace halfopen
