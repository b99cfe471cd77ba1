#include "harness/model/prediction/kernel_timing.hpp"

#include <algorithm>

namespace halfopen {
namespace {

// The time of the retransmission timer's firing number `count` (from 0), doubling from `first`.
Duration doubling(unsigned count, Duration first) {
  Duration at{0};
  Duration gap = first;
  for (unsigned i = 0; i <= count; ++i) {
    at += gap;
    gap = std::min(2 * gap, kRetransmissionGapMax);
  }
  return at;
}

}  // namespace

Duration keepalive_death(const NodeDefences::KeepAlive& keepalive,
                         std::optional<Duration> user_timeout) {
  if (!user_timeout) return keepalive.idle + keepalive.interval * keepalive.count;
  // The first firing sends the first probe and cannot be the verdict.
  const Duration past_first = std::max(Duration{0}, *user_timeout - keepalive.idle);
  const Duration interval = std::max<Duration>(keepalive.interval, std::chrono::milliseconds(1));
  const auto firings = std::max<std::int64_t>(1, (past_first + interval - Duration{1}) / interval);
  return keepalive.idle + interval * firings;
}

Bounds user_timeout_death(Duration user_timeout) {
  return {user_timeout, user_timeout + kFirstRetransmission + kTimerSlack};
}

Bounds retransmission_death(unsigned retries2) {
  const unsigned retries = std::clamp(retries2, 1U, 100U);
  // Round trips make the first timer a little longer than its minimum, and whether the model's time
  // is over at one firing or at the next depends on that little.
  constexpr Duration kLongFirst = std::chrono::milliseconds(220);
  return {doubling(retries, kFirstRetransmission), doubling(retries + 1, kLongFirst) + kTimerSlack};
}

Duration dial_death(unsigned syn_retries) {
  constexpr Duration kLinear = std::chrono::seconds(4);
  Duration total = kLinear;
  Duration gap = std::chrono::seconds(1);
  for (unsigned i = 0; i <= std::min(syn_retries, 127U); ++i) {
    total += gap;
    gap = std::min(2 * gap, kRetransmissionGapMax);
  }
  return total;
}

}  // namespace halfopen
