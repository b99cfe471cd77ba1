#include "harness/model/judge_peer_history.hpp"

#include <algorithm>

#include "harness/model/judge_votes.hpp"

namespace halfopen {

PeerHistory::PeerHistory(const RunRecord& record, const std::string& node, const std::string& peer)
    : beliefs_{{record.whole.begin, "", ""}} {
  for (const Event& event : record.events) {
    if (event.node != node) continue;
    if (event.event == "started" || event.event == "stopped") {
      beliefs_.push_back({event.at, "", event.event});
    }
    if (event.event != "transition" || event.text("peer") != peer) continue;
    says_anything_ = true;
    beliefs_.push_back({event.at, event.text("to"), event.text("reason")});
  }
}

const Belief& PeerHistory::at(Instant moment) const {
  const auto next = std::find_if(beliefs_.begin() + 1, beliefs_.end(),
                                 [moment](const Belief& belief) { return belief.since > moment; });
  return *(next - 1);
}

bool PeerHistory::is_live_at(Instant moment) const {
  return is_live_state(at(moment).state);
}

bool PeerHistory::leaves_live_between(Instant from, Instant until) const {
  return std::any_of(beliefs_.begin(), beliefs_.end(), [&](const Belief& belief) {
    return belief.since > from && belief.since <= until && !is_live_state(belief.state);
  });
}

Instant PeerHistory::live_or_not_since(Instant moment) const {
  const bool live = is_live_at(moment);
  Instant since = beliefs_.front().since;
  bool was_live = false;
  for (const Belief& belief : beliefs_) {
    if (belief.since > moment) break;
    const bool is_live = is_live_state(belief.state);
    if (is_live != was_live && is_live == live) since = belief.since;
    was_live = is_live;
  }
  return since;
}

bool was_running_at(const RunRecord& record, const std::string& node, Instant moment) {
  const auto* all = record.samples.find("up");
  if (all == nullptr) return true;
  const auto series = all->find({{"node", node}});
  if (series == all->end()) return true;
  bool up = true;
  for (const Sample& sample : series->second.samples) {
    if (sample.at > moment) break;
    up = sample.value != 0;
  }
  return up;
}

}  // namespace halfopen
