#include "proxy/shell/listener.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cctype>
#include <cerrno>
#include <cstring>

#include "proxy/shell/socket_address.hpp"

namespace halfopen {

using boost::asio::ip::tcp;

namespace {

constexpr int kAcceptsPerTurn = 16;

Descriptor open_spare() {
  return Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

}  // namespace

Listener::Listener(EventLoop& loop, const tcp::endpoint& endpoint, std::uint32_t mark,
                   AcceptHandler handler)
    : loop_(loop),
      endpoint_(endpoint),
      mark_(mark),
      handler_(std::move(handler)),
      spare_(open_spare()) {}

Listener::~Listener() {
  close();
}

bool Listener::must_be_closed() const {
  const unsigned for_good = static_cast<unsigned>(CloseReason::kDisabled);
  return (close_reasons_ & for_good) != 0 || (close_reasons_ != 0 && !is_held());
}

Result<void> Listener::open() {
  if (is_open() || must_be_closed()) return {};
  const auto failure = [this](int error) {
    // The words of Go's net package, which Toxiproxy's users know.
    std::string reason = std::strerror(error);
    if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(reason[0]));
    return Problem{"listen tcp ", to_text(endpoint_), ": bind: ", reason};
  };
  Descriptor socket{::socket(endpoint_.protocol().family(),
                             SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP)};
  const int on = 1;
  const int off = 0;
  // "[::]" takes clients of IPv4, too, whatever the system's default is.
  if (socket.is_open() && endpoint_.protocol() == tcp::v6()) {
    setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (!socket.is_open() ||
      setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(socket.get(), endpoint_.data(), static_cast<socklen_t>(endpoint_.size())) != 0) {
    return failure(errno);
  }
  keep_urgent_in_line(socket.get());
  if (is_held()) {
    if (auto silenced = silence_listener(socket.get(), mark_); silenced.has_error()) {
      return silenced;
    }
  } else if (handshakes_only_) {
    if (auto attached = attach_handshake_filter(socket.get()); attached.has_error()) {
      return attached;
    }
  }
  if (listen(socket.get(), SOMAXCONN) != 0) return failure(errno);
  auto size = static_cast<socklen_t>(endpoint_.capacity());
  if (getsockname(socket.get(), endpoint_.data(), &size) != 0) return failure(errno);
  socket_ = std::move(socket);
  dropped_seen_ = 0;
  loop_.add(socket_.get(), EPOLLIN, *this);
  return {};
}

void Listener::close() {
  if (!is_open()) return;
  loop_.remove(socket_.get(), *this);
  socket_ = Descriptor{};
}

void Listener::add_close_reason(CloseReason reason) {
  close_reasons_ |= static_cast<unsigned>(reason);
  if (must_be_closed()) close();
}

Result<void> Listener::remove_close_reason(CloseReason reason) {
  close_reasons_ &= ~static_cast<unsigned>(reason);
  return open();
}

Result<void> Listener::hold(HoldReason reason) {
  const bool first = !is_held();
  hold_reasons_ |= static_cast<unsigned>(reason);
  if (!first) return {};
  if (!is_open()) return open();
  if (auto silenced = silence_listener(socket_.get(), mark_); silenced.has_error()) {
    hold_reasons_ &= ~static_cast<unsigned>(reason);
    unsilence_listener(socket_.get());
    return silenced;
  }
  dropped_seen_ = dropped_segments(socket_.get());
  accept_all();
  return {};
}

void Listener::release(HoldReason reason) {
  if (!is_held()) return;
  hold_reasons_ &= ~static_cast<unsigned>(reason);
  if (is_held() || !is_open()) return;
  if (must_be_closed()) return close();
  unsilence_listener(socket_.get());
  if (handshakes_only_) (void)attach_handshake_filter(socket_.get());
}

Result<void> Listener::set_handshakes_only(bool on) {
  handshakes_only_ = on;
  if (!is_open() || is_held()) return {};
  if (on) return attach_handshake_filter(socket_.get());
  detach_filter(socket_.get());
  accept_all();
  return {};
}

std::uint32_t Listener::take_dropped() {
  if (!is_open() || !is_held()) return 0;
  const std::uint32_t now = dropped_segments(socket_.get());
  const std::uint32_t before = dropped_seen_;
  dropped_seen_ = now;
  return now - before;
}

// Out of descriptors: a client that is not accepted would be reported again and again, at the cost
// of a whole core. The spare one makes room to accept it and close it.
void Listener::turn_one_away() {
  spare_ = Descriptor{};
  close_with(LegEnd::kRst, Descriptor{accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)});
  spare_ = open_spare();
}

// One event's share; what is left is reported again.
void Listener::accept_some() {
  for (int accepted = 0; accepted < kAcceptsPerTurn; ++accepted) {
    if (!accept_one()) return;
  }
}

void Listener::accept_all() {
  while (accept_one()) {
  }
}

// False when there is none.
bool Listener::accept_one() {
  if (!is_open()) return false;
  tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  Descriptor accepted{accept4(socket_.get(), peer.data(), &size, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (!accepted.is_open()) {
    if (errno == EINTR || errno == ECONNABORTED) return true;
    if (errno == EMFILE || errno == ENFILE) {
      turn_one_away();
      handler_({}, {});
    }
    return false;  // none left; else the event comes again
  }
  peer.resize(size);
  handler_(std::move(accepted), peer);
  return true;
}

}  // namespace halfopen
