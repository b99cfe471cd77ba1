#include "harness/model/advice/advice.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/prediction/kernel_timing.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kPingIntervalMax = seconds(25);
constexpr Duration kPingTimeoutMax = seconds(5);
// A ping and one retransmission, which waits for up to a second, with their round trips.
constexpr Duration kPingTimeoutMin = seconds(2);
constexpr Duration kAckDeadlineMax = seconds(5);
constexpr Duration kAckDeadlineMin = seconds(2);
constexpr Duration kTimeoutMin = seconds(2);
constexpr unsigned kProbes = 3;

std::string text(Duration duration) {
  return format_duration(duration);
}

// Keep-alive counts whole seconds, and so does everybody who reads the advice.
Duration whole_seconds(Duration duration) {
  return std::max<Duration>(seconds(1), std::chrono::duration_cast<seconds>(duration));
}

const PathBox* strictest(const std::vector<PathBox>& path, bool counts_packets) {
  const PathBox* found = nullptr;
  for (const PathBox& box : path) {
    if (counts_packets && box.terms.by_bytes) continue;
    if (found == nullptr || box.terms.idle_timeout < found->terms.idle_timeout) found = &box;
  }
  return found;
}

class Adviser {
 public:
  Adviser(std::vector<PathBox> path, Duration detect_within) {
    advice_.path = std::move(path);
    advice_.detect_within = detect_within;
    any_ = strictest(advice_.path, false);
    packets_ = strictest(advice_.path, true);
  }

  Advice advise() {
    advise_keepalive();
    advise_user_timeout();
    advise_ping();
    advise_votes();
    advise_dialling();
    say("watch_idle", "true",
        "a FIN or RST that comes while idle is seen at once, not by the next vote",
        "poll(2): POLLRDHUP; a socket that nobody reads keeps its FIN to itself");
    say("writes_per_frame", "1", "of two writes the first one succeeds on a dead connection",
        "tcp(7); RFC 9293 section 3.10.4");
    for (const PathBox& box : advice_.path)
      caution(box);
    return std::move(advice_);
  }

 private:
  void say(std::string key, std::string value, std::string reason, std::string source) {
    advice_.values.push_back(
        {std::move(key), std::move(value), std::move(reason), std::move(source)});
  }
  [[nodiscard]] static std::string of(const PathBox* box) {
    return box->name + " (" + text(box->terms.idle_timeout) + ")";
  }

  void advise_keepalive() {
    auto& keepalive = advice_.defences.keepalive;
    const Duration within = advice_.detect_within;
    Duration idle = whole_seconds(within / 2);
    std::string reason = "half of the wanted detection time " + text(within);
    const Duration half = packets_ == nullptr ? Duration::max() : packets_->terms.idle_timeout / 2;
    if (half < idle) {
      idle = whole_seconds(half);
      reason = "half of the path's shortest idle timeout that packets refresh, " + of(packets_);
    } else if (packets_ != nullptr) {
      reason +=
          ", and at most half of " + of(packets_) + ", the path's shortest that packets refresh";
    } else {
      reason += "; no box of this path is kept by it, since all of them count bytes";
    }
    keepalive.idle = idle;
    keepalive.count = kProbes;
    keepalive.interval = whole_seconds((within - idle) / kProbes);
    std::string interval_reason = "what is left of " + text(within) + " for " +
                                  std::to_string(kProbes) + " probes, in whole seconds";
    if (packets_ != nullptr) {
      // A lost probe is followed by the next one, which must still find the mapping.
      const Duration timeout = packets_->terms.idle_timeout;
      const Duration safe = whole_seconds((timeout - idle) / 2);
      if (safe < keepalive.interval) {
        keepalive.interval = safe;
        interval_reason = "half of what is left of the path's idle timeout after the first probe";
      }
      if (idle + 2 * keepalive.interval <= timeout) {
        reason += ", so that one lost probe does not lose the mapping (idle + 2 x interval is " +
                  text(idle + 2 * keepalive.interval) + ")";
      }
    }
    say("keepalive.idle", text(keepalive.idle), reason,
        packets_ != nullptr ? packets_->source : "tcp(7), TCP_KEEPIDLE");
    say("keepalive.interval", text(keepalive.interval), interval_reason,
        "tcp(7), TCP_KEEPINTVL; RFC 9293 section 3.8.4");
    say("keepalive.count", std::to_string(kProbes),
        "two lost probes are bad luck, three are a death", "tcp(7), TCP_KEEPCNT");
  }

  void advise_user_timeout() {
    const auto& keepalive = advice_.defences.keepalive;
    const Duration total = keepalive.idle + keepalive.interval * keepalive.count;
    advice_.defences.user_timeout.timeout =
        total - std::min<Duration>(seconds(1), keepalive.interval / 2);
    say("user_timeout.timeout", text(advice_.defences.user_timeout.timeout),
        "keep-alive stops while data is unacknowledged, and without this the kernel retransmits "
        "for "
        "about 924s; just below keep-alive's idle + interval x count = " +
            text(total) + ", since once set it replaces the count",
        "RFC 5482; tcp(7), TCP_USER_TIMEOUT; Linux net/ipv4/tcp_timer.c");
  }

  void advise_ping() {
    auto& ping = advice_.defences.ping;
    // An interval and a timeout of this size fit into the shortest time that can be asked for.
    Duration interval = std::clamp<Duration>(whole_seconds(advice_.detect_within / 3),
                                             kPingTimeoutMin, kPingIntervalMax);
    std::string reason = "a third of the wanted detection time";
    if (any_ != nullptr && any_->terms.idle_timeout / 2 < interval) {
      interval = whole_seconds(any_->terms.idle_timeout / 2);
      reason = "half of the path's shortest idle timeout, " + of(any_);
    } else if (any_ != nullptr) {
      reason += ", and at most half of " + of(any_);
    }
    ping.interval = interval;
    const Duration wanted = std::clamp<Duration>(whole_seconds(advice_.detect_within / 6),
                                                 kPingTimeoutMin, kPingTimeoutMax);
    ping.timeout = std::min(wanted, interval);
    const bool needed = std::any_of(advice_.path.begin(), advice_.path.end(),
                                    [](const PathBox& box) { return box.terms.by_bytes; });
    say("ping.interval", text(ping.interval),
        reason + (needed ? "; needed here: a box that counts bytes is not kept by keep-alive"
                         : "; it also finds a peer whose kernel answers and whose process hangs"),
        any_ != nullptr ? any_->source : "the wanted detection time");
    say("ping.timeout", text(ping.timeout),
        (ping.timeout >= kPingTimeoutMin
             ? "more than a round trip between continents and a lost packet, and at most the "
               "interval: found dead after "
             : "at most the interval, which the path keeps this short; a packet that is lost once "
               "may already look like a death: found dead after ") +
            text(ping.interval + ping.timeout),
        "RFC 6298 (a retransmission takes up to 1s)");
  }

  void advise_votes() {
    Duration deadline =
        std::clamp(whole_seconds(advice_.detect_within / 6), kAckDeadlineMin, kAckDeadlineMax);
    const auto& ping = advice_.defences.ping;
    deadline = std::min(deadline, ping.interval + ping.timeout);
    advice_.defences.retry.ack_deadline = deadline;
    say("retry.ack_deadline", text(deadline),
        "a send that was told OK is not a delivered message: what is not acknowledged by then is "
        "sent "
        "again on a new connection; below the user timeout, so that it is the first to know, and "
        "above a lost packet's retransmission",
        "RFC 6298 section 2 (first timeout 1s)");
  }

  void advise_dialling() {
    auto& reconnect = advice_.defences.reconnect;
    reconnect.dial_timeout =
        std::min<Duration>(seconds(3), whole_seconds(advice_.detect_within / 3));
    reconnect.backoff_max =
        std::min<Duration>(seconds(5), whole_seconds(advice_.detect_within / 3));
    say("reconnect.dial_timeout", text(reconnect.dial_timeout),
        "a dial that nobody answers would take the kernel " + text(dial_death(kSynRetriesDefault)) +
            " or more",
        "Linux ip-sysctl.rst, tcp_syn_retries 6 and tcp_syn_linear_timeouts 4");
    say("reconnect.backoff_min", text(reconnect.backoff_min),
        "the first wait is drawn from 0 to this, so that peers do not dial all at once",
        "full jitter: aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter");
    say("reconnect.backoff_max", text(reconnect.backoff_max),
        "the longest wait after a peer is back; it never gives up", "the same");
  }

  void caution(const PathBox& box) {
    if (!box.caution.empty()) advice_.cautions.push_back(box.name + ": " + box.caution);
    if (box.terms.by_bytes) {
      advice_.cautions.push_back(
          box.name + " ends TCP: keep-alive proves only that the box itself is there, on this hop");
    }
    if (box.terms.unacked_timeout && *box.terms.unacked_timeout < box.terms.idle_timeout) {
      advice_.cautions.push_back(
          box.name + " forgets after " + text(*box.terms.unacked_timeout) +
          " of an outage with data in flight, whatever its idle timeout: only "
          "sending again on a new connection helps");
    }
  }

  Advice advice_;
  const PathBox* any_ = nullptr;
  const PathBox* packets_ = nullptr;
};

}  // namespace

PathBox path_box(const Profile& profile) {
  PathBox box{profile.name, profile.source + " (" + profile.date + ")", profile.note,
              read_nat_terms(profile.nat)};
  if (profile.is_hearsay) {
    box.caution = "hearsay: its numbers are not confirmed in the source itself, measure them" +
                  (profile.note.empty() ? "" : "; " + profile.note);
  }
  return box;
}

PathBox path_box(Duration idle_timeout) {
  PathBox box{"box without a profile",
              "the command line, --idle-timeout",
              "assumed: packets refresh it, and what it has forgotten it drops in silence; if it "
              "ends TCP (a proxy, a balancer of HTTP) it counts bytes, and only the ping keeps it",
              {}};
  box.terms.idle_timeout = idle_timeout;
  return box;
}

std::vector<PathBox> path_boxes(const Scenario& scenario) {
  std::vector<PathBox> boxes;
  std::set<std::string> seen;
  const auto add = [&](const FaultSpec& fault, const std::string& link) {
    if (fault.type != "nat" || !seen.insert(boost::json::serialize(fault.attributes)).second)
      return;
    boxes.push_back(
        {fault.name + " of link " + link, "the scenario", "", read_nat_terms(fault.attributes)});
  };
  for (const LinkSpec& link : scenario.links) {
    for (const FaultSpec& fault : link.faults)
      add(fault, link.id);
  }
  for (const Step& step : scenario.steps) {
    if (const auto* set = std::get_if<SetFault>(&step.action)) add(set->fault, set->link);
  }
  return boxes;
}

Result<Advice> advise(std::vector<PathBox> path, Duration detect_within) {
  if (detect_within < kDetectWithinMin) {
    return Problem{"a death cannot be found for certain within ", text(detect_within),
                   ": keep-alive counts whole seconds and one packet may be lost; give ",
                   text(kDetectWithinMin), " or more"};
  }
  for (const PathBox& box : path) {
    if (box.terms.idle_timeout >= kTimeoutMin) continue;
    return Problem{box.name,
                   " forgets after ",
                   text(box.terms.idle_timeout),
                   ": nothing that steps in seconds keeps it; expected ",
                   text(kTimeoutMin),
                   " or more"};
  }
  return Adviser(std::move(path), detect_within).advise();
}

}  // namespace halfopen
