#include "tests/support/test_socket.hpp"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace halfopen::test {
namespace {

constexpr int kSendPatienceMilliseconds = 1000;

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

int make_socket(int receive_buffer_bytes) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (receive_buffer_bytes > 0) {
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
               sizeof receive_buffer_bytes);
  }
  return descriptor;
}

bool wait_for(int descriptor, short events, long long milliseconds) {
  pollfd entry{descriptor, events, 0};
  return poll(&entry, 1, static_cast<int>(milliseconds)) == 1;
}

}  // namespace

TestSocket::TestSocket(TestSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

TestSocket& TestSocket::operator=(TestSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

TestSocket::~TestSocket() {
  close();
}

void TestSocket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

TestSocket TestSocket::dial(const std::string& host, std::uint16_t port, int receive_buffer_bytes) {
  TestSocket socket{make_socket(receive_buffer_bytes)};
  const sockaddr_in address = address_of(host, port);
  // The outcome shows later, also where it is there at once.
  (void)connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return socket;
}

TestSocket TestSocket::listen(const std::string& host, std::uint16_t port,
                              int receive_buffer_bytes) {
  TestSocket socket{make_socket(receive_buffer_bytes)};
  const sockaddr_in address = address_of(host, port);
  if (bind(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.descriptor_, 16) != 0) {
    return TestSocket{};
  }
  return socket;
}

TestSocket TestSocket::accept(std::chrono::milliseconds within) {
  if (!wait_for(descriptor_, POLLIN, within.count())) return TestSocket{};
  return TestSocket{accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
}

std::uint16_t TestSocket::local_port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::uint16_t TestSocket::peer_port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getpeername(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int TestSocket::connect_result(std::chrono::milliseconds within) {
  if (!wait_for(descriptor_, POLLOUT, within.count())) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

int TestSocket::send_text(const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t result =
        ::send(descriptor_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (result >= 0) {
      sent += static_cast<std::size_t>(result);
    } else if (errno != EAGAIN || !wait_for(descriptor_, POLLOUT, kSendPatienceMilliseconds)) {
      return errno == EAGAIN ? ETIMEDOUT : errno;
    }
  }
  return 0;
}

long TestSocket::send_some(const std::string& text) {
  const ssize_t result = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
  return result >= 0 ? result : -errno;
}

Received TestSocket::receive(std::chrono::milliseconds within) {
  if (!wait_for(descriptor_, POLLIN, within.count())) return {};
  std::string buffer(65536, '\0');
  const ssize_t result = recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (result < 0) return {Received::Kind::kError, {}, errno};
  if (result == 0) return {Received::Kind::kEndOfStream, {}, 0};
  buffer.resize(static_cast<std::size_t>(result));
  return {Received::Kind::kBytes, std::move(buffer), 0};
}

std::string TestSocket::receive_exactly(std::size_t size, std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  std::string text;
  while (text.size() < size) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    const Received received = receive(left);
    if (received.kind != Received::Kind::kBytes) break;
    text += received.bytes;
  }
  return text;
}

void TestSocket::enable_keepalive() {
  const int one = 1;
  setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
  setsockopt(descriptor_, IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof one);
  setsockopt(descriptor_, IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof one);
}

void TestSocket::disable_keepalive() {
  const int zero = 0;
  setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &zero, sizeof zero);
}

void TestSocket::shut_writing() {
  shutdown(descriptor_, SHUT_WR);
}

void TestSocket::close_with_reset() {
  const linger abort{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  close();
}

std::string TestSocket::tcp_state() const {
  static constexpr std::array<const char*, 12> kNames{
      "UNKNOWN",   "ESTABLISHED", "SYN_SENT",   "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
      "TIME_WAIT", "CLOSE",       "CLOSE_WAIT", "LAST_ACK", "LISTEN",    "CLOSING"};
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return "UNKNOWN";
  return info.tcpi_state < kNames.size() ? kNames.at(info.tcpi_state) : kNames.front();
}

}  // namespace halfopen::test
