// The lanes: what each end of a link believed, and what the middlebox between them knew.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_votes.hpp"
#include "harness/model/timeline/timeline_parts.hpp"

namespace halfopen::timeline {
namespace {

class LaneBuilder {
 public:
  LaneBuilder(const Source& source, Lane lane) : source_(source), lane_(std::move(lane)) {}

  // From `at` on the lane is in this state. A state that lasts no time is not shown.
  void enter(Instant at, const std::string& state, const std::string& reason) {
    const double now = source_.clamped(at);
    if (!state_.empty() && state_ != state && now > since_) close(now);
    if (state_ == state) return;
    state_ = state;
    reason_ = reason;
    since_ = now;
  }

  void mark(Instant at, const std::string& kind, const std::string& text) {
    if (lane_.marks.size() >= kLaneMarksMax) {
      ++marks_left_out_;
      return;
    }
    lane_.marks.push_back({source_.clamped(at), kind, text});
  }

  Lane finish(std::vector<std::string>& left_out) {
    if (!state_.empty() && source_.duration_ms() > since_) close(source_.duration_ms());
    const std::size_t missing = marks_left_out_ + spans_left_out_;
    if (missing > 0)
      left_out.push_back(std::to_string(missing) + " states or marks of " + lane_.title);
    return std::move(lane_);
  }

 private:
  void close(double end) {
    if (lane_.spans.size() < kLaneSpansMax) {
      lane_.spans.push_back({state_, since_, end, reason_});
    } else {
      ++spans_left_out_;
    }
  }

  const Source& source_;
  Lane lane_;
  std::string state_;
  std::string reason_;
  double since_ = 0;
  std::size_t marks_left_out_ = 0;
  std::size_t spans_left_out_ = 0;
};

Instant instant_of(const Source& source, double milliseconds) {
  return source.record.whole.begin + Duration{static_cast<std::int64_t>(milliseconds * 1e6)};
}

std::string reason_of(const Event& event) {
  std::string text = event.text("reason");
  if (const std::string error = event.text("errno"); !error.empty() && error != "OK") {
    text += (text.empty() ? "" : ", ") + error;
  }
  return text;
}

// An end without events of its own (a foreign program) has no lane: nobody knows what it believes.
Lane end_lane(const Source& source, const LinkSpec& link, const std::string& node,
              const std::string& peer, const std::vector<FaultBand>& bands,
              std::vector<std::string>& left_out) {
  Lane lane;
  lane.title = node + " to " + peer;
  lane.link = link.id;
  lane.node = node;
  lane.peer = peer;
  // A process that was killed says nothing: what is known of its end is what was done to it.
  std::multimap<Instant, const FaultBand*> downs;
  for (const FaultBand& band : bands) {
    if (band.node == node) downs.emplace(instant_of(source, band.begin_ms), &band);
  }
  LaneBuilder builder(source, std::move(lane));
  builder.enter(source.record.whole.begin, "Idle", "the run begins");
  auto next_down = downs.begin();
  bool is_down = false;
  const auto take_downs = [&](Instant until) {
    for (; next_down != downs.end() && next_down->first <= until; ++next_down) {
      builder.enter(next_down->first, "Down", next_down->second->name);
      is_down = true;
    }
  };
  for (const Event& event : source.record.events) {
    if (event.node != node || event.program == "fault-proxy" || event.program == "middlebox") {
      continue;
    }
    take_downs(event.at);
    if (event.event == "started") is_down = false;
    if (event.event == "started") builder.enter(event.at, "Idle", "started");
    if (event.event == "stopped") builder.enter(event.at, "Down", "stopped");
    // What a process still says while it is being killed is no belief any more.
    if (event.text("peer") != peer || is_down) continue;
    if (event.event == "transition") builder.enter(event.at, event.text("to"), reason_of(event));
    if (event.event != "send") continue;
    const std::string result = event.text("result");
    if (result == "OK" || result == "EAGAIN" || result.empty()) continue;
    builder.mark(event.at, "error", "a send was told " + result);
  }
  take_downs(source.record.whole.end);
  return builder.finish(left_out);
}

// The words for an event of the middlebox; nothing for those that the states show already.
std::pair<std::string, std::string> path_mark(const Event& event) {
  const std::string& name = event.event;
  const std::string side = event.text("side");
  const std::string who = side.empty() ? "" : " of the " + side;
  if (name == "nat_expired") {
    const auto idle = event.milliseconds("idle_ms");
    return {"expired", "NAT mapping expired" +
                           (idle ? " after " + duration_words(*idle) + " of silence" : "")};
  }
  if (name == "nat_flushed") return {"expired", "NAT forgot the mapping at once"};
  if (name == "nat_next_packet") {
    const std::string action = event.text("action");
    return {action == "rst" ? "reset" : "drop",
            "next packet" + who + (action == "rst" ? " is answered with a reset" : " is dropped")};
  }
  if (name == "nat_revived") {
    return {"revived", "a packet" + who + " made the mapping anew (" + event.text("cause") + ")"};
  }
  if (name == "reset_on_next") return {"reset", "packet" + who + " drew a reset"};
  if (name == "half_closed") return {"reset", "a FIN was sent to the " + side};
  if (name == "side_forgotten") return {"expired", "the " + side + " was forgotten"};
  if (name == "fault_failed") return {"trouble", "the fault did not bite: " + event.text("what")};
  if (name == "flap_down") return {"fault", "link goes down (" + event.text("how") + ")"};
  if (name == "flap_up") return {"revived", "link is up again"};
  if (name == "peer_down") return {"fault", "the listener's machine goes down"};
  if (name == "peer_up") return {"revived", "the listener's machine is back"};
  return {};
}

// The newest connection decides what the path is said to be; older ones are on their way out.
Lane path_lane(const Source& source, const LinkSpec& link, bool has_nat,
               std::vector<std::string>& left_out) {
  Lane lane;
  lane.kind = Lane::Kind::kPath;
  lane.title = has_nat ? "NAT between" : "path between";
  lane.link = link.id;
  LaneBuilder builder(source, std::move(lane));
  builder.enter(source.record.whole.begin, "no connection", "");
  std::set<std::uint64_t> open;
  std::optional<std::uint64_t> newest;
  for (const Event& event : source.record.events) {
    if (!is_of_link(event, link)) continue;
    if (auto [kind, text] = path_mark(event); !kind.empty()) builder.mark(event.at, kind, text);
    const auto connection = event.count("conn");
    if (event.event == "connection_opened" && connection) {
      open.insert(*connection);
      newest = connection;
      builder.enter(event.at, has_nat ? "mapped" : "open", "connection opened");
    }
    if (event.event == "connection_closed" && connection) {
      open.erase(*connection);
      if (open.empty()) builder.enter(event.at, "no connection", reason_of(event));
    }
    const bool is_newest = !connection || connection == newest;
    const bool forgets = event.event == "nat_expired" || event.event == "nat_flushed";
    if (forgets && is_newest && !open.empty()) {
      builder.enter(event.at, "forgotten",
                    event.event == "nat_expired" ? "mapping expired" : "mapping was flushed");
    }
    if (event.event == "nat_revived" && is_newest) {
      builder.enter(event.at, "mapped", "made anew by " + event.text("cause"));
    }
  }
  return builder.finish(left_out);
}

bool has_nat(const Source& source, const LinkSpec& link) {
  const auto is_nat = [](const FaultSpec& fault) { return fault.type == "nat"; };
  if (std::any_of(link.faults.begin(), link.faults.end(), is_nat)) return true;
  return std::any_of(source.scenario.steps.begin(), source.scenario.steps.end(),
                     [&](const Step& step) {
                       const auto* set = std::get_if<SetFault>(&step.action);
                       return set != nullptr && set->link == link.id && is_nat(set->fault);
                     });
}

}  // namespace

std::vector<Lane> find_lanes(const Source& source, const std::vector<FaultBand>& bands,
                             std::vector<std::string>& left_out) {
  std::vector<Lane> lanes;
  for (const LinkSpec& link : source.scenario.links) {
    if (is_vote_node(source.scenario, link.dialer)) {
      lanes.push_back(end_lane(source, link, link.dialer, link.listener, bands, left_out));
    }
    lanes.push_back(path_lane(source, link, has_nat(source, link), left_out));
    if (is_vote_node(source.scenario, link.listener)) {
      lanes.push_back(end_lane(source, link, link.listener, link.dialer, bands, left_out));
    }
  }
  return lanes;
}

std::vector<VoteMark> find_votes(const Source& source, std::vector<std::string>& left_out) {
  const VoteLedger ledger(source.record);
  std::map<std::pair<std::string, std::pair<std::string, std::string>>, VoteMark*> by_key;
  std::vector<VoteMark> votes;
  std::size_t missing = 0;
  for (const LinkSpec& link : source.scenario.links) {
    for (const auto& [from, to] :
         {std::pair(link.dialer, link.listener), std::pair(link.listener, link.dialer)}) {
      for (const CastVote& cast : ledger.cast_by(from, source.record.whole)) {
        if (votes.size() >= kVoteMarksMax) {
          ++missing;
          continue;
        }
        VoteMark mark{cast.vote, from, to, source.clamped(cast.at), {}, {}, 0, "lost"};
        if (const auto stored = ledger.stored_at(to, cast.vote)) {
          mark.stored_ms = source.clamped(*stored);
          mark.fate = "stored";
        }
        votes.push_back(std::move(mark));
      }
    }
  }
  for (VoteMark& vote : votes)
    by_key[{vote.vote, {vote.from, vote.to}}] = &vote;
  for (const Event& event : source.record.events) {
    if (event.event != "vote_acked" && event.event != "vote_sent") continue;
    const auto found = by_key.find({event.text("vote"), {event.node, event.text("peer")}});
    if (found == by_key.end()) continue;
    if (event.event == "vote_sent") ++found->second->sends;
    if (event.event == "vote_acked" && !found->second->acked_ms) {
      found->second->acked_ms = source.clamped(event.at);
      // Whatever the sender was told, only the receiver's own word makes a vote arrive.
      if (found->second->stored_ms) found->second->fate = "acked";
    }
  }
  for (VoteMark& vote : votes)
    vote.vote = short_vote(vote.vote);
  if (missing > 0) left_out.push_back(std::to_string(missing) + " votes");
  return votes;
}

}  // namespace halfopen::timeline
