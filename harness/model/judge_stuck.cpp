// no_stuck_connection: when all is over, is any connection left that is one only for one end, or
// that moves nothing and never ends?
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/model/judge_checkers.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_peer_history.hpp"
#include "harness/model/judge_votes.hpp"
#include "harness/model/judge_window.hpp"

namespace halfopen {
namespace {

// Where nothing bounds a detection.
constexpr Duration kLongerThanDefault = std::chrono::seconds(5);
constexpr Duration kOnTopOfBound = std::chrono::seconds(1);
// Two ends of one connection say hello to each other within the handshake's deadline of 5 s.
constexpr Duration kOpenedApartMax = std::chrono::seconds(6);

// A process that sits in one of these has work to do that it does not do.
constexpr std::array<std::string_view, 4> kStuckStates{"CLOSE_WAIT", "FIN_WAIT1", "LAST_ACK",
                                                       "CLOSING"};

// Something that is not as it should be, and since when.
struct Oddity {
  std::string sentence;
  Instant since;
};

// One end's word at the window's end.
struct End {
  std::string node;
  bool live = false;
  Instant since;  // that it is, or is not
  std::string state;
  const Event* opened = nullptr;  // the connection_opened of the one that it believes in
  bool says_anything = false;
};

End end_of(const RunRecord& record, const std::string& node, const std::string& peer,
           Instant moment) {
  const PeerHistory history(record, node, peer);
  End end{node,
          history.is_live_at(moment),
          history.live_or_not_since(moment),
          history.at(moment).state,
          nullptr,
          history.says_anything()};
  for (const Event& event : record.events) {
    if (event.at > moment) break;
    const bool ours = event.node == node && event.text("peer") == peer;
    if (ours && event.event == "connection_opened") end.opened = &event;
  }
  if (end.live && !was_running_at(record, node, moment)) {
    end.live = false;
    end.state = "no process";
    end.since =
        std::max(end.since, record.samples.find("up")->at({{"node", node}}).samples.front().at);
    for (const Sample& sample : record.samples.find("up")->at({{"node", node}}).samples) {
      if (sample.at <= moment && sample.value != 0) end.since = std::max(end.since, sample.at);
    }
  }
  return end;
}

std::optional<Oddity> disagreement(const End& one, const End& other, Instant origin) {
  if (!one.live && !other.live) return std::nullopt;
  if (one.live != other.live) {
    const End& believer = one.live ? one : other;
    const End& knower = one.live ? other : one;
    return Oddity{believer.node + " believes in a connection to " + knower.node + " (" +
                      believer.state + " since " + time_text(believer.since, origin) + "), and " +
                      knower.node + " has none (" +
                      (knower.state.empty() ? "never had" : knower.state) + " since " +
                      time_text(knower.since, origin) + ")",
                  std::max(one.since, other.since)};
  }
  if (one.opened == nullptr || other.opened == nullptr) return std::nullopt;
  const Instant first = std::min(one.opened->at, other.opened->at);
  const Instant last = std::max(one.opened->at, other.opened->at);
  const std::string direction = one.opened->text("direction");
  const bool same_side = !direction.empty() && direction == other.opened->text("direction");
  if (last - first <= kOpenedApartMax && !same_side) return std::nullopt;
  return Oddity{one.node + " and " + other.node + " believe in different connections, opened at " +
                    time_text(one.opened->at, origin) + " and " +
                    time_text(other.opened->at, origin),
                last};
}

// Since when every sample up to the window's end has been above zero; nothing where the last one is
// not, or where the samples do not reach the end.
std::optional<Instant> positive_since(const SeriesStore::Series& series, const Interval& window,
                                      Duration gap_max) {
  std::optional<Instant> since;
  Instant last;
  for (std::size_t i = 0; i < series.samples.size(); ++i) {
    const Sample& sample = series.samples[i];
    if (!is_in(sample.at, window)) continue;
    const bool positive = !series.stale[i] && sample.value > 0;
    const bool goes_on = since && sample.at - last <= gap_max;
    if (!positive) since.reset();
    if (positive && !goes_on) since = sample.at;
    last = sample.at;
  }
  if (since && window.end - last > gap_max) since.reset();
  return since;
}

// Since when the value has not changed, up to the window's end.
std::optional<Instant> unchanged_since(const SeriesStore::Series& series, const Interval& window) {
  std::optional<Sample> first;
  for (std::size_t i = 0; i < series.samples.size(); ++i) {
    const Sample& sample = series.samples[i];
    if (!is_in(sample.at, window) || series.stale[i]) continue;
    if (!first || first->value != sample.value) first = sample;
  }
  return first ? std::optional(first->at) : std::nullopt;
}

std::string label_of(const SeriesLabels& labels, const std::string& name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

class Inspector {
 public:
  explicit Inspector(const Inspection& inspection)
      : inspection_(inspection), longer_than_(longer_than()) {}

  void look_at_links() {
    const RunRecord& record = inspection_.record;
    const Instant end = inspection_.window.end;
    for (const LinkSpec& link : inspection_.scenario.links) {
      if (!tells_events(inspection_.scenario, link.dialer)) continue;
      if (!tells_events(inspection_.scenario, link.listener)) continue;
      const End dialer = end_of(record, link.dialer, link.listener, end);
      const End listener = end_of(record, link.listener, link.dialer, end);
      if (!dialer.says_anything && !listener.says_anything) continue;
      ++links_;
      take(disagreement(dialer, listener, record.whole.begin));
    }
  }

  void look_at_sockets() {
    const RunRecord& record = inspection_.record;
    const auto* sockets = record.samples.find("halfopen_node_sockets");
    if (sockets == nullptr) return;
    for (const auto& [labels, series] : *sockets) {
      const std::string state = label_of(labels, "state");
      if (std::find(kStuckStates.begin(), kStuckStates.end(), state) == kStuckStates.end())
        continue;
      const auto since = positive_since(series, inspection_.window, longest_gap(record));
      if (!since) continue;
      take_if_lasting(Oddity{label_of(labels, "node") + " has had a socket in " + state +
                                 " since " + time_text(*since, record.whole.begin),
                             *since});
    }
  }

  void look_at_data() {
    const RunRecord& record = inspection_.record;
    const auto* unacked = record.samples.find("votenode_tcp_unacked_segments");
    const auto* received = record.samples.find("votenode_peer_last_received_timestamp_seconds");
    if (unacked == nullptr || received == nullptr) return;
    for (const auto& [labels, series] : *unacked) {
      const auto arrivals = received->find(labels);
      const auto since = positive_since(series, inspection_.window, longest_gap(record));
      if (!since || arrivals == received->end()) continue;
      const auto silent = unchanged_since(arrivals->second, inspection_.window);
      if (!silent) continue;
      const Instant both = std::max(*since, *silent);
      take_if_lasting(Oddity{"data of " + label_of(labels, "node") + " for " +
                                 label_of(labels, "peer") +
                                 " has been unacknowledged, and nothing came in, since " +
                                 time_text(both, record.whole.begin),
                             both});
    }
  }

  [[nodiscard]] Finding finding() const {
    const Instant end = inspection_.window.end;
    if (!oldest_) {
      if (links_ == 0) return nothing_to_see("no vote-node told of any connection");
      return in_order("both ends of " + std::to_string(links_) +
                      (links_ == 1 ? " link" : " links") + " agree, and no socket is stuck");
    }
    if (end - oldest_->since < longer_than_) {
      return nothing_to_see(oldest_->sentence + ", which is too short to tell (" +
                            duration_words(longer_than_) + " are needed; add a step that waits)");
    }
    return breach(oldest_->sentence + ": longer than " + duration_words(longer_than_),
                  oldest_->since + longer_than_);
  }

 private:
  // Sockets close and data moves all the time: what began just now is no oddity yet.
  void take_if_lasting(const Oddity& oddity) {
    if (inspection_.window.end - oddity.since >= longer_than_ / 2) take(oddity);
  }

  void take(std::optional<Oddity> oddity) {
    if (oddity && (!oldest_ || oddity->since < oldest_->since)) oldest_ = std::move(oddity);
  }

  // The longest that any end may take to find a death, and a second.
  [[nodiscard]] Duration longer_than() const {
    if (inspection_.settings.longer_than) return *inspection_.settings.longer_than;
    std::optional<Duration> longest;
    const auto ask = [&](const std::string& node, const std::string& peer) {
      for (const bool with_traffic : {false, true}) {
        const auto bound = inspection_.bound(node, peer, with_traffic);
        if (bound) longest = std::max(longest.value_or(*bound), *bound);
      }
    };
    for (const LinkSpec& link : inspection_.scenario.links) {
      if (tells_events(inspection_.scenario, link.dialer)) ask(link.dialer, link.listener);
      if (tells_events(inspection_.scenario, link.listener)) ask(link.listener, link.dialer);
    }
    return longest ? *longest + kOnTopOfBound : kLongerThanDefault;
  }

  const Inspection& inspection_;
  Duration longer_than_;
  std::optional<Oddity> oldest_;
  std::size_t links_ = 0;
};

}  // namespace

Finding check_no_stuck_connection(const Inspection& inspection) {
  Inspector inspector(inspection);
  inspector.look_at_links();
  inspector.look_at_sockets();
  inspector.look_at_data();
  return inspector.finding();
}

}  // namespace halfopen
