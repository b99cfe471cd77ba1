#include "node/core/liveness.hpp"

#include <algorithm>

#include "node/core/limits.hpp"

namespace halfopen::node {

std::uint64_t Liveness::start_ping(Instant now) {
  ping_sent_at_ = now;
  ping_excused_at_.reset();
  return ++nonce_;
}

std::optional<Duration> Liveness::on_pong(std::uint64_t nonce, Instant now) {
  if (!ping_sent_at_ || nonce != nonce_) return std::nullopt;
  const Duration round_trip = now - *ping_sent_at_;
  ping_sent_at_.reset();
  return round_trip;
}

void Liveness::watch_oldest_vote(std::optional<Instant> sent_at) {
  if (sent_at != oldest_vote_at_) vote_excused_at_.reset();
  oldest_vote_at_ = sent_at;
}

void Liveness::excuse_lateness(Instant now) {
  const auto is_late = [&](std::optional<Instant> from, Duration deadline) {
    return from && now > *from + deadline + kLateWakeup;
  };
  if (!ping_excused_at_ && is_late(ping_clock(), ping_.timeout)) ping_excused_at_ = now;
  if (!vote_excused_at_ && is_late(ack_clock(), retry_.ack_deadline)) vote_excused_at_ = now;
}

bool Liveness::is_ping_due(Instant now) const {
  return ping_.enabled && !ping_sent_at_ && now >= last_received_ + ping_.interval;
}

// Where the outstanding ping's deadlines count from. Other bytes that come meanwhile are a sign of
// life too: the pong may wait behind them.
std::optional<Instant> Liveness::ping_clock() const {
  if (!ping_sent_at_) return std::nullopt;
  return std::max({*ping_sent_at_, last_received_, ping_excused_at_.value_or(*ping_sent_at_)});
}

std::optional<Instant> Liveness::ack_clock() const {
  if (!retry_.enabled || !oldest_vote_at_) return std::nullopt;
  return std::max(*oldest_vote_at_, vote_excused_at_.value_or(*oldest_vote_at_));
}

std::optional<Reason> Liveness::suspicion(Instant now) const {
  if (const auto from = ping_clock(); from && now >= *from + ping_.timeout / 2) {
    return Reason::kPingTimeout;
  }
  if (const auto from = ack_clock(); from && now >= *from + retry_.ack_deadline / 2) {
    return Reason::kAckTimeout;
  }
  return std::nullopt;
}

std::optional<Reason> Liveness::verdict(Instant now) const {
  if (const auto from = ping_clock(); from && now >= *from + ping_.timeout) {
    return Reason::kPingTimeout;
  }
  if (const auto from = ack_clock(); from && now >= *from + retry_.ack_deadline) {
    return Reason::kAckTimeout;
  }
  return std::nullopt;
}

std::optional<Instant> Liveness::next_deadline(Instant now) const {
  std::optional<Instant> next;
  const auto consider = [&](Instant at) {
    if (at > now && (!next || at < *next)) next = at;
  };
  if (ping_.enabled && !ping_sent_at_) {
    // A ping that is due already must not be lost by the `at > now` above.
    consider(std::max(last_received_ + ping_.interval, now + Duration{1}));
  }
  if (const auto from = ping_clock()) {
    consider(*from + ping_.timeout / 2);
    consider(*from + ping_.timeout);
  }
  if (const auto from = ack_clock()) {
    consider(*from + retry_.ack_deadline / 2);
    consider(*from + retry_.ack_deadline);
  }
  return next;
}

}  // namespace halfopen::node
