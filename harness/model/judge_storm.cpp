// no_reconnect_storm: are dials as far apart as the backoff's settings make them?
//
// Waiting times are uniform between zero and a ceiling (full jitter), so one short wait proves
// nothing and a sum of many does: n waits under a ceiling c take n*c/2, give or take c*sqrt(n/12).
#include <algorithm>
#include <boost/json/object.hpp>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include "base/duration_text.hpp"
#include "harness/model/judge_checkers.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_votes.hpp"
#include "harness/model/prediction/defences.hpp"

namespace halfopen {
namespace {

constexpr double kDeviations = 5;
constexpr Duration kHerdWithin = std::chrono::milliseconds(50);
constexpr double kHerdChanceMax = 1e-5;
constexpr std::size_t kHerdMin = 3;

struct BackoffSettings {
  Duration min{};
  Duration max{};
  // A session that lived so long makes the next outage start small again; vote-node's default.
  Duration stable_after = std::chrono::minutes(1);
};

BackoffSettings settings_of(const NodeSpec& node) {
  const NodeDefences defences = defences_of_config(node.config);
  BackoffSettings settings{defences.reconnect.backoff_min, defences.reconnect.backoff_max};
  const boost::json::value* reconnect = node.config.if_contains("reconnect");
  const auto* keys = reconnect == nullptr ? nullptr : reconnect->if_object();
  const auto* stable_after = keys == nullptr ? nullptr : keys->if_contains("stable_after");
  if (stable_after == nullptr || !stable_after->is_string()) return settings;
  const auto time = parse_duration(std::string_view(stable_after->get_string()));
  if (time.has_value()) settings.stable_after = *time;
  return settings;
}

// A dial that came after a loss, and how long before it the node had given up.
struct Dial {
  Instant at;
  Duration waited{};
  Duration ceiling{};
};

// Follows one node's dials of one peer, and counts the attempts as the node has to.
class DialFollower {
 public:
  explicit DialFollower(const BackoffSettings& settings) : settings_(settings) {}

  void take(const Event& event) {
    if (event.event == "started") {
      *this = DialFollower(settings_, std::move(dials_));
      return;
    }
    const std::string to = event.text("to");
    if (to == "Healthy" && !is_live_state(event.text("from"))) healthy_since_ = event.at;
    if (is_live_state(event.text("from")) && !is_live_state(to)) {
      if (healthy_since_ && event.at - *healthy_since_ >= settings_.stable_after) attempts_ = 0;
      healthy_since_.reset();
    }
    if (!is_live_state(to) && to != "Dialing" && to != "Handshaking") lost_at_ = event.at;
    if (to != "Dialing" || event.text("reason") == "start") return;
    dials_.push_back({event.at, lost_at_ ? event.at - *lost_at_ : Duration{}, next_ceiling()});
    lost_at_.reset();
  }

  [[nodiscard]] const std::vector<Dial>& dials() const { return dials_; }

 private:
  DialFollower(const BackoffSettings& settings, std::vector<Dial> dials)
      : settings_(settings), dials_(std::move(dials)) {}

  Duration next_ceiling() {
    Duration ceiling = std::min(settings_.min, settings_.max);
    for (unsigned i = 0; i < attempts_ && ceiling < settings_.max; ++i)
      ceiling = std::min(2 * ceiling, settings_.max);
    ++attempts_;
    return ceiling;
  }

  BackoffSettings settings_;
  std::vector<Dial> dials_;
  unsigned attempts_ = 0;
  std::optional<Instant> healthy_since_;
  std::optional<Instant> lost_at_;
};

// The waits of `count` dials that end with the one at `last`, against what they should be.
struct Waits {
  double took = 0;
  double mean = 0;
  double deviation = 0;
  [[nodiscard]] double least() const { return mean - kDeviations * deviation; }
};

Waits waits_of(const std::vector<Dial>& dials, std::size_t last, std::size_t count) {
  Waits waits;
  double variance = 0;
  for (std::size_t i = last + 1 - count; i <= last; ++i) {
    const double ceiling = to_seconds(dials[i].ceiling);
    waits.took += to_seconds(dials[i].waited);
    waits.mean += ceiling / 2;
    variance += ceiling * ceiling / 12;
  }
  waits.deviation = std::sqrt(variance);
  return waits;
}

// Could so many dials have been a storm at all, had there been no wait between them?
bool can_tell(const std::vector<Dial>& dials) {
  return !dials.empty() && waits_of(dials, dials.size() - 1, dials.size()).least() > 0;
}

std::string seconds_words(double seconds) {
  return duration_words(Duration{std::llround(seconds * 1e9)});
}

std::optional<Finding> find_storm(const std::string& node, const std::string& peer,
                                  const std::vector<Dial>& dials) {
  // Runs of 1, 2, 4, ... dials: a storm of any length holds one that is at least half as long.
  for (std::size_t last = 0; last < dials.size(); ++last) {
    for (std::size_t count = 1; count <= last + 1; count *= 2) {
      const Waits waits = waits_of(dials, last, count);
      if (waits.took >= waits.least()) continue;
      return breach(node + " dialled " + peer + " " + std::to_string(count) +
                        " times after waits of " + seconds_words(waits.took) +
                        " together; its backoff makes that " + seconds_words(waits.mean) +
                        ", and " + seconds_words(waits.least()) + " at the very least",
                    dials[last].at);
    }
  }
  return std::nullopt;
}

// How likely it is that n numbers, drawn uniformly from [0, 1], lie within `share` of each other.
double herd_chance(std::size_t dialers, double share) {
  if (share >= 1) return 1;
  const auto n = static_cast<double>(dialers);
  return n * std::pow(share, n - 1) - (n - 1) * std::pow(share, n);
}

using DialsByNode = std::map<std::string, std::vector<Dial>>;

struct HerdDial {
  Instant at;
  std::string node;
  Duration ceiling{};
};

// All nodes that ever dialled the peer again did so together.
std::optional<Finding> find_herd(const std::string& peer, const DialsByNode& by_node) {
  if (by_node.size() < kHerdMin) return std::nullopt;
  std::vector<HerdDial> all;
  for (const auto& [node, dials] : by_node) {
    for (const Dial& dial : dials)
      all.push_back({dial.at, node, dial.ceiling});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const HerdDial& one, const HerdDial& other) { return one.at < other.at; });
  for (std::size_t first = 0; first < all.size(); ++first) {
    std::map<std::string, Duration> ceilings;
    std::size_t last = first;
    for (; last < all.size() && all[last].at - all[first].at <= kHerdWithin; ++last) {
      ceilings.emplace(all[last].node, all[last].ceiling);
      if (ceilings.size() == by_node.size()) break;
    }
    if (ceilings.size() < by_node.size()) continue;
    Duration smallest = Duration::max();
    for (const auto& [node, ceiling] : ceilings)
      smallest = std::min(smallest, ceiling);
    if (smallest <= Duration::zero()) continue;
    const double share = to_seconds(kHerdWithin) / to_seconds(smallest);
    if (herd_chance(by_node.size(), share) > kHerdChanceMax) continue;
    return breach("all " + std::to_string(by_node.size()) + " nodes that dial " + peer +
                      " did so within " + duration_words(all[last].at - all[first].at) +
                      ", after waits that are drawn from up to " + duration_words(smallest),
                  all[last].at);
  }
  return std::nullopt;
}

}  // namespace

Finding check_no_reconnect_storm(const Inspection& inspection) {
  std::map<std::string, DialsByNode> by_peer;
  for (const NodeSpec& node : inspection.scenario.nodes) {
    std::map<std::string, DialFollower> followers;
    for (const LinkSpec& link : inspection.scenario.links) {
      if (link.dialer == node.name) {
        followers.emplace(link.listener, DialFollower(settings_of(node)));
      }
    }
    for (const Event& event : inspection.record.events) {
      if (event.node != node.name) continue;
      for (auto& [peer, follower] : followers) {
        const bool is_transition = event.event == "transition" && event.text("peer") == peer;
        if (event.event == "started" || is_transition) follower.take(event);
      }
    }
    for (const auto& [peer, follower] : followers) {
      std::vector<Dial> dials = follower.dials();
      std::erase_if(dials, [&](const Dial& dial) { return !is_in(dial.at, inspection.window); });
      if (!dials.empty()) by_peer[peer].emplace(node.name, std::move(dials));
    }
  }
  std::size_t looked_at = 0;
  bool enough = false;
  std::optional<Finding> first;
  const auto keep = [&first](std::optional<Finding> finding) {
    if (finding && (!first || finding->at < first->at)) first = std::move(finding);
  };
  for (const auto& [peer, by_node] : by_peer) {
    keep(find_herd(peer, by_node));
    for (const auto& [node, dials] : by_node) {
      looked_at += dials.size();
      enough = enough || can_tell(dials);
      keep(find_storm(node, peer, dials));
    }
  }
  if (first) return *first;
  if (looked_at == 0) return nothing_to_see("nobody dialled again");
  const std::string counted = std::to_string(looked_at) + (looked_at == 1 ? " dial" : " dials");
  if (!enough) return in_order(counted + ", too few to be a storm: of so few, any wait is chance");
  return in_order(counted + " as far apart as the backoff makes them");
}

}  // namespace halfopen
