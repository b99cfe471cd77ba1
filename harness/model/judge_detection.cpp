// detection_within_bound: was each death found in the time that the configuration promises?
#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "harness/model/judge_checkers.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_peer_history.hpp"
#include "harness/model/judge_votes.hpp"

namespace halfopen {
namespace {

// A vote that was sent so shortly before the last sign of life may be unanswered still.
constexpr Duration kSendBeforeLife = std::chrono::seconds(1);

// A connection that is given up for one of these was not found dead.
constexpr std::array<std::string_view, 6> kNoDeaths{"removed",        "replaced", "tie_break",
                                                    "protocol_error", "overflow", "shutdown"};

// From when, and by when, `node` has to find a death.
struct Deadline {
  Instant from;  // the last sign of life, or the first vote into the silence
  Duration bound{};
  [[nodiscard]] Instant at(Duration slack) const { return from + bound + slack; }
};

// The first send of `node` to `peer` from `from` on and before `until`.
std::optional<Instant> first_send(const RunRecord& record, const std::string& node,
                                  const std::string& peer, Instant from, Instant until) {
  for (const Event& event : record.events) {
    if (event.at >= until) break;
    const bool ours = event.event == "send" && event.node == node && event.text("peer") == peer;
    if (ours && event.at >= from) return event.at;
  }
  return std::nullopt;
}

// A vote that is sent into the silence changes what is promised, unless the silence had to be found
// before it came.
std::optional<Deadline> deadline_of(const Inspection& inspection, const std::string& node,
                                    const std::string& peer, Instant life, Instant until) {
  const auto idle = inspection.bound(node, peer, false);
  const Duration slack = inspection.settings.slack;
  const Instant end = idle ? std::min(until, Deadline{life, *idle}.at(slack)) : until;
  const auto sent = first_send(inspection.record, node, peer, life - kSendBeforeLife, end);
  const auto bound = sent ? inspection.bound(node, peer, true) : idle;
  if (!bound) return std::nullopt;
  return Deadline{sent ? std::max(life, *sent) : life, *bound};
}

std::string late_text(const Deadline& deadline, Duration slack, Instant origin) {
  return "the configuration promises " + duration_words(deadline.bound) + " from " +
         time_text(deadline.from, origin) + " on (and " + duration_words(slack) +
         " are granted on top)";
}

// Detections and silences that were looked at, and the first that was out of bounds.
class Inspector {
 public:
  explicit Inspector(const Inspection& inspection) : inspection_(inspection) {}

  void look_at_detection(const Event& event) {
    const std::string peer = event.text("peer");
    if (!is_in(event, inspection_.window) || !is_detection(event, event.node, peer)) return;
    const std::string reason = event.text("reason");
    if (std::find(kNoDeaths.begin(), kNoDeaths.end(), reason) != kNoDeaths.end()) return;
    const auto since_life = event.milliseconds("since_life_ms");
    if (!since_life) return;
    const Instant life = event.at - *since_life;
    const auto deadline = deadline_of(inspection_, event.node, peer, life, event.at);
    if (!deadline) {
      ++unpromised_;
      return;
    }
    ++looked_at_;
    slowest_ = std::max(slowest_, event.at - deadline->from);
    if (event.at <= deadline->at(slack())) return;
    keep(breach(event.node + " found the death of its connection to " + peer + " (" + reason +
                    ") only after " + duration_words(event.at - deadline->from) + "; " +
                    late_text(*deadline, slack(), origin()),
                event.at));
  }

  // One end of a link that fell silent at this moment.
  void look_at_silence(const Event& cause, const std::string& node, const std::string& peer) {
    const RunRecord& record = inspection_.record;
    const PeerHistory history(record, node, peer);
    if (!history.is_live_at(cause.at) || !was_running_at(record, node, cause.at)) return;
    const auto deadline = deadline_of(inspection_, node, peer, cause.at, record.whole.end);
    if (!deadline) {
      ++unpromised_;
      return;
    }
    const Instant by = deadline->at(slack());
    if (by > record.whole.end || was_lifted(cause, by) || !was_running_at(record, node, by)) return;
    ++looked_at_;
    if (history.leaves_live_between(cause.at, by)) return;
    keep(breach(node + " has not found out by " + time_text(by, origin()) +
                    " that its connection to " + peer + " is dead since " +
                    time_text(cause.at, origin()) + " (" + cause.event + "); " +
                    late_text(*deadline, slack(), origin()),
                by));
  }

  [[nodiscard]] Finding finding() const {
    if (first_) return *first_;
    if (looked_at_ == 0) {
      return nothing_to_see(unpromised_ == 0
                                ? "no connection died"
                                : "nothing promises to find the deaths that there were");
    }
    return in_order(std::to_string(looked_at_) + (looked_at_ == 1 ? " death" : " deaths") +
                    " found in time, the slowest after " + duration_words(slowest_));
  }

 private:
  [[nodiscard]] Duration slack() const { return inspection_.settings.slack; }
  [[nodiscard]] Instant origin() const { return inspection_.record.whole.begin; }

  void keep(Finding finding) {
    if (!first_ || finding.at < first_->at) first_ = std::move(finding);
  }

  // Did the link come back before the silence had to be found out?
  [[nodiscard]] bool was_lifted(const Event& cause, Instant by) const {
    const auto& events = inspection_.record.events;
    return std::any_of(events.begin(), events.end(), [&](const Event& event) {
      if (event.at <= cause.at || event.at > by) return false;
      if (event.text("proxy") != cause.text("proxy")) return false;
      if (cause.event == "fault_added") {
        return event.event == "fault_removed" && event.text("fault") == cause.text("fault");
      }
      return event.event == "nat_revived" && event.count("conn") == cause.count("conn");
    });
  }

  const Inspection& inspection_;
  std::optional<Finding> first_;
  std::size_t looked_at_ = 0;
  std::size_t unpromised_ = 0;
  Duration slowest_{};
};

// A fault that makes both ends of a link hear nothing more.
bool silences_both(const Event& event) {
  if (event.event != "fault_added" || event.text("type") != "blackhole") return false;
  const auto* attributes = event.fields.if_contains("attributes");
  const auto* object = attributes == nullptr ? nullptr : attributes->if_object();
  const auto* direction = object == nullptr ? nullptr : object->if_contains("direction");
  return direction == nullptr || (direction->is_string() && direction->get_string() == "both");
}

// The mapping of the link's newest connection went; that of an older one is nobody's loss.
bool forgets_newest(const Event& event, const RunRecord& record) {
  if (event.event != "nat_expired" && event.event != "nat_flushed") return false;
  std::optional<std::uint64_t> newest;
  for (const Event& earlier : record.events) {
    if (earlier.at >= event.at) break;
    if (earlier.event == "connection_opened" && earlier.text("proxy") == event.text("proxy")) {
      newest = earlier.count("conn");
    }
  }
  return !newest || event.count("conn") == newest;
}

}  // namespace

Finding check_detection_within_bound(const Inspection& inspection) {
  Inspector inspector(inspection);
  for (const Event& event : inspection.record.events) {
    inspector.look_at_detection(event);
    if (!is_in(event, inspection.window)) continue;
    if (!silences_both(event) && !forgets_newest(event, inspection.record)) continue;
    for (const LinkSpec& link : inspection.scenario.links) {
      if (link.id != event.text("proxy")) continue;
      if (tells_events(inspection.scenario, link.dialer)) {
        inspector.look_at_silence(event, link.dialer, link.listener);
      }
      if (tells_events(inspection.scenario, link.listener)) {
        inspector.look_at_silence(event, link.listener, link.dialer);
      }
    }
  }
  return inspector.finding();
}

}  // namespace halfopen
