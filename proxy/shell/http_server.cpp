#include "proxy/shell/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "metrics/clock.hpp"
#include "metrics/host_port.hpp"
#include "proxy/shell/kernel_tricks.hpp"

namespace halfopen {
namespace {

// How long what a refused client still sends is read, so that the refusal is not lost in a reset.
constexpr Duration kLingerMax = std::chrono::seconds(2);
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);
// How soon those who wait because the server is full are looked at again, and how long one that has
// asked nothing yet may keep them waiting.
constexpr Duration kFullPause = std::chrono::milliseconds(10);
constexpr Duration kFirstWordMax = std::chrono::seconds(1);
constexpr int kReadsPerTurn = 4;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address to_address(const HostPort& parsed) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, parsed.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(parsed.port);
    address.size = sizeof(sockaddr_in);
  } else {
    inet_pton(AF_INET6, parsed.host.c_str(), &v6->sin6_addr);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(parsed.port);
    address.size = sizeof(sockaddr_in6);
  }
  return address;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size);
  return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(storage).sin_port);
}

}  // namespace

// One connection of a client of the API.
class HttpServer::Client final : private IoHandler {
 public:
  Client(HttpServer& server, HttpClientId id, Descriptor socket)
      : server_(server),
        id_(id),
        socket_(std::move(socket)),
        conversation_("text/plain; charset=utf-8"),
        deadline_(server.loop_, [this] { handle_deadline(); }) {
    server_.loop_.add(socket_.get(), interest_, *this);
    arm(Wait::kIdle, server_.limits_.idle_max);
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Since when it could be closed without anybody's loss: a client that keeps its connection for
  // later knows that it may be gone then.
  [[nodiscard]] std::optional<Instant> dispensable_since(Instant now) const {
    if (wait_ != Wait::kIdle || unread_bytes(socket_.get()) > 0) return std::nullopt;
    if (!was_served_ && now < idle_since_ + kFirstWordMax) return std::nullopt;
    return idle_since_;
  }

  void close() {
    if (!socket_.is_open()) return;
    server_.loop_.remove(socket_.get(), *this);
    deadline_.cancel();
    socket_ = Descriptor{};
  }

  void write_to_stream(std::string_view piece) {
    if (!socket_.is_open() || !conversation_.is_streaming()) return;
    conversation_.stream(piece);
    flush();
    if (!socket_.is_open()) return;
    if (conversation_.output().size() > server_.limits_.stream_behind_max) return end(true);
    settle();
  }

 private:
  enum class Wait : std::uint8_t { kIdle, kRequest, kAnswer, kStream, kLinger };

  void handle_io(std::uint32_t events) override {
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return end(false);
    if ((events & EPOLLIN) != 0) read();
    if (!socket_.is_open()) return;
    go_on();
  }

  void read() {
    std::array<char, 16384> bytes;
    for (int i = 0; i < kReadsPerTurn; ++i) {
      if (!is_lingering_ && !conversation_.wants_bytes()) return;
      const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), 0);
      if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) end(false);
        return;
      }
      if (count == 0) {
        // Who no longer sends does not read a stream, either; a request sent before is answered.
        if (is_lingering_ || conversation_.is_streaming()) return end(false);
        conversation_.handle_end();
        input_ended_ = true;
        return;
      }
      if (is_lingering_) continue;
      conversation_.handle_bytes({bytes.data(), static_cast<std::size_t>(count)});
    }
  }

  // Answers what is there to be answered; one request at a time, and none while its predecessor's
  // answer waits to be read.
  void go_on() {
    while (true) {
      flush();
      if (!socket_.is_open()) return;
      if (!conversation_.output().empty()) break;
      auto request = conversation_.next_request();
      if (!request) break;
      answer(*request);
      if (!socket_.is_open()) return;
    }
    settle();
  }

  void answer(const HttpRequest& request) {
    was_served_ = true;
    HttpReply reply = server_.handler_(request);
    if (!reply.begin_stream) return conversation_.respond(reply.response);
    conversation_.begin_stream(reply.response);
    had_stream_ = true;
    reply.begin_stream(id_);
  }

  void flush() {
    while (!conversation_.output().empty()) {
      const std::string_view output = conversation_.output();
      const ssize_t count = send(socket_.get(), output.data(), output.size(), MSG_NOSIGNAL);
      if (count < 0) {
        if (errno == EAGAIN) return;
        if (errno == EINTR) continue;
        return end(false);
      }
      conversation_.consume(static_cast<std::size_t>(count));
      has_progressed_ = true;
    }
  }

  // Sets what is waited for next, and until when.
  void settle() {
    const bool owes = !conversation_.output().empty();
    if (conversation_.is_over() && !owes) {
      if (input_ended_) return end(false);
      if (!is_lingering_) shutdown(socket_.get(), SHUT_WR);
      is_lingering_ = true;
    }
    std::uint32_t wanted = 0;
    if (!input_ended_ && (is_lingering_ || conversation_.wants_bytes())) wanted |= EPOLLIN;
    if (owes) wanted |= EPOLLOUT;
    if (wanted != interest_) {
      interest_ = wanted;
      server_.loop_.change(socket_.get(), interest_, *this);
    }
    if (is_lingering_) return arm(Wait::kLinger, kLingerMax);
    if (conversation_.is_streaming()) return arm(Wait::kStream, server_.limits_.answer_max);
    if (owes) return arm(Wait::kAnswer, server_.limits_.answer_max);
    if (conversation_.is_in_request()) return arm(Wait::kRequest, server_.limits_.request_max);
    arm(Wait::kIdle, server_.limits_.idle_max);
  }

  // A deadline runs from the beginning of what it is for, and an answer's from its last progress.
  void arm(Wait wait, Duration within) {
    const bool moved = std::exchange(has_progressed_, false);
    if (wait == Wait::kStream && conversation_.output().empty()) {
      wait_ = wait;
      return deadline_.cancel();
    }
    if (wait == wait_ && deadline_.is_armed() && !moved && wait != Wait::kIdle) return;
    wait_ = wait;
    const Instant now = monotonic_now();
    if (wait == Wait::kIdle) idle_since_ = now;
    deadline_.arm(now + within);
  }

  void handle_deadline() {
    if (wait_ != Wait::kRequest) return end(wait_ == Wait::kStream);
    conversation_.give_up(http_error(408, "the request took too long to arrive"));
    go_on();
  }

  void end(bool was_too_slow) {
    if (!socket_.is_open()) return;
    if (!conversation_.output().empty()) {
      // What it has not read would else wait for it in the kernel, and the FIN behind that.
      const linger reset{1, 0};
      setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    close();
    server_.forget(id_);
    if (had_stream_) server_.stream_ended_(id_, was_too_slow);
  }

  HttpServer& server_;
  HttpClientId id_;
  Descriptor socket_;
  HttpConversation conversation_;
  Timer deadline_;
  std::uint32_t interest_ = EPOLLIN;
  Wait wait_ = Wait::kIdle;
  bool has_progressed_ = false;
  bool input_ended_ = false;
  bool is_lingering_ = false;
  bool had_stream_ = false;
  bool was_served_ = false;
  Instant idle_since_;
};

HttpServer::HttpServer(EventLoop& loop, Handler handler, StreamEndHandler stream_ended,
                       const HttpServerLimits& limits)
    : loop_(loop),
      handler_(std::move(handler)),
      stream_ended_(std::move(stream_ended)),
      limits_(limits),
      accept_again_(loop, [this] { loop_.change(listener_.get(), EPOLLIN, *this); }) {}

HttpServer::~HttpServer() {
  if (listener_.is_open()) loop_.remove(listener_.get(), *this);
  for (const auto& [id, client] : clients_)
    client->close();
}

Result<std::string> HttpServer::listen(const std::string& host_port) {
  HALFOPEN_TRY(parsed, parse_host_port(host_port));
  const Address address = to_address(parsed);
  Descriptor socket{
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int on = 1;
  const bool done =
      socket.is_open() && setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 &&
      ::listen(socket.get(), SOMAXCONN) == 0;
  if (!done) {
    const int error = errno;
    return Problem{"cannot listen on ", host_port, ": ", std::strerror(error),
                   error == EADDRINUSE ? " (choose another port, or port 0 for any free one)" : ""};
  }
  listener_ = std::move(socket);
  loop_.add(listener_.get(), EPOLLIN, *this);
  return to_text(HostPort{parsed.host, bound_port(listener_.get())});
}

void HttpServer::write_to_stream(HttpClientId id, std::string_view piece) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  // Held: being too slow ends it.
  const auto client = found->second;
  client->write_to_stream(piece);
}

void HttpServer::handle_io(std::uint32_t) {
  accept_all();
}

void HttpServer::accept_all() {
  while (true) {
    if (clients_.size() >= limits_.connections_max && !make_room()) return pause(kFullPause);
    Descriptor socket{accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket.is_open()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN) return;
      // Out of descriptors: the backlog waits, and this does not spin on it.
      return pause(kAcceptPause);
    }
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const HttpClientId id{next_id_++};
    clients_.emplace(id, std::make_shared<Client>(*this, id, std::move(socket)));
  }
}

// Who comes meanwhile waits in the kernel.
void HttpServer::pause(Duration within) {
  loop_.change(listener_.get(), 0, *this);
  accept_again_.arm(monotonic_now() + within);
}

bool HttpServer::make_room() {
  const Instant now = monotonic_now();
  std::optional<Instant> longest;
  auto chosen = clients_.end();
  for (auto each = clients_.begin(); each != clients_.end(); ++each) {
    const auto since = each->second->dispensable_since(now);
    if (!since || (longest && *longest <= *since)) continue;
    longest = since;
    chosen = each;
  }
  if (chosen == clients_.end()) return false;
  chosen->second->close();
  forget(chosen->first);
  return true;
}

void HttpServer::forget(HttpClientId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  loop_.post([gone = std::move(found->second)] {});
  clients_.erase(found);
}

}  // namespace halfopen
