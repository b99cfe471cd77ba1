#include "harness/shell/conformance/end_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "metrics/kernel_evidence.hpp"

namespace halfopen::conformance {
namespace {

constexpr std::size_t kFillBytes = 64UL * 1024;

template <class Value>
bool set_option(int descriptor, int level, int name, Value value) {
  return ::setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

std::string text_of(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(address.sin_port));
}

using GetName = int (*)(int, sockaddr*, socklen_t*);
std::string address_by(GetName get_name, int descriptor) {
  sockaddr_storage raw{};
  socklen_t length = sizeof raw;
  if (get_name(descriptor, reinterpret_cast<sockaddr*>(&raw), &length) != 0) return "";
  sockaddr_in address{};
  std::memcpy(&address, &raw, sizeof address);
  return text_of(address);
}

}  // namespace

EndSocket::~EndSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

EndSocket::EndSocket(EndSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      received_(std::move(other.received_)),
      sends_(std::move(other.sends_)),
      learnt_(std::move(other.learnt_)),
      local_(std::move(other.local_)),
      remote_(std::move(other.remote_)),
      lost_power_(other.lost_power_),
      was_closed_(other.was_closed_) {}

Result<void> EndSocket::apply(const SocketSettings& settings) {
  bool done = set_option(descriptor_, IPPROTO_TCP, TCP_NODELAY, 1);
  if (settings.keep_alive) {
    const KeepAlive& probes = *settings.keep_alive;
    done =
        done && set_option(descriptor_, SOL_SOCKET, SO_KEEPALIVE, 1) &&
        set_option(descriptor_, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(probes.idle_seconds)) &&
        set_option(descriptor_, IPPROTO_TCP, TCP_KEEPINTVL,
                   static_cast<int>(probes.interval_seconds)) &&
        set_option(descriptor_, IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>(probes.count));
  }
  if (settings.user_timeout) {
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(*settings.user_timeout);
    done = done && set_option(descriptor_, IPPROTO_TCP, TCP_USER_TIMEOUT,
                              static_cast<unsigned>(milliseconds.count()));
  }
  if (!done) return Problem{"a socket option was refused: ", std::strerror(errno)};
  return {};
}

bool EndSocket::send(std::string_view text, bool unrecorded) {
  remember_addresses();
  const std::string line =
      (unrecorded ? std::string(1, kUnrecorded) : "") + std::string(text) + "\n";
  const ssize_t sent = ::send(descriptor_, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  const int error = sent < 0 ? errno : 0;
  if (!unrecorded) sends_ += (sends_.empty() ? "" : " ") + errno_name(error);
  if (error != 0 && error != EAGAIN) learn(errno_name(error));
  return error == 0;
}

bool EndSocket::fill() {
  // Lines, since that is how the other end reads; a half one at the end does not matter.
  static const std::string kLines = [] {
    std::string line(64, '.');
    line.front() = kUnrecorded;
    line.back() = '\n';
    std::string lines;
    while (lines.size() < kFillBytes)
      lines += line;
    return lines;
  }();
  bool taken = false;
  while (::send(descriptor_, kLines.data(), kLines.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
    taken = true;
  return taken;
}

std::uint32_t EndSocket::segments_in() const {
  const auto info = read_tcp_info(descriptor_);
  return info ? info->segments_in : 0;
}

void EndSocket::shut_down() {
  remember_addresses();
  (void)::shutdown(descriptor_, SHUT_WR);
}

void EndSocket::close() {
  if (descriptor_ < 0) return;
  remember_addresses();
  read();
  ::close(std::exchange(descriptor_, -1));
  was_closed_ = true;
}

void EndSocket::abort() {
  if (descriptor_ < 0) return;
  const linger at_once{1, 0};
  (void)set_option(descriptor_, SOL_SOCKET, SO_LINGER, at_once);
  close();
}

void EndSocket::lose_power() {
  close();
  lost_power_ = true;
}

void EndSocket::read() {
  std::array<char, 4096> buffer{};
  while (descriptor_ >= 0) {
    const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(count));
      continue;
    }
    if (count == 0) learn("EOF");
    if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) {
      learn(errno_name(errno));
    }
    return;
  }
}

bool EndSocket::has_ended() const {
  pollfd end{descriptor_, POLLRDHUP, 0};
  return ::poll(&end, 1, 0) > 0 && (end.revents & (POLLERR | POLLHUP | POLLRDHUP)) != 0;
}

std::string EndSocket::dial_result() {
  pollfd end{descriptor_, POLLOUT, 0};
  if (::poll(&end, 1, 0) <= 0) return "";
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error == 0) return "connected";
  if (error == ECONNREFUSED) return "refused";
  if (error == ECONNRESET) return "reset";
  return errno_name(error);
}

bool EndSocket::has_received(std::string_view text) const {
  const std::string line = std::string(text) + "\n";
  return received_.starts_with(line) || received_.find("\n" + line) != std::string::npos;
}

std::string EndSocket::received() const {
  std::string list;
  std::size_t at = 0;
  while (at < received_.size()) {
    const std::size_t end = std::min(received_.find('\n', at), received_.size());
    const std::string line = received_.substr(at, end - at);
    if (line.empty() || line.front() != kUnrecorded) list += (list.empty() ? "" : ", ") + line;
    at = end + 1;
  }
  return list.empty() ? "nothing" : list;
}

std::string EndSocket::learnt() const {
  return learnt_.empty() ? "nothing" : learnt_;
}

const std::string& EndSocket::local() {
  remember_addresses();
  return local_;
}

const std::string& EndSocket::remote() {
  remember_addresses();
  return remote_;
}

void EndSocket::learn(std::string_view what) {
  if (learnt_.empty()) learnt_ = what;
}

// A dead socket has no peer any more, so both are kept from when it had.
void EndSocket::remember_addresses() {
  if (!remote_.empty() || descriptor_ < 0) return;
  remote_ = address_by(::getpeername, descriptor_);
  if (!remote_.empty()) local_ = address_by(::getsockname, descriptor_);
}

}  // namespace halfopen::conformance
