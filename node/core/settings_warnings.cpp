// Where the numbers come from. Middleboxes: what their makers document as the default idle timeout
// (AWS: elasticloadbalancing/latest/application, network; Azure: load-balancer-tcp-idle-timeout;
// DigitalOcean: networking/load-balancers). The kernel: tcp(7), and Documentation/networking/
// ip-sysctl.rst for tcp_retries2 (924 s) and tcp_syn_retries (about 134 s with the linear first
// retries of newer kernels). That a set TCP_USER_TIMEOUT replaces the count of keep-alive probes:
// tcp_keepalive_timer() in net/ipv4/tcp_timer.c. Retransmission timers: RFC 6298.
#include "node/core/settings_warnings.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/duration_text.hpp"

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// The strictest common defaults: 60 s for proxies, which count bytes (AWS Application Load
// Balancer, DigitalOcean Load Balancer), 4 min for those that count packets (Azure Load Balancer
// and NAT Gateway). Less than half of the smaller one, so that one refresh may be lost.
constexpr Duration kRefreshMax = seconds(25);
// The kernel gives a dial up by itself after about so long (tcp_syn_retries 6).
constexpr Duration kKernelDialTimeout = seconds(134);
// A lost packet is sent again after 200 ms at the earliest, after 1 s where nothing was measured.
constexpr Duration kFirstRetransmission = seconds(1);
// From one continent to another and back.
constexpr Duration kLongRoundTrip = milliseconds(300);
constexpr Duration kSilenceMax = minutes(2);
constexpr Duration kBackoffHuge = minutes(1);
constexpr Duration kBackoffTiny = milliseconds(50);
constexpr Duration kStableMin = seconds(1);
// TimeoutStopSec of systemd, unless the unit says otherwise.
constexpr Duration kServiceManagerPatience = seconds(90);

class Judge {
 public:
  Judge(const NodeSettings& settings, const OperatingFacts& facts)
      : settings_(settings), facts_(facts), defences_(settings.defences) {}

  std::vector<SettingsWarning> judge() {
    if (facts_.is_naive) {
      warn("preset", {"naive takes every defence away, as in the node of the incident: a death is "
                      "found by the next vote at the earliest; use resilient outside labs"});
    } else {
      judge_what_is_off();
    }
    judge_ping();
    judge_middleboxes();
    judge_user_timeout();
    judge_ack_deadline();
    judge_reconnect();
    judge_silence();
    judge_trust();
    judge_weights();
    judge_drain();
    return std::move(warnings_);
  }

 private:
  void warn(std::string key, const Problem& text) {
    warnings_.push_back({std::move(key), text.text});
  }

  static std::string text(Duration duration) { return format_duration(duration); }
  // From the last sign of life to dead, by keep-alive.
  [[nodiscard]] Duration keepalive_span() const {
    return defences_.keepalive.idle + defences_.keepalive.interval * defences_.keepalive.count;
  }
  [[nodiscard]] std::string keepalive_sum() const {
    return "keepalive's idle + interval x count = " + text(keepalive_span());
  }
  [[nodiscard]] bool dials() const {
    return std::any_of(settings_.peers.begin(), settings_.peers.end(),
                       [](const PeerSettings& peer) { return peer.dials; });
  }

  void judge_what_is_off() {
    const auto& [keepalive, user_timeout, ping, reconnect, retry, watch_idle, ack_wait, writes] =
        defences_;
    if (!keepalive.enabled && !ping.enabled && !watch_idle) {
      warn("watch_idle", {"keepalive, ping and watch_idle are all off: nothing looks at an idle "
                          "connection, so a death is found by the next vote only; turn ping on"});
    } else if (!watch_idle) {
      warn("watch_idle", {"without it a FIN or RST on an idle connection stays unnoticed until the "
                          "next vote, and a peer that pings this node gets no answer and gives the "
                          "connection up; turn it on"});
    }
    if (keepalive.enabled && !user_timeout.enabled && !retry.enabled && !ping.enabled) {
      warn("user_timeout.enabled",
           {"keep-alive does not look while data is unacknowledged: without user_timeout, retry "
            "and ping the kernel retransmits a vote for about 924s before it says so "
            "(tcp_retries2); turn user_timeout on"});
    }
    if (!retry.enabled) {
      warn("retry.enabled", {"off: a vote that was on its way when its connection died is lost; "
                             "turn it on"});
    }
    if (!reconnect.enabled && dials()) {
      warn("reconnect.enabled",
           {"off: a connection that is lost stays lost",
            retry.enabled ? ", and the votes that retry keeps wait for ever" : "",
            ", until the peer dials or this node restarts; turn it on"});
    }
    if (writes != 1) {
      warn("writes_per_frame", {"2 writes header and body apart, as the incident's node did: the "
                                "first one can succeed on a connection that is dead; use 1"});
    }
  }

  void judge_ping() {
    const PingSettings& ping = defences_.ping;
    if (!ping.enabled) return;
    if (ping.timeout > ping.interval) {
      warn("ping.timeout",
           {text(ping.timeout), " is longer than ping.interval ", text(ping.interval),
            ": no ping is sent while one is unanswered, so a dead peer is found "
            "only after ",
            text(ping.interval + ping.timeout), "; make the timeout at most the interval"});
    }
    if (ping.timeout < kLongRoundTrip) {
      warn("ping.timeout",
           {text(ping.timeout),
            " is less than a round trip to another continent "
            "takes (",
            text(kLongRoundTrip), "): good connections are given up; use 1s or more"});
    }
  }

  void judge_middleboxes() {
    const KeepaliveSettings& keepalive = defences_.keepalive;
    const PingSettings& ping = defences_.ping;
    const bool ping_refreshes = ping.enabled && ping.interval <= kRefreshMax;
    if (keepalive.enabled && keepalive.idle > kRefreshMax) {
      warn("keepalive.idle",
           {text(keepalive.idle), " is slower than ", text(kRefreshMax),
            ": the strictest common middleboxes forget a connection after 60s without bytes (AWS "
            "Application Load Balancer, DigitalOcean Load Balancer) or 4m without packets (Azure "
            "Load Balancer); ",
            ping_refreshes ? "here only ping keeps the mapping alive, every " + text(ping.interval)
                           : "nothing here keeps the mapping alive in time",
            "; set idle to ", text(kRefreshMax), " or less"});
    }
    if (ping.enabled && !ping_refreshes) {
      warn("ping.interval",
           {text(ping.interval), " is slower than ", text(kRefreshMax),
            ": proxies that count bytes (AWS Application Load Balancer, DigitalOcean Load "
            "Balancer: 60s) close an idle connection, and keep-alive probes carry no byte; only "
            "ping keeps it alive there: set its interval to ",
            text(kRefreshMax), " or less"});
    }
    if (!ping.enabled && !facts_.is_naive) {
      warn(
          "ping.enabled",
          {"off: ",
           keepalive.enabled && keepalive.idle <= kRefreshMax
               ? "keep-alive keeps a NAT's mapping alive, but not a connection through a "
               : "nothing keeps a middlebox's mapping alive, nor a connection through a ",
           "proxy that counts bytes (closed after 60s), and nothing finds a peer whose kernel "
           "answers and whose process hangs, before the next vote; turn it on with an interval of ",
           text(kRefreshMax), " or less"});
    }
  }

  void judge_user_timeout() {
    const Duration timeout = defences_.user_timeout.timeout;
    const KeepaliveSettings& keepalive = defences_.keepalive;
    if (!defences_.user_timeout.enabled || !keepalive.enabled) return;
    const Duration span = keepalive_span();
    const std::string remedy = "; set it just under, such as " + text(just_under(span));
    if (timeout > span) {
      warn("user_timeout.timeout",
           {text(timeout), " is above ", keepalive_sum(),
            ": once it is set the kernel no longer counts probes, so keep-alive's verdict comes "
            "late, at the first probe after ",
            text(timeout), remedy});
    } else if (timeout == span) {
      warn("user_timeout.timeout",
           {text(timeout), " equals ", keepalive_sum(),
            ": a race, because the kernel compares the two when the last probe is due and finds it "
            "a moment too early or a whole interval too late",
            remedy});
    } else if (timeout <= span - keepalive.interval) {
      const auto needed = std::max<std::int64_t>(
          1, (timeout - keepalive.idle + keepalive.interval - Duration{1}) / keepalive.interval);
      warn("user_timeout.timeout",
           {text(timeout), " is far below ", keepalive_sum(),
            ": it overrides the count, so a silent peer is dead after ", std::to_string(needed),
            " of ", std::to_string(keepalive.count), " probes", remedy});
    }
  }

  [[nodiscard]] Duration just_under(Duration span) const {
    return span - std::min<Duration>(seconds(1), defences_.keepalive.interval / 2);
  }

  void judge_ack_deadline() {
    if (!defences_.retry.enabled) return;
    const Duration deadline = defences_.retry.ack_deadline;
    const UserTimeoutSettings& user_timeout = defences_.user_timeout;
    if (deadline < kFirstRetransmission) {
      warn("retry.ack_deadline",
           {text(deadline), " is less than one lost packet may take to be sent again (",
            text(kFirstRetransmission),
            ", RFC 6298), and a store's sync comes on top: it is always first, and condemns good "
            "connections; use 2s or more"});
    }
    if (user_timeout.enabled && deadline >= user_timeout.timeout) {
      warn("retry.ack_deadline",
           {text(deadline), " is not below user_timeout ", text(user_timeout.timeout),
            ": on a dead link the kernel is always first, so it can only find a peer that takes "
            "votes and does not store them, and that late; set it well below ",
            text(user_timeout.timeout)});
    } else if (deadline > kSilenceMax) {
      warn("retry.ack_deadline", {text(deadline), " is more than ", text(kSilenceMax),
                                  ": so long a vote can wait before it is sent again; use 5s"});
    }
  }

  void judge_reconnect() {
    const ReconnectSettings& reconnect = defences_.reconnect;
    if (reconnect.dial_timeout > kKernelDialTimeout) {
      warn("reconnect.dial_timeout", {text(reconnect.dial_timeout),
                                      " is never reached: the kernel gives a dial up by itself "
                                      "after about 134s (tcp_syn_retries); use 3s"});
    } else if (reconnect.dial_timeout < kLongRoundTrip) {
      warn("reconnect.dial_timeout",
           {text(reconnect.dial_timeout), " is less than a round trip to another continent takes (",
            text(kLongRoundTrip), "): such a peer is never reached; use 3s"});
    }
    if (!reconnect.enabled) return;
    if (reconnect.backoff_max > kBackoffHuge) {
      warn("reconnect.backoff_max", {text(reconnect.backoff_max),
                                     ": so long after a peer is back this node may still wait "
                                     "before it dials; use ",
                                     text(kBackoffHuge), " or less"});
    } else if (reconnect.backoff_max < kBackoffTiny) {
      warn("reconnect.backoff_max",
           {text(reconnect.backoff_max), ": a peer that is down is dialled ",
            std::to_string(seconds(2) / std::max(reconnect.backoff_max, Duration{1})),
            " times a second and more; use 1s or more"});
    }
    if (reconnect.stable_after < kStableMin) {
      warn("reconnect.stable_after",
           {text(reconnect.stable_after), ": a peer that accepts and then fails is dialled every ",
            text(reconnect.backoff_min),
            " for ever, because each short session counts as a good "
            "one; use 1m"});
    }
  }

  // However a death is found: how long it may take.
  void judge_silence() {
    const bool ping = defences_.ping.enabled;
    const bool keepalive = defences_.keepalive.enabled;
    if (!ping && !keepalive) return;
    const Duration by_ping = defences_.ping.interval + defences_.ping.timeout;
    const bool is_ping_first = ping && (!keepalive || by_ping <= keepalive_span());
    const Duration found_after = is_ping_first ? by_ping : keepalive_span();
    if (found_after <= kSilenceMax) return;
    warn(is_ping_first ? "ping.interval" : "keepalive.idle",
         {"a peer that falls silent is found dead only after ",
          is_ping_first ? "ping's interval + timeout = " + text(by_ping) : keepalive_sum(),
          "; use less than ", text(kSilenceMax)});
  }

  void judge_trust() {
    if (facts_.has_insecure_key) {
      warn("insecure_seed", {"anyone who knows this text can compute this node's key and sign as "
                             "it; outside labs use key: FILE (vote-node keygen FILE)"});
    }
    if (!facts_.insecure_peers.empty()) {
      // One line for all: in a lab it is every peer.
      std::string names;
      for (const std::size_t place : facts_.insecure_peers)
        names += (names.empty() ? "" : ", ") + settings_.peers.at(place).name;
      warn("peers[" + std::to_string(facts_.insecure_peers.front()) + "].insecure_seed",
           {"anyone who knows the text can sign as the peer (", names,
            "); outside labs use key: its public key (vote-node pubkey FILE)"});
    }
    if (facts_.is_plaintext) {
      warn("transport", {"plaintext: whoever says a peer's name is believed to be it and can push "
                         "the real one out, and votes can be read on the way (they are still "
                         "signed); outside labs use tls"});
    }
    if (!facts_.is_store_durable) {
      warn("store", {"none: votes, what is owed to peers and the guard against signing twice live "
                     "in memory, and a restart forgets them; set store: FILE"});
    }
  }

  void judge_weights() {
    if (settings_.peers.empty()) {
      return warn("peers", {"none: votes go to nobody; name the other nodes of the network"});
    }
    std::vector<std::pair<std::uint64_t, std::string>> voters{
        {settings_.weight, settings_.name.empty() ? "this node" : settings_.name}};
    for (const PeerSettings& peer : settings_.peers)
      voters.emplace_back(peer.weight, peer.name);
    std::uint64_t total = 0;
    std::size_t with_weight = 0;
    for (const auto& [weight, name] : voters) {
      total += weight;
      with_weight += weight > 0 ? 1 : 0;
    }
    const auto& [largest, name] = *std::max_element(
        voters.begin(), voters.end(), [](auto& a, auto& b) { return a.first < b.first; });
    const std::string of_total = " of " + std::to_string(total);
    if (total == 0) {
      return warn("weight", {"nobody's vote has any weight: no quorum (more than two thirds) is "
                             "possible; give this node and its peers weights above 0"});
    }
    if (3 * largest > 2 * total) {
      return warn("weight", {name, " alone has weight ", std::to_string(largest), of_total,
                             ", more than two thirds: its vote is a quorum without anybody else's; "
                             "make the weights more equal"});
    }
    if (with_weight >= 3 && 3 * (total - largest) <= 2 * total) {
      warn("weight", {"without ", name, " (weight ", std::to_string(largest), of_total,
                      ") the others have ", std::to_string(total - largest),
                      ", which is not more than two thirds: no quorum while it is away; equal "
                      "weights tolerate one absence from four nodes on"});
    }
  }

  void judge_drain() {
    if (settings_.drain_timeout >= kServiceManagerPatience) {
      warn("drain_timeout",
           {text(settings_.drain_timeout), " is not below ", text(kServiceManagerPatience),
            ", when systemd kills a stopping service (TimeoutStopSec); set it well below"});
    }
  }

  const NodeSettings& settings_;
  const OperatingFacts& facts_;
  const Defences& defences_;
  std::vector<SettingsWarning> warnings_;
};

}  // namespace

std::vector<SettingsWarning> warnings_of(const NodeSettings& settings,
                                         const OperatingFacts& facts) {
  return Judge(settings, facts).judge();
}

}  // namespace halfopen::node
