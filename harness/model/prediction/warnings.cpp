#include "harness/model/prediction/warnings.hpp"

#include <algorithm>

#include "base/duration_text.hpp"
#include "harness/model/prediction/kernel_timing.hpp"

namespace halfopen {
namespace {

constexpr Duration kApart = std::chrono::seconds(1);

std::string text(Duration duration) {
  return format_duration(duration);
}

class Warner {
 public:
  Warner(const EndFacts& end, const LinkFacts& link) : end_(end), has_(end.defences), link_(link) {}

  std::vector<std::string> all() {
    for (const NatTerms& mapping : link_.mappings)
      look_at_mapping(mapping);
    look_at_keepalive();
    look_at_votes();
    look_at_dials();
    look_at_reading();
    return std::move(warnings_);
  }

 private:
  void warn(const std::string& sentence) {
    if (std::find(warnings_.begin(), warnings_.end(), sentence) == warnings_.end()) {
      warnings_.push_back(sentence);
    }
  }

  [[nodiscard]] static bool ping_saves(const NodeDefences& has, const NatTerms& mapping) {
    return has.ping.enabled && has.ping.interval + kApart <= mapping.idle_timeout;
  }
  [[nodiscard]] static bool keepalive_saves(const NodeDefences& has, const NatTerms& mapping) {
    return has.keepalive.enabled && !mapping.by_bytes &&
           has.keepalive.idle + kApart <= mapping.idle_timeout;
  }

  void look_at_mapping(const NatTerms& mapping) {
    const std::string timeout = "idle_timeout " + text(mapping.idle_timeout);
    const bool saved = ping_saves(has_, mapping) || keepalive_saves(has_, mapping) ||
                       ping_saves(link_.peer, mapping) || keepalive_saves(link_.peer, mapping);
    if (saved) return;
    if (has_.keepalive.enabled && mapping.by_bytes) {
      warn(
          "keep-alive is useless here: the box counts bytes (refresh_by: bytes) and a probe "
          "carries none; only a ping below its " +
          timeout + " keeps the link");
    }
    if (has_.keepalive.enabled && !mapping.by_bytes) {
      look_at_refresher("keep-alive idle", has_.keepalive.idle, mapping);
    }
    if (has_.ping.enabled) look_at_refresher("ping interval", has_.ping.interval, mapping);
    if (!has_.ping.enabled && !has_.keepalive.enabled) {
      warn("nothing of this end keeps the mapping (" + timeout + "): neither keep-alive nor ping");
    }
  }

  void look_at_refresher(const std::string& what, Duration time, const NatTerms& mapping) {
    const Duration timeout = mapping.idle_timeout;
    if (time >= timeout + kApart) {
      warn(what + " " + text(time) + " is above the mapping's idle_timeout " + text(timeout) +
           ": it comes too late to keep it; set it to half or less");
    } else if (time + kApart > timeout) {
      warn(
          what + " " + text(time) + " and the mapping's idle_timeout " + text(timeout) +
          " race: they are less than 1s apart, and timers step in seconds; set it to half or less");
    }
  }

  void look_at_keepalive() {
    if (!has_.keepalive.enabled) return;
    const Duration total = keepalive_death(has_.keepalive, std::nullopt);
    if (has_.user_timeout.enabled) {
      const Duration limit = has_.user_timeout.timeout;
      const Duration real = keepalive_death(has_.keepalive, limit);
      if (real < total) {
        warn("user timeout " + text(limit) +
             " is below keep-alive's idle + interval x count = " + text(total) +
             ": it overrides TCP_KEEPCNT, so a silent peer is dead after " + text(real));
      } else if (limit == total) {
        warn("user timeout " + text(limit) +
             " equals keep-alive's idle + interval x count: a race; "
             "set it a little below");
      } else if (real > total) {
        warn("user timeout " + text(limit) +
             " is above keep-alive's idle + interval x count = " + text(total) +
             ": once set it replaces TCP_KEEPCNT, so keep-alive is late, at " + text(real));
      }
    } else if (!has_.ping.enabled && !has_.retry.enabled) {
      warn(
          "keep-alive stops while data is unacknowledged: without user timeout, ping or ack "
          "deadline a vote sent into silence is retransmitted for " +
          text(retransmission_death(end_.retries2).at_least) + " or more (tcp_retries2 " +
          std::to_string(end_.retries2) + ")");
    }
  }

  void look_at_votes() {
    if (!has_.retry.enabled) {
      warn("retry is off: a vote that was on its way when the connection died is lost");
      return;
    }
    const Duration deadline = has_.retry.ack_deadline;
    if (has_.ping.enabled && has_.ping.interval + has_.ping.timeout + kApart <= deadline) {
      warn("ack deadline " + text(deadline) +
           " is above ping interval + timeout = " + text(has_.ping.interval + has_.ping.timeout) +
           ": the ping finds a dead link first, and a vote that is not stored waits long");
    }
    if (has_.user_timeout.enabled && has_.user_timeout.timeout <= deadline) {
      warn("ack deadline " + text(deadline) + " is not below user timeout " +
           text(has_.user_timeout.timeout) + ": on a dead link the kernel is always first");
    }
  }

  void look_at_dials() {
    if (!end_.dials) return;
    if (!has_.reconnect.enabled) {
      warn("reconnect is off: a connection that is lost never comes back by this node");
    }
    if (link_.swallows_dials && has_.reconnect.dial_timeout > dial_death(kSynRetriesDefault)) {
      warn("dial_timeout " + text(has_.reconnect.dial_timeout) +
           " is never reached where SYNs are swallowed: the kernel gives up after about " +
           text(dial_death(kSynRetriesDefault)) + " (tcp_syn_retries)");
    } else if (link_.swallows_dials && has_.reconnect.enabled &&
               has_.reconnect.dial_timeout > std::chrono::seconds(30)) {
      warn("dial_timeout " + text(has_.reconnect.dial_timeout) +
           ": a dial into a black hole hangs so long, and the next one waits for it");
    }
  }

  void look_at_reading() {
    if (!end_.dials || has_.watch_idle) return;
    warn(
        "watch_idle is off: a FIN or RST that comes while idle is not seen before the next vote, "
        "and a peer's ping goes unanswered");
  }

  const EndFacts& end_;
  const NodeDefences& has_;
  const LinkFacts& link_;
  std::vector<std::string> warnings_;
};

}  // namespace

std::vector<std::string> warnings_of(const EndFacts& end, const LinkFacts& link) {
  return Warner(end, link).all();
}

}  // namespace halfopen
