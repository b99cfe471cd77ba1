#include "proxy/shell/connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/assert.hpp"
#include "metrics/clock.hpp"
#include "proxy/shell/socket_address.hpp"

namespace halfopen {
namespace {

constexpr std::array kLegs{LegId::kClient, LegId::kUpstream};

const char* name_of(LegId leg) {
  return leg == LegId::kClient ? "client" : "upstream";
}

}  // namespace

Connection::Connection(const ConnectionSettings& settings, ConnectionOwner& owner, ConnectionId id,
                       std::uint64_t ordinal, Descriptor client,
                       const boost::asio::ip::tcp::endpoint& client_address)
    : settings_(settings),
      owner_(owner),
      id_(id),
      ordinal_(ordinal),
      client_address_(client_address),
      legs_{Leg{settings.loop, *this, LegId::kClient}, Leg{settings.loop, *this, LegId::kUpstream}},
      flows_{Flow{settings.pipes}, Flow{settings.pipes}},
      timer_(settings.loop, [this] { handle_timer(); }) {
  set_no_delay(client.get());
  mutable_leg(LegId::kClient).open(std::move(client));
}

Connection::~Connection() {
  if (dial_ && dial_->question) settings_.resolver.cancel(*dial_->question);
}

void Connection::start(const std::string& upstream) {
  dial_ = std::make_unique<Dial>();
  dial_->upstream = upstream;
  if (!is_held() && !is_dial_withheld_) dial();
}

void Connection::allow_dial() {
  if (!is_dial_withheld_) return;
  is_dial_withheld_ = false;
  if (dial_ && phase_ == Phase::kAccepted && !is_held()) dial();
}

void Connection::handle_leg(LegId from, std::uint32_t events) {
  owner_.handle_leg_event(*this, from);
  if (is_over()) return;
  if (phase_ == Phase::kDialing && from == LegId::kUpstream) {
    return is_still() ? void() : handle_dial_event(events);
  }
  // Edges come once: what cannot be acted on now is noted.
  note_edges(from, events);
  if (is_still()) return;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    const int error = take_socket_error(leg(from).socket());
    if (error != 0) return fail_leg(from, error);
  }
  if (phase_ != Phase::kRelaying) return;
  if ((events & EPOLLOUT) != 0) run_flow(other(from));
  if (is_over() || is_still()) return;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) != 0) run_flow(from);
  if (!is_over()) schedule();
}

void Connection::note_edges(LegId from, std::uint32_t events) {
  if ((events & EPOLLPRI) != 0) flow_from(from).note_urgent();
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) != 0) {
    flow_from(from).note_readable((events & (EPOLLRDHUP | EPOLLHUP)) != 0);
  }
  if ((events & EPOLLOUT) != 0) flow_from(other(from)).note_writable();
}

void Connection::run_flow(LegId from) {
  Flow& flow = flow_from(from);
  if (flow.is_sink_shut()) return;
  // The clock is read for stages only: it would be a fifth of a small message's cost.
  const Instant now = flow.is_shaped() ? monotonic_now() : Instant{};
  const Flow::Turn turn = flow.run(leg(from).socket(), leg(other(from)).socket(), now);
  if (turn.moved_bytes > 0 || turn.received_bytes > 0) {
    owner_.handle_moved(from, turn.received_bytes, turn.moved_bytes);
  }
  act_on(from, turn);
}

void Connection::act_on(LegId from, const Flow::Turn& turn) {
  switch (turn.outcome) {
    case Flow::Outcome::kSourceFailed:
      return fail_leg(from, turn.error);
    case Flow::Outcome::kSinkFailed:
      return fail_leg(other(from), turn.error);
    case Flow::Outcome::kClose:
      flow_from(from).note_sink_shut();
      return close_both_ways(from, "closed_by_fault");
    case Flow::Outcome::kReset:
      owner_.handle_reset_by_fault();
      return end(LegEnd::kRst, LegEnd::kRst, "reset_by_fault");
    case Flow::Outcome::kYielded:
      is_turn_owed_ = true;
      break;
    case Flow::Outcome::kWaiting:
      // The reset does not wait for a reader, who may have stopped.
      if (flow_from(from).is_source_dead() && flow_from(from).is_sink_blocked()) {
        return end(LegEnd::kRst, LegEnd::kRst, report_ ? report_->reason : "reset");
      }
      break;
  }
  if (turn.is_end_due) pass_end_on(from);
}

void Connection::pass_end_on(LegId from) {
  Flow& flow = flow_from(from);
  if (flow.is_source_dead()) {
    return end(LegEnd::kRst, LegEnd::kRst, report_ ? report_->reason : "reset");
  }
  Flow& back = flow_from(other(from));
  flow.note_sink_shut();
  if (back.is_sink_shut()) return end(LegEnd::kFin, LegEnd::kFin, "closed");
  if (keeps_half_open(from)) {
    shutdown(leg(other(from)).socket(), SHUT_WR);
    return;
  }
  close_both_ways(from, "closed");
}

// The way from this leg is at its end. What is held of the other way, by a stage or for a slow
// reader, still comes in its time.
void Connection::close_both_ways(LegId from, const std::string& reason) {
  Flow& back = flow_from(other(from));
  if (back.is_sink_shut() || back.held_bytes() == 0) {
    return end(LegEnd::kFin, LegEnd::kFin, reason);
  }
  if (!report_) report_ = std::make_unique<CloseReport>();
  report_->reason = reason;
  shutdown(leg(other(from)).socket(), SHUT_RDWR);
  back.note_readable(true);
  is_turn_owed_ = true;
}

// A leg died. What it had received before still belongs to the other, as on a wire; then the other
// gets the reset. (The end of stream that a dead leg reports after its data is no FIN: it must not
// be passed on as one.)
void Connection::fail_leg(LegId from, int error) {
  Flow& flow = flow_from(from);
  const bool is_draining = flow.is_source_dead() || flow_from(other(from)).is_source_dead();
  if (!report_) {
    report_ = std::make_unique<CloseReport>();
    report_->reason = std::string(name_of(from)) + (error == ETIMEDOUT ? "_timeout" : "_reset");
    report_->error = error;
    report_->tcp_info = read_tcp_info(leg(from).socket());
  }
  if (phase_ != Phase::kRelaying) return end(LegEnd::kRst, LegEnd::kRst, report_->reason);
  if (is_draining) return end(LegEnd::kRst, LegEnd::kRst, report_->reason);
  owner_.handle_reset_relayed();
  flow.note_source_dead();
  // What stages hold back comes in its time, and the reset behind it.
  run_flow(from);
  while (!is_over() && is_turn_owed_ && !flow.is_shaped()) {
    is_turn_owed_ = false;
    run_flow(from);
  }
  if (is_over()) return;
  // After a FIN that was passed on nothing comes any more, and there is nothing to wait for.
  if (!flow.is_shaped() || flow.is_sink_shut()) {
    return end(LegEnd::kRst, LegEnd::kRst, report_->reason);
  }
  schedule();
}

void Connection::handle_timer() {
  if (is_over() || is_still()) return;
  const Instant now = monotonic_now();
  if (phase_ == Phase::kDialing) {
    if (dial_->deadline && now >= *dial_->deadline) return fail_dial(ETIMEDOUT);
    return schedule();
  }
  is_turn_owed_ = false;
  for (const LegId from : kLegs) {
    if (is_over() || is_still() || phase_ != Phase::kRelaying) return;
    flow_from(from).handle_timeout(now);
    run_flow(from);
  }
  if (!is_over()) schedule();
}

// Arms the one timer for whatever is next: most connections have nothing to wait for.
void Connection::schedule() {
  std::optional<Instant> next;
  const auto consider = [&next](std::optional<Instant> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  if (!is_still()) {
    if (dial_) consider(dial_->deadline);
    if (phase_ == Phase::kRelaying) {
      for (const Flow& flow : flows_)
        consider(flow.deadline());
      // In the next turn, after whatever else is ready.
      if (is_turn_owed_) next = monotonic_now();
    }
  }
  if (!next) {
    timer_.cancel();
  } else if (!timer_.is_armed() || timer_.deadline() != *next) {
    timer_.arm(*next);
  }
}

bool Connection::is_held() const {
  return legs_[0].is_held() || legs_[1].is_held();
}

bool Connection::is_still() const {
  const bool severed = phase_ == Phase::kRelaying && (!legs_[0].is_open() || !legs_[1].is_open());
  return severed || is_held();
}

void Connection::note_silence() {
  if (was_silent_ == is_held()) return;
  was_silent_ = is_held();
  owner_.handle_silence(was_silent_);
}

Result<void> Connection::hold(HoldReason reason) {
  Result<void> result;
  for (const LegId id : kLegs) {
    if (auto held = hold_leg(id, reason); held.has_error()) result = held;
  }
  return result;
}

Result<void> Connection::hold_leg(LegId id, HoldReason reason) {
  // A dial into a black hole waits; its deadline starts anew on release.
  if (dial_) dial_->deadline.reset();
  if (leg(id).is_open() && !leg(id).is_held()) owner_.handle_silencing(*this, id);
  auto held = mutable_leg(id).hold(reason, settings_.mark);
  // A leg that is not silent would go on to acknowledge what nobody moves on: its peer would go on
  // believing. It says nothing now, and the peer's next segment draws a reset.
  if (held.has_error()) end_leg(id, LegEnd::kVanish, "silence_failed");
  if (is_over()) return held;
  note_silence();
  schedule();
  return held;
}

void Connection::release(HoldReason reason) {
  const bool was_held = is_held_by(reason);
  collect_dropped();
  for (Leg& each : legs_)
    each.release(reason);
  note_silence();
  if (is_over() || is_held()) return;
  if (is_still() || !leg(LegId::kClient).is_open()) {
    // One leg is gone for good: whoever speaks on the other learns it by a reset.
    return end(LegEnd::kVanish, LegEnd::kVanish, report_ ? report_->reason : "");
  }
  if (phase_ == Phase::kRelaying) {
    is_turn_owed_ = true;
    schedule();
  } else if (was_held && dial_ && !is_dial_withheld_) {
    // Its deadline begins anew: that of a dial that no hold has interrupted does not.
    dial();
  }
}

Result<void> Connection::set_lossy(LegId from, bool is_lossy) {
  collect_dropped();
  // Nothing is acknowledged to the sender, and nothing of the sender's arrives at the other end.
  auto deaf = mutable_leg(from).set_deaf(is_lossy);
  auto mute = mutable_leg(other(from))
                  .set_mute(is_lossy ? std::optional<std::uint32_t>{settings_.mark} : std::nullopt);
  return deaf.has_error() ? deaf : mute;
}

void Connection::end_stream(LegId from) {
  Flow& flow = flow_from(from);
  move_arrived(from);
  if (is_over() || is_still() || phase_ != Phase::kRelaying || flow.is_sink_shut() ||
      flow.has_source_ended()) {
    return;
  }
  is_stream_cut_.at(index_of(from)) = true;
  flow.note_source_ended(monotonic_now());
  run_flow(from);
  if (!is_over()) schedule();
}

void Connection::probe(LegId id) {
  const Leg& asked = leg(id);
  if (asked.is_open() && !asked.is_held()) send_probe(asked.socket());
}

void Connection::end_leg(LegId id, LegEnd how, const std::string& reason) {
  if (is_over()) return;
  if (!report_) report_ = std::make_unique<CloseReport>();
  if (report_->reason.empty()) report_->reason = reason;
  collect_dropped();
  mutable_leg(id).end(how);
  note_silence();
  if (!legs_[0].is_open() && !legs_[1].is_open()) return report_over();
  schedule();
}

void Connection::reset_silent_leg(LegId id, HoldReason silent_for, const std::string& reason) {
  collect_dropped();
  mutable_leg(id).release(silent_for);
  end_leg(id, LegEnd::kRst, reason);
}

void Connection::catch_up() {
  for (const LegId from : kLegs)
    move_arrived(from);
}

// Not what comes meanwhile: a sender that is as fast as the relay would keep it here for ever.
void Connection::move_arrived(LegId from) {
  Flow& flow = flow_from(from);
  flow.note_readable(false);
  if (is_over() || is_still() || phase_ != Phase::kRelaying || flow.is_sink_shut()) return;
  const std::uint64_t arrived = flow.received_bytes() + unread_bytes(leg(from).socket());
  // The other way may be owed a turn, too.
  const bool was_owed = is_turn_owed_;
  do {
    is_turn_owed_ = false;
    run_flow(from);
    if (is_over() || is_still()) return;
  } while (is_turn_owed_ && !flow.is_sink_shut() && flow.received_bytes() < arrived);
  is_turn_owed_ = is_turn_owed_ || was_owed;
  schedule();
}

StreamChain& Connection::chain(LegId from) {
  return flow_from(from).chain(monotonic_now());
}

void Connection::handle_chain_changed(LegId from) {
  if (is_over() || is_still() || phase_ != Phase::kRelaying) return;
  run_flow(from);
  if (!is_over()) schedule();
}

void Connection::end(LegEnd client, LegEnd upstream, const std::string& reason) {
  if (is_over()) return;
  if (!report_) report_ = std::make_unique<CloseReport>();
  if (report_->reason.empty()) report_->reason = reason;
  collect_dropped();
  mutable_leg(LegId::kClient).end(client);
  mutable_leg(LegId::kUpstream).end(upstream);
  note_silence();
  report_over();
}

void Connection::report_over() {
  HALFOPEN_ASSERT(!is_over());
  timer_.cancel();
  phase_ = Phase::kOver;
  owner_.handle_over(*this, *report_);
}

bool Connection::has_unforwarded(LegId from) const {
  const Leg& source = leg(from);
  const Leg& sink = leg(other(from));
  return flow(from).held_bytes() > 0 || (source.is_open() && unread_bytes(source.socket()) > 0) ||
         (sink.is_open() && unsent_bytes(sink.socket()) > 0);
}

bool Connection::has_unread(LegId from) const {
  if (!leg(from).is_open() || flow(from).has_source_ended() || flow(from).held_bytes() > 0) {
    return false;
  }
  char byte = 0;
  return recv(leg(from).socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

void Connection::collect_dropped() {
  for (const LegId id : kLegs) {
    const std::uint32_t segments = mutable_leg(id).take_dropped();
    if (segments > 0) owner_.handle_dropped(id, segments);
  }
}

std::string Connection::client_address() const {
  return to_text(client_address_);
}

std::string Connection::upstream_local() const {
  return was_connected() ? to_text(upstream_local_) : std::string{};
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
