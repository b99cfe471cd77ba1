// The ends: what a program and its kernel do by themselves, and how each learns of a death.
#include <algorithm>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/prediction/link_walk.hpp"

namespace halfopen {
namespace {

// A walk through years at a ping a millisecond would not end; nobody waits for its answer.
constexpr unsigned kActsMax = 300'000;
constexpr Duration kFinWait = std::chrono::seconds(60);  // tcp_fin_timeout

}  // namespace

// vote-node reads from whoever dialled it at all times, and from whom it dialled while it has
// reason to (node/core/peer.cpp).
bool LinkWalk::is_reading(LinkEnd end) const {
  if (end == LinkEnd::kListener) return true;
  const State& self = state(end);
  const NodeDefences& has = defences(end);
  const bool awaits_ack =
      self.oldest_vote_at.has_value() && (has.retry.enabled || now_ < self.listen_until);
  return has.watch_idle || self.ping_sent_at.has_value() || awaits_ack;
}

void LinkWalk::process(LinkEnd at, Payload payload) {
  State& self = state(at);
  self.last_bytes = now_;
  switch (payload) {
    case Payload::kPing:
      return send(at, Payload::kPong);
    case Payload::kVote:
      return send(at, Payload::kAck);
    case Payload::kPong:
      self.ping_sent_at.reset();
      return;
    case Payload::kAck:
      self.oldest_vote_at.reset();
      return;
  }
}

void LinkWalk::look(LinkEnd end) {
  if (!is_open(end) || !is_reading(end)) return;
  const std::vector<Payload> backlog = std::exchange(state(end).backlog, {});
  for (const Payload payload : backlog) {
    if (is_open(end)) process(end, payload);
  }
  State& self = state(end);
  if (!is_open(end)) return;
  if (self.fin_came) return give_up(end, "eof");
  if (!self.error.empty()) give_up(end, self.error);
}

void LinkWalk::hear_reset(LinkEnd end) {
  State& self = state(end);
  if (!self.process_up || self.finding || !self.kernel_knows) return;
  self.kernel_knows = false;
  self.queue.clear();
  self.unacked_since.reset();
  if (self.error.empty()) self.error = self.fin_came ? "broken_pipe" : "reset";
  look(end);
}

void LinkWalk::hear_fin(LinkEnd end) {
  State& self = state(end);
  if (!self.process_up || self.finding || !self.kernel_knows) return;
  if (!self.fin_came && !is_reading(end)) {
    happened_to(end, " gets a FIN, and nothing reads it", false);
  }
  self.fin_came = true;
  self.fin_at = now_;
  look(end);
}

void LinkWalk::give_up(LinkEnd end, std::string reason) {
  State& self = state(end);
  if (!is_open(end)) return;
  const Duration heard = std::max({self.last_bytes, self.last_segment, self.fin_at});
  self.finding = Finding{now_, std::move(reason), now_ - heard};
  happened_to(end, " finds it: " + self.finding->reason);
  close_socket(end);
  const auto& reconnect = defences(end).reconnect;
  if (end == LinkEnd::kDialer && reconnect.enabled) {
    self.dial_at = now_ + (terms_.shift.slow_dials ? reconnect.backoff_max : reconnect.backoff_min);
  }
}

// close(2): unread bytes turn the FIN into a RST. A FIN that nobody acknowledges is repeated.
void LinkWalk::close_socket(LinkEnd end) {
  State& self = state(end);
  const bool knew = std::exchange(self.kernel_knows, false);
  if (!knew || !self.error.empty()) return;
  const LinkEnd peer = other(end);
  const bool with_reset = !self.backlog.empty();
  if (!with_reset && self.unacked_since) {
    // The FIN stands behind what was sent before, and that is still being repeated.
    self.fin_gap = self.retransmit_gap;
    self.fin_again_at = self.retransmit_at;
    return;
  }
  self.queue.clear();
  if (!with_reset) self.fin_wait_until = now_ + kFinWait;
  if (pass(end, false) == Passage::kArrives) {
    return with_reset ? hear_reset(peer) : hear_fin(peer);
  }
  if (with_reset) return;
  self.fin_gap = kFirstRetransmission;
  self.fin_again_at = now_ + self.fin_gap;
}

void LinkWalk::cast(LinkEnd from) {
  State& self = state(from);
  if (!is_open(from)) return;
  if (!self.oldest_vote_at) self.oldest_vote_at = now_;
  self.listen_until = now_ + defences(from).ack_wait;
  send(from, Payload::kVote);
  look(from);
}

void LinkWalk::end_process(LinkEnd end, RestartKind kind) {
  State& self = state(end);
  if (!self.process_up) return;
  happened_to(end, "'s process ends: " + std::string(to_text(kind)));
  if (kind == RestartKind::kPowerLoss) {
    self.machine_up = false;
    self.kernel_knows = false;
    self.process_up = false;
    return;
  }
  close_socket(end);
  self.process_up = false;
}

void LinkWalk::power_on(LinkEnd end) {
  state(end).machine_up = true;
}

void LinkWalk::destroy(LinkEnd end) {
  State& self = state(end);
  if (!is_open(end) || !self.kernel_knows) return;
  self.kernel_knows = false;
  self.error = "aborted";
  if (pass(end, false) == Passage::kArrives) hear_reset(other(end));
  look(end);
}

// --- time ---

std::optional<Duration> LinkWalk::next_deadline_of(LinkEnd end) const {
  const State& self = state(end);
  std::optional<Duration> next;
  const auto consider = [&next](Duration at) { next = next ? std::min(*next, at) : at; };
  if (self.fin_again_at) consider(*self.fin_again_at);
  if (self.dial_at) consider(*self.dial_at);
  if (!is_open(end)) return next;
  const NodeDefences& has = defences(end);
  if (self.kernel_knows && self.unacked_since) {
    consider(self.retransmit_at + terms_.shift.probes);
  } else if (self.kernel_knows && has.keepalive.enabled) {
    consider(self.probe_at + terms_.shift.probes);
  }
  if (has.ping.enabled) {
    consider(self.ping_sent_at ? std::max(*self.ping_sent_at, self.last_bytes) + has.ping.timeout
                               : self.last_bytes + has.ping.interval);
  }
  if (has.retry.enabled && self.oldest_vote_at) {
    consider(*self.oldest_vote_at + has.retry.ack_deadline);
  }
  return next;
}

std::optional<Duration> LinkWalk::next_deadline() const {
  std::optional<Duration> next;
  for (const LinkEnd end : {LinkEnd::kDialer, LinkEnd::kListener}) {
    const auto at = next_deadline_of(end);
    if (at) next = next ? std::min(*next, *at) : at;
  }
  if (mapping_ && mapping_->live) {
    next = next ? std::min(*next, mapping_deadline()) : mapping_deadline();
  }
  return next;
}

void LinkWalk::advance(Duration to) {
  for (unsigned acts = 0; acts < kActsMax; ++acts) {
    if (WalkBudget* budget = terms_.budget.get()) {
      if (budget->is_spent()) break;
      --budget->acts_left;
    }
    const auto next = next_deadline();
    if (!next || *next > to) break;
    now_ = std::max(now_, *next);
    if (mapping_ && mapping_->live && mapping_deadline() <= now_) {
      const bool unacked = mapping_->awaits_ack && mapping_->terms.unacked_timeout.has_value();
      const Duration timeout =
          unacked ? *mapping_->terms.unacked_timeout : mapping_->terms.idle_timeout;
      const std::string& name = mapping_->fault;
      expire("the mapping" + (name == "nat" ? "" : " of " + name) + " is forgotten, " +
                 format_duration(timeout) + " after its last " +
                 (mapping_->terms.by_bytes ? "byte" : "packet") +
                 (unacked ? " (data is unacknowledged: unacked_timeout)" : " (idle_timeout)"),
             true);
    }
    act(LinkEnd::kDialer);
    act(LinkEnd::kListener);
    if (acts + 1 == kActsMax)
      not_modelled_.emplace_back("so many pings and probes in one idle time");
  }
  now_ = std::max(now_, to);
}

void LinkWalk::act(LinkEnd end) {
  act_afterwards(end);
  if (!is_open(end)) return;
  act_keepalive(end);
  act_retransmission(end);
  if (is_open(end)) act_liveness(end);
  look(end);
}

void LinkWalk::act_keepalive(LinkEnd end) {
  State& self = state(end);
  const auto& keepalive = defences(end).keepalive;
  if (!keepalive.enabled || !self.kernel_knows || self.unacked_since) return;
  if (self.probe_at + terms_.shift.probes > now_) return;
  const Duration silent = now_ - self.last_segment;
  const auto limit = user_timeout(end);
  const bool dead =
      limit ? silent >= *limit && self.probes_out > 0 : self.probes_out >= keepalive.count;
  if (dead) {
    self.kernel_knows = false;
    self.error = "keepalive_timeout";
    if (pass(end, false) == Passage::kArrives) hear_reset(other(end));
    return look(end);
  }
  const Passage there = pass(end, false);
  if (there == Passage::kReset) return hear_reset(end);
  if (there == Passage::kArrives && pass(other(end), false) == Passage::kArrives) {
    self.last_segment = now_;
    self.probes_out = 0;
    self.probe_at = now_ + keepalive.idle;
    return;
  }
  ++self.probes_out;
  self.probe_at = now_ + keepalive.interval;
}

void LinkWalk::act_retransmission(LinkEnd end) {
  State& self = state(end);
  if (!self.kernel_knows || !self.unacked_since) return;
  if (self.retransmit_at + terms_.shift.probes > now_) return;
  const Duration tried = now_ - *self.unacked_since - kMeasuredFirst;
  const auto limit = user_timeout(end);
  const Duration patience =
      limit ? *limit
            : retransmission_death(terms_.retries2.at(static_cast<std::size_t>(end))).at_least;
  const bool dead = tried >= patience;
  if (dead) {
    self.kernel_knows = false;
    self.error = limit ? "user_timeout" : "retransmission_timeout";
    return look(end);
  }
  self.retransmit_gap = std::min(2 * self.retransmit_gap, kRetransmissionGapMax);
  Duration next = self.retransmit_gap;
  if (limit) {
    next = std::min(next, std::max<Duration>(patience - tried, std::chrono::milliseconds(4)));
  }
  self.retransmit_at = now_ + next;
  transmit(end, false);
}

void LinkWalk::act_liveness(LinkEnd end) {
  State& self = state(end);
  const NodeDefences& has = defences(end);
  if (has.ping.enabled && self.ping_sent_at &&
      now_ >= std::max(*self.ping_sent_at, self.last_bytes) + has.ping.timeout) {
    return give_up(end, "ping_timeout");
  }
  if (has.retry.enabled && self.oldest_vote_at &&
      now_ >= *self.oldest_vote_at + has.retry.ack_deadline) {
    return give_up(end, "ack_timeout");
  }
  if (has.ping.enabled && !self.ping_sent_at && now_ >= self.last_bytes + has.ping.interval) {
    self.ping_sent_at = now_;
    send(end, Payload::kPing);
    look(end);  // a read is pending while a pong is awaited, and begins after the write
  }
}

// A FIN that is repeated; the next dial, of which the old connection's other end hears.
void LinkWalk::act_afterwards(LinkEnd end) {
  State& self = state(end);
  const LinkEnd peer = other(end);
  if (self.fin_again_at && *self.fin_again_at <= now_) {
    self.fin_again_at.reset();
    if (pass(end, false) == Passage::kArrives) {
      // Its answer meets a socket that is closed, and is reset.
      const std::vector<Payload> late = std::exchange(self.queue, {});
      if (!late.empty()) state(peer).last_segment = now_;
      for (const Payload payload : late)
        arrive(peer, payload);
      hear_fin(peer);
    } else if (self.fin_gap < std::chrono::seconds(50)) {
      self.fin_gap *= 2;
      self.fin_again_at = now_ + self.fin_gap;
    }
  }
  if (!self.dial_at || *self.dial_at > now_) return;
  self.dial_at.reset();
  const auto& reconnect = defences(end).reconnect;
  if (closed_.empty() && state(peer).process_up && state(peer).machine_up) {
    happened("a new connection is made");
    if (is_open(peer)) give_up(peer, "replaced");
    return;
  }
  const bool silent = !closed_.empty() && closed_.begin()->second == "silent";
  // The moment of a dial is drawn; a walk of quick dials and one of slow ones are its bounds.
  const Duration wait = std::max<Duration>(reconnect.backoff_max, std::chrono::milliseconds(50));
  self.dial_at = now_ + (terms_.shift.slow_dials
                             ? wait + (silent ? reconnect.dial_timeout : Duration{0})
                             : std::max<Duration>(wait / 10, std::chrono::milliseconds(20)));
}

}  // namespace halfopen
