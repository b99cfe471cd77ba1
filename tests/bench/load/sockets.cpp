#include "tests/bench/load/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace halfopen::load {
namespace {

constexpr int kExitFailure = 70;
constexpr int kBacklog = 4096;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void set_on(const Descriptor& socket, int level, int option) {
  const int on = 1;
  if (setsockopt(socket.get(), level, option, &on, sizeof on) != 0) fail("setsockopt", errno);
}

Descriptor make_socket() {
  Descriptor made{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!made.is_open()) fail("socket", errno);
  return made;
}

bool would_block(int error) {
  return error == EAGAIN || error == EINTR;
}

}  // namespace

void fail(const std::string& text, int error) {
  std::fprintf(stderr, "%s: %s%s%s\n", program_invocation_short_name, text.c_str(),
               error != 0 ? ": " : "", error != 0 ? std::strerror(error) : "");
  std::exit(kExitFailure);
}

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecondNs + now.tv_nsec;
}

Descriptor listen_on(std::uint16_t port) {
  Descriptor listener = make_socket();
  set_on(listener, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in address = loopback(port);
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener.get(), kBacklog) != 0) {
    fail("listen on port " + std::to_string(port), errno);
  }
  return listener;
}

Descriptor connect_to(std::uint16_t port) {
  Descriptor socket = make_socket();
  set_on(socket, IPPROTO_TCP, TCP_NODELAY);
  const sockaddr_in address = loopback(port);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (connect(socket.get(), generic, sizeof address) != 0 && errno != EINPROGRESS) {
    fail("connect to port " + std::to_string(port), errno);
  }
  return socket;
}

std::optional<Descriptor> accept_from(const Descriptor& listener) {
  Descriptor socket{accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (socket.is_open()) {
    set_on(socket, IPPROTO_TCP, TCP_NODELAY);
    return socket;
  }
  if (would_block(errno) || errno == ECONNABORTED) return std::nullopt;
  fail("accept", errno);
}

int take_error(const Descriptor& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

std::uint16_t local_port(const Descriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.sin_port);
}

void acknowledge_now(const Descriptor& socket) {
  set_on(socket, IPPROTO_TCP, TCP_QUICKACK);
}

void close_by_reset(Descriptor socket) {
  const linger now{1, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::optional<std::size_t> read_some(const Descriptor& socket, std::span<char> into) {
  const ssize_t received = recv(socket.get(), into.data(), into.size(), 0);
  if (received > 0) return static_cast<std::size_t>(received);
  if (received < 0 && would_block(errno)) return 0;
  return std::nullopt;
}

std::optional<std::size_t> write_some(const Descriptor& socket, std::span<const char> from) {
  const ssize_t sent = send(socket.get(), from.data(), from.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (would_block(errno)) return 0;
  return std::nullopt;
}

Epoll::Epoll() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.is_open()) fail("epoll_create1", errno);
}

void Epoll::add(const Descriptor& descriptor, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor.get(), &event) != 0) {
    fail("epoll_ctl", errno);
  }
}

void Epoll::modify(const Descriptor& descriptor, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor.get(), &event) != 0) {
    fail("epoll_ctl", errno);
  }
}

std::span<const epoll_event> Epoll::wait(std::int64_t deadline_ns) {
  timespec left{};
  if (deadline_ns >= 0) {
    const std::int64_t left_ns = std::max<std::int64_t>(0, deadline_ns - now_ns());
    left = {left_ns / kSecondNs, left_ns % kSecondNs};
  }
  const int count = epoll_pwait2(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                 deadline_ns < 0 ? nullptr : &left, nullptr);
  if (count < 0 && errno != EINTR) fail("epoll_pwait2", errno);
  return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

}  // namespace halfopen::load
