#include "tests/integration/node_flood.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <string_view>

namespace halfopen::node::test {
namespace {

constexpr std::size_t kBatch = 100;
// They are let go in the order in which they came.
constexpr std::size_t kSilentMax = 300;
// Few enough for each to use up its share also where everything is slow.
constexpr std::uint32_t kHosts = 2;
constexpr int kPollMilliseconds = 2000;

enum class Kind : std::uint8_t { kGarbage, kWrongKey, kSilent };

Kind kind_of(std::uint64_t number) {
  if (number % 10 == 9) return Kind::kSilent;
  return number % 2 == 0 ? Kind::kGarbage : Kind::kWrongKey;
}

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
  address.sin_port = htons(port);
  return address;
}

int dial_from(std::uint32_t host, std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const sockaddr_in from = address_of(host, 0);
  const sockaddr_in to = address_of(0, port);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  ::bind(descriptor, reinterpret_cast<const sockaddr*>(&from), sizeof from);
  ::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  return descriptor;
}

class Visitor {
 public:
  Visitor(int descriptor, std::unique_ptr<TlsSession> session)
      : descriptor_(descriptor), session_(std::move(session)) {
    if (session_) session_->start();
  }

  [[nodiscard]] pollfd watched() const {
    return {descriptor_, static_cast<short>(begun_ ? POLLIN : POLLOUT), 0};
  }
  // False when the node has closed.
  bool go_on() {
    if (!begun_) {
      begun_ = true;
      return speak();
    }
    std::array<std::uint8_t, 4096> bytes{};
    const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EAGAIN) return true;
    if (count <= 0) return false;
    if (!session_) return true;
    session_->feed(std::span(bytes).first(static_cast<std::size_t>(count)));
    std::array<std::uint8_t, 64> text{};
    while (session_->read(text) > 0) {
    }
    return speak();
  }

 private:
  bool speak() {
    constexpr std::string_view kGarbage = "GET / HTTP/1.1\r\nHost: vote\r\n\r\n";
    if (!session_) return send({reinterpret_cast<const std::uint8_t*>(kGarbage.data()), 30});
    const bool good = send(session_->ciphertext());
    session_->take_ciphertext(session_->ciphertext().size());
    return good;
  }
  [[nodiscard]] bool send(std::span<const std::uint8_t> bytes) const {
    return bytes.empty() ||
           ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
  }

  int descriptor_;
  std::unique_ptr<TlsSession> session_;
  bool begun_ = false;
};

SigningKey key_of_nobody() {
  SigningKey::Seed seed{};
  seed.fill(0xee);
  return SigningKey(seed);
}

}  // namespace

StrangerFlood::StrangerFlood(std::uint16_t port, const PublicKey& key,
                             std::uint64_t connections_min)
    : port_(port),
      key_(std::make_shared<const std::set<PublicKey>>(std::set{key})),
      stranger_(key_of_nobody()),
      connections_min_(connections_min),
      thread_([this] { run(); }) {}

StrangerFlood::~StrangerFlood() {
  stop();
}

std::uint64_t StrangerFlood::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return connections_;
}

void StrangerFlood::run() {
  while (!stopping_ || connections_ < connections_min_)
    run_batch();
  for (const int descriptor : silent_)
    ::close(descriptor);
}

void StrangerFlood::run_batch() {
  std::vector<pollfd> watched;
  std::vector<Visitor> visitors;
  for (std::size_t i = 0; i < kBatch; ++i) {
    const std::uint64_t number = dialled_++;
    const int descriptor = dial_from(1 + static_cast<std::uint32_t>(number / 10 % kHosts), port_);
    const Kind kind = kind_of(number);
    if (kind == Kind::kSilent) {
      silent_.push_back(descriptor);
      continue;
    }
    visitors.emplace_back(descriptor,
                          kind == Kind::kGarbage
                              ? nullptr
                              : std::make_unique<TlsSession>(stranger_, TlsRole::kDialer, key_));
    watched.push_back(visitors.back().watched());
  }
  for (std::size_t open = visitors.size(); open > 0;) {
    if (::poll(watched.data(), watched.size(), kPollMilliseconds) <= 0) break;
    for (std::size_t i = 0; i < visitors.size(); ++i) {
      if (watched[i].fd < 0 || watched[i].revents == 0) continue;
      if (visitors[i].go_on()) {
        watched[i] = visitors[i].watched();
        continue;
      }
      ::close(watched[i].fd);
      watched[i].fd = -1;
      --open;
    }
  }
  for (const pollfd& left : watched) {
    if (left.fd >= 0) ::close(left.fd);
  }
  while (silent_.size() > kSilentMax) {
    ::close(silent_.front());
    silent_.erase(silent_.begin());
  }
  connections_ = dialled_;
}

}  // namespace halfopen::node::test
