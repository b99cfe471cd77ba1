// Is the peer still there? Three clocks of one connection: since a byte came in, since a ping went
// out, since the oldest vote waits for its acknowledgement.
//
// Only received bytes are a sign of life. That the kernel takes what we send proves nothing. Nor
// does a deadline that went by while this process did not run: each ping and each oldest vote is
// excused from that once.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "node/core/reasons.hpp"
#include "node/core/settings.hpp"

namespace halfopen::node {

class Liveness {
 public:
  Liveness(const PingSettings& ping, const RetrySettings& retry, Instant opened)
      : ping_(ping), retry_(retry), last_received_(opened) {}

  void on_received(Instant now) { last_received_ = now; }
  // The nonce of the ping to send now.
  std::uint64_t start_ping(Instant now);
  // The round-trip time, or nothing when this pong answers no ping of ours.
  std::optional<Duration> on_pong(std::uint64_t nonce, Instant now);
  // When the oldest unacknowledged vote was sent; nothing when none is.
  void watch_oldest_vote(std::optional<Instant> sent_at);
  // Before each verdict.
  void excuse_lateness(Instant now);

  [[nodiscard]] bool is_ping_due(Instant now) const;
  [[nodiscard]] bool is_ping_outstanding() const { return ping_sent_at_.has_value(); }
  // The peer is late: half of a deadline has gone by. Answers whose deadline.
  [[nodiscard]] std::optional<Reason> suspicion(Instant now) const;
  // The peer is dead: a deadline has gone by.
  [[nodiscard]] std::optional<Reason> verdict(Instant now) const;
  // When one of the three answers above can change without an event.
  [[nodiscard]] std::optional<Instant> next_deadline(Instant now) const;
  [[nodiscard]] Instant last_received() const { return last_received_; }

 private:
  [[nodiscard]] std::optional<Instant> ping_clock() const;
  [[nodiscard]] std::optional<Instant> ack_clock() const;

  PingSettings ping_;
  RetrySettings retry_;
  Instant last_received_;
  std::optional<Instant> ping_sent_at_;
  std::uint64_t nonce_ = 0;
  std::optional<Instant> oldest_vote_at_;
  std::optional<Instant> ping_excused_at_;
  std::optional<Instant> vote_excused_at_;
};

}  // namespace halfopen::node
