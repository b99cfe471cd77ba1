#include "harness/model/prediction/finders.hpp"

#include <algorithm>

#include "base/duration_text.hpp"
#include "harness/model/prediction/kernel_timing.hpp"

namespace halfopen {
namespace {

std::string text(Duration duration) {
  return format_duration(duration);
}

class Search {
 public:
  Search(const EndFacts& facts, bool with_traffic)
      : facts_(facts), has_(facts.defences), with_traffic_(with_traffic) {}

  std::vector<Finder> all() {
    add_ping();
    add_keepalive();
    if (with_traffic_) add_traffic();
    std::stable_sort(finders_.begin(), finders_.end(), [](const Finder& one, const Finder& other) {
      return one.at_most < other.at_most;
    });
    return std::move(finders_);
  }

 private:
  [[nodiscard]] bool reads_while_idle() const { return has_.watch_idle || !facts_.dials; }
  [[nodiscard]] bool reads_while_waiting() const {
    return reads_while_idle() || has_.retry.enabled;
  }

  void add_ping() {
    if (!has_.ping.enabled) return;
    const Duration at = has_.ping.interval + has_.ping.timeout;
    finders_.push_back({"ping_timeout", at, at + kTimerSlack,
                        "ping interval " + text(has_.ping.interval) + " + timeout " +
                            text(has_.ping.timeout) +
                            " after the last byte (the node's own configuration)"});
  }

  // Data that is unacknowledged stops the probes; a ping or a vote is such data.
  void add_keepalive() {
    if (!has_.keepalive.enabled || with_traffic_ || !reads_while_idle()) return;
    const auto limit =
        has_.user_timeout.enabled ? std::optional(has_.user_timeout.timeout) : std::nullopt;
    const Duration at = keepalive_death(has_.keepalive, limit);
    if (has_.ping.enabled && has_.ping.interval < at) return;
    std::string because = "idle " + text(has_.keepalive.idle);
    if (limit) {
      because += " + probes each " + text(has_.keepalive.interval) + " until user timeout " +
                 text(*limit) + " is over (a set TCP_USER_TIMEOUT replaces TCP_KEEPCNT)";
    } else {
      because += " + " + std::to_string(has_.keepalive.count) + " probes x " +
                 text(has_.keepalive.interval) + " (tcp(7), TCP_KEEPCNT)";
    }
    finders_.push_back(
        {"keepalive_timeout", at, at + kTimerSlack, because + ", after the last segment"});
  }

  void add_traffic() {
    if (has_.retry.enabled) {
      const Duration at = has_.retry.ack_deadline;
      finders_.push_back({"ack_timeout", at, at + kTimerSlack,
                          "ack deadline " + text(at) + " after the vote (the node's own)"});
    }
    if (!reads_while_waiting()) return;  // the kernel's word is heard by the next vote only
    if (has_.user_timeout.enabled) {
      const Bounds bounds = user_timeout_death(has_.user_timeout.timeout);
      finders_.push_back(
          {"user_timeout", bounds.at_least, bounds.at_most,
           "TCP_USER_TIMEOUT " + text(has_.user_timeout.timeout) +
               " after the first retransmission, looked at when one is due (RFC 5482, "
               "tcp(7), tcp_timer.c)"});
      return;
    }
    const Bounds bounds = retransmission_death(facts_.retries2);
    finders_.push_back({"retransmission_timeout", bounds.at_least, bounds.at_most,
                        "tcp_retries2 " + std::to_string(facts_.retries2) +
                            ": retransmissions from 200ms doubling up to 120s (RFC 6298, "
                            "ip-sysctl.rst)"});
  }

  const EndFacts& facts_;
  const NodeDefences& has_;
  bool with_traffic_;
  std::vector<Finder> finders_;
};

}  // namespace

std::vector<Finder> silence_finders(const EndFacts& facts, bool with_traffic) {
  return Search(facts, with_traffic).all();
}

const Finder* surest(const std::vector<Finder>& finders) {
  return finders.empty() ? nullptr : &finders.front();
}

}  // namespace halfopen
