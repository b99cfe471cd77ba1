#include "proxy/shell/connection.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/assert.hpp"
#include "proxy/shell/socket_address.hpp"

namespace halfopen {
namespace {

constexpr auto kDialDeadline = std::chrono::seconds(5);
constexpr std::size_t kBufferBytes = 65536;
// How many buffers one event may move before other connections get their turn.
constexpr int kBuffersPerTurn = 4;

void set_no_delay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// One for all: a flow keeps only what its sink did not take, so an idle connection holds no buffer.
std::array<char, kBufferBytes>& scratch() {
  static std::array<char, kBufferBytes> buffer;
  return buffer;
}

const char* name_of(LegId leg) {
  return leg == LegId::kClient ? "client" : "upstream";
}

}  // namespace

Connection::Connection(Poller& poller, ConnectionOwner& owner, ConnectionId id, Descriptor client,
                       std::string client_address, std::uint32_t mark)
    : poller_(poller),
      owner_(owner),
      id_(id),
      mark_(mark),
      client_address_(std::move(client_address)),
      legs_{Leg{poller}, Leg{poller}},
      dial_timer_(poller.context()) {
  set_no_delay(client.get());
  mutable_leg(LegId::kClient).open(std::move(client), [this](std::uint32_t events) {
    handle_event(LegId::kClient, events);
  });
}

void Connection::start(const boost::asio::ip::tcp::endpoint& upstream) {
  upstream_ = upstream;
  if (!is_held()) dial();
}

void Connection::dial() {
  phase_ = Phase::kDialing;
  dial_timer_.expires_after(kDialDeadline);
  dial_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) handle_dial_timeout();
  });
  if (leg(LegId::kUpstream).is_open()) return;  // a hold interrupted this dial; TCP goes on with it
  Descriptor socket{::socket(upstream_->protocol().family(),
                             SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP)};
  if (!socket.is_open()) return fail_dial(errno);
  set_no_delay(socket.get());
  const int result =
      connect(socket.get(), upstream_->data(), static_cast<socklen_t>(upstream_->size()));
  if (result != 0 && errno != EINPROGRESS) return fail_dial(errno);
  mutable_leg(LegId::kUpstream).open(std::move(socket), [this](std::uint32_t events) {
    handle_event(LegId::kUpstream, events);
  });
  mutable_leg(LegId::kUpstream).want(false, true);
}

void Connection::handle_dial_timeout() {
  // A timer that was cancelled too late may still fire: only the state counts.
  if (phase_ != Phase::kDialing || is_held()) return;
  if (std::chrono::steady_clock::now() < dial_timer_.expiry()) return;
  fail_dial(ETIMEDOUT);
}

void Connection::fail_dial(int error) {
  report_.reason = error == ETIMEDOUT ? "upstream_timeout" : "upstream_refused";
  report_.error = error;
  end(LegEnd::kRst, LegEnd::kRst, report_.reason);
}

void Connection::handle_dial_event() {
  const int socket = leg(LegId::kUpstream).socket();
  if (const int error = take_socket_error(socket); error != 0) return fail_dial(error);
  dial_timer_.cancel();
  phase_ = Phase::kRelaying;
  upstream_local_ = local_address_text(socket);
  owner_.handle_connected(*this);
  settle();
}

void Connection::handle_event(LegId from, std::uint32_t events) {
  owner_.handle_leg_event(*this, from);
  if (is_over() || is_still()) return;
  if (phase_ == Phase::kDialing && from == LegId::kUpstream) return handle_dial_event();
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    const int error = take_socket_error(leg(from).socket());
    if (error != 0) return fail_leg(from, error);
  }
  if (phase_ != Phase::kRelaying) return;
  if ((events & EPOLLOUT) != 0) run_flow(other(from));
  if (is_over()) return;
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) run_flow(from);
  if (!is_over()) settle();
}

void Connection::run_flow(LegId from) {
  const PumpResult result = pump(from);
  const int error = errno;
  if (result == PumpResult::kSourceFailed) return fail_leg(from, error);
  if (result == PumpResult::kSinkFailed) return fail_leg(other(from), error);
  Flow& flow = flow_from(from);
  if (!flow.source_ended || flow.has_pending() || flow.sink_shut) return;
  shutdown(leg(other(from)).socket(), SHUT_WR);
  flow.sink_shut = true;
}

bool Connection::flush_pending(LegId from, PumpResult& result) {
  Flow& flow = flow_from(from);
  while (flow.has_pending()) {
    const ssize_t sent = send(leg(other(from)).socket(), flow.pending.data() + flow.pending_offset,
                              flow.pending.size() - flow.pending_offset, MSG_NOSIGNAL);
    if (sent < 0) {
      result = errno == EAGAIN || errno == EINTR ? PumpResult::kBlocked : PumpResult::kSinkFailed;
      return false;
    }
    flow.pending_offset += static_cast<std::size_t>(sent);
    flow.relayed_bytes += static_cast<std::uint64_t>(sent);
    owner_.handle_relayed(from, static_cast<std::size_t>(sent));
  }
  flow.pending = {};
  flow.pending_offset = 0;
  return true;
}

// Moves what can be moved without waiting. On failure errno says why.
Connection::PumpResult Connection::pump(LegId from) {
  Flow& flow = flow_from(from);
  PumpResult result = PumpResult::kBlocked;
  for (int i = 0; i < kBuffersPerTurn; ++i) {
    if (!flush_pending(from, result)) return result;
    if (flow.source_ended) break;
    auto& buffer = scratch();
    const ssize_t received = recv(leg(from).socket(), buffer.data(), buffer.size(), 0);
    if (received < 0) {
      return errno == EAGAIN || errno == EINTR ? PumpResult::kBlocked : PumpResult::kSourceFailed;
    }
    if (received == 0) {
      flow.source_ended = true;
      break;
    }
    std::size_t taken = 0;
    const auto size = static_cast<std::size_t>(received);
    const ssize_t sent = send(leg(other(from)).socket(), buffer.data(), size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return PumpResult::kSinkFailed;
    if (sent > 0) {
      taken = static_cast<std::size_t>(sent);
      flow.relayed_bytes += taken;
      owner_.handle_relayed(from, taken);
    }
    flow.pending.assign(buffer.data() + taken, buffer.data() + size);
  }
  return result;
}

// A leg died. What it had received before still belongs to the other, as on a wire; then the other
// gets the reset. (The end of stream that a dead leg reports after its data is no FIN: it must not
// be passed on as one.)
void Connection::fail_leg(LegId from, int error) {
  report_.reason = std::string(name_of(from)) + (error == ETIMEDOUT ? "_timeout" : "_reset");
  report_.error = error;
  report_.tcp_info = read_tcp_info(leg(from).socket());
  if (phase_ == Phase::kRelaying) {
    (void)pump(from);
    owner_.handle_reset_relayed();
  }
  end(LegEnd::kRst, LegEnd::kRst, report_.reason);
}

// Asks for the events that the flows now need, and ends the connection when both are done.
void Connection::settle() {
  if (is_still() || phase_ != Phase::kRelaying) return;
  if (flows_[0].sink_shut && flows_[1].sink_shut) return end(LegEnd::kFin, LegEnd::kFin, "closed");
  for (const LegId id : {LegId::kClient, LegId::kUpstream}) {
    const Flow& outgoing = flow_from(other(id));
    const Flow& incoming = flow_from(id);
    if (incoming.source_ended && outgoing.sink_shut) {
      mutable_leg(id).want_only_news();
    } else {
      mutable_leg(id).want(!incoming.source_ended && !incoming.has_pending(),
                           outgoing.has_pending());
    }
  }
}

bool Connection::is_held() const {
  return legs_[0].is_held() || legs_[1].is_held();
}

bool Connection::is_still() const {
  const bool severed = phase_ == Phase::kRelaying && (!legs_[0].is_open() || !legs_[1].is_open());
  return severed || is_held();
}

Result<void> Connection::hold(HoldReason reason) {
  Result<void> result;
  for (const LegId id : {LegId::kClient, LegId::kUpstream}) {
    if (auto held = hold_leg(id, reason); held.has_error()) result = held;
  }
  return result;
}

Result<void> Connection::hold_leg(LegId id, HoldReason reason) {
  dial_timer_.cancel();  // a dial into a black hole waits; its deadline starts anew on release
  auto held = mutable_leg(id).hold(reason, mark_);
  // A leg that is not silent would go on to acknowledge what nobody moves on: its peer would go on
  // believing. It says nothing now, and the peer's next segment draws a reset.
  if (held.has_error()) end_leg(id, LegEnd::kVanish, "silence_failed");
  return held;
}

void Connection::release(HoldReason reason) {
  collect_dropped();
  for (Leg& each : legs_)
    each.release(reason);
  if (is_over() || is_held()) return;
  if (is_still() || !leg(LegId::kClient).is_open()) {
    // One leg is gone for good: whoever speaks on the other learns it by a reset.
    return end(LegEnd::kVanish, LegEnd::kVanish, report_.reason);
  }
  if (phase_ == Phase::kRelaying) {
    settle();
  } else if (upstream_) {
    dial();
  }
}

void Connection::probe(LegId id) {
  const Leg& asked = leg(id);
  if (asked.is_open() && !asked.is_held()) send_probe(asked.socket());
}

void Connection::end_leg(LegId id, LegEnd how, const std::string& reason) {
  if (is_over()) return;
  if (report_.reason.empty()) report_.reason = reason;
  collect_dropped();
  mutable_leg(id).end(how);
  if (!legs_[0].is_open() && !legs_[1].is_open()) report_over();
}

void Connection::reset_silent_leg(LegId id, HoldReason silent_for, const std::string& reason) {
  collect_dropped();
  mutable_leg(id).release(silent_for);
  end_leg(id, LegEnd::kRst, reason);
}

void Connection::catch_up() {
  for (const LegId from : {LegId::kClient, LegId::kUpstream}) {
    if (is_over() || is_still() || phase_ != Phase::kRelaying) return;
    run_flow(from);
  }
  if (!is_over()) settle();
}

void Connection::end(LegEnd client, LegEnd upstream, const std::string& reason) {
  if (is_over()) return;
  if (report_.reason.empty()) report_.reason = reason;
  collect_dropped();
  mutable_leg(LegId::kClient).end(client);
  mutable_leg(LegId::kUpstream).end(upstream);
  report_over();
}

void Connection::report_over() {
  HALFOPEN_ASSERT(!is_over());
  dial_timer_.cancel();
  phase_ = Phase::kOver;
  owner_.handle_over(*this, report_);
}

bool Connection::has_unforwarded(LegId from) const {
  const Leg& source = leg(from);
  const Leg& sink = leg(other(from));
  return flows_.at(index_of(from)).has_pending() ||
         (source.is_open() && unread_bytes(source.socket()) > 0) ||
         (sink.is_open() && unsent_bytes(sink.socket()) > 0);
}

bool Connection::has_unread(LegId from) const {
  const Flow& flow = flows_.at(index_of(from));
  if (!leg(from).is_open() || flow.source_ended || flow.has_pending()) return false;
  char byte = 0;
  return recv(leg(from).socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

void Connection::collect_dropped() {
  for (const LegId id : {LegId::kClient, LegId::kUpstream}) {
    const std::uint32_t segments = mutable_leg(id).take_dropped();
    if (segments > 0) owner_.handle_dropped(id, segments);
  }
}

std::string Connection::state_text() const {
  if (is_held()) return "silent";
  switch (phase_) {
    case Phase::kAccepted:
      return "accepted";
    case Phase::kDialing:
      return "dialing";
    case Phase::kRelaying:
      return is_still() ? "severed" : "relaying";
    case Phase::kOver:
      return "over";
  }
  return "";
}

}  // namespace halfopen
