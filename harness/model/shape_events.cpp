// The shapes of those expectations that are about events, logs and alerts, and of windows.
#include <cstdint>

#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

using Need = ShapeKey::Need;

constexpr std::uint64_t kCountMax = 1'000'000;

ShapeKey node_key(const char* doc) {
  return {"node", Need::kRequired, takes_name(), doc};
}

ShapeKey peer_key() {
  return {"peer", Need::kRequired, takes_name(), "the other end of the connection"};
}

void add_count_keys(std::vector<ShapeKey>& keys) {
  keys.push_back({"equals", Need::kOptional, takes_count(0, kCountMax), "exactly so many"});
  keys.push_back({"at_least", Need::kOptional, takes_count(1, kCountMax), "so many or more"});
  keys.push_back({"at_most", Need::kOptional, takes_count(0, kCountMax), "so many or fewer"});
}

}  // namespace

const std::vector<std::string>& node_event_names() {
  static const std::vector<std::string> names{"started",           "connection_opened",
                                              "connection_closed", "transition",
                                              "vote_cast",         "send",
                                              "vote_sent",         "vote_acked",
                                              "vote_stored",       "vote_abandoned",
                                              "equivocation",      "quorum",
                                              "reloaded",          "stopped"};
  return names;
}

const std::vector<std::string>& link_event_names() {
  static const std::vector<std::string> names{"connection_opened",
                                              "connection_closed",
                                              "connection_refused",
                                              "nat_expired",
                                              "nat_flushed",
                                              "nat_next_packet",
                                              "nat_revived",
                                              "fault_added",
                                              "fault_removed",
                                              "fault_failed",
                                              "reset_on_next",
                                              "half_closed",
                                              "side_forgotten",
                                              "flap_down",
                                              "flap_up",
                                              "peer_down",
                                              "peer_up"};
  return names;
}

const std::vector<std::string>& checker_names() {
  static const std::vector<std::string> names{
      "no_lost_votes",          "no_duplicates",      "no_equivocation",    "acks_match",
      "detection_within_bound", "no_reconnect_storm", "no_stuck_connection"};
  return names;
}

const Shape& event_shape() {
  static const Shape shape = [] {
    Shape event{"event",
                "an event",
                "lines of an event log: each field that is given must have this value",
                "{node: n1, event: transition, peer: n2, to: Suspect}",
                {{"node", Need::kMain, takes_name(), "the vote-node that tells it"},
                 {"proxy", Need::kMain, takes_name(), "the link whose middlebox tells it"},
                 {"event", Need::kRequired, takes_name(), "the event's name"},
                 {"peer", Need::kOptional, takes_name(), "the other node"}}};
    for (const char* field :
         {"reason", "errno", "second_errno", "from", "to", "direction", "result", "outcome", "kind",
          "fault", "type", "side", "action", "cause", "last_cause", "attempt", "vote"}) {
      event.keys.push_back({field, Need::kOptional, takes_text(), "the event's field"});
    }
    return event;
  }();
  return shape;
}

const Shape& holds_for_shape() {
  static const Shape shape{"holds_for",
                           "\"holds_for\"",
                           "holds for so long without a break, somewhere in the window",
                           "{condition: 'votenode_peer_up == 1', at_least: 3s}",
                           {{"condition", Need::kRequired, takes_condition(), "what must hold"},
                            {"at_least", Need::kRequired, takes_duration(), "for how long"}}};
  return shape;
}

const Shape& count_shape() {
  static const Shape shape = [] {
    Shape count{"count",
                "\"count\"",
                "how many such events there were, or how many times the condition became true",
                "{event: {node: n1, event: connection_opened, peer: n2}, equals: 1}",
                {{"condition", Need::kMain, takes_condition(), "became true so many times"},
                 {"event", Need::kMain, takes_shape(event_shape()), event_shape().doc}}};
    add_count_keys(count.keys);
    return count;
  }();
  return shape;
}

const Shape& sequence_shape() {
  static const Shape shape{
      "sequence",
      "\"sequence\"",
      "a node's view of a peer goes through these states, reasons or errnos, in this order",
      "{node: n1, peer: n2, states: [Healthy, Suspect, Backoff]}",
      {node_key("the node whose view it is"),
       peer_key(),
       {"states", Need::kOptional,
        takes_list(takes_word(
            {"Idle", "Dialing", "Handshaking", "Healthy", "Suspect", "Backoff", "Closed"})),
        "the state when the window opens may be the first"},
       {"reasons", Need::kOptional, takes_list(takes_name()),
        "of the transitions, one fewer than states; any: any reason"},
       {"errnos", Need::kOptional, takes_list(takes_text()), "of the transitions that tell one"},
       {"strict", Need::kOptional, takes_flag(), "exactly these and no others; default false"}}};
  return shape;
}

const Shape& log_shape() {
  static const Shape shape = [] {
    Shape log{"log",
              "\"log\"",
              "how many lines of a process's own output have this in them; by default at least 1",
              "{node: n1, contains: 'broken pipe'}",
              {node_key("the node whose output it is"),
               {"contains", Need::kMain, takes_text(), "the text as it stands"},
               {"matches", Need::kMain, takes_text(), "a regular expression, somewhere in a line"},
               {"never", Need::kOptional, takes_flag(), "true: no line has it"}}};
    add_count_keys(log.keys);
    return log;
  }();
  return shape;
}

const Shape& alerts_shape() {
  static const Shape shape{
      "alerts",
      "\"alerts\"",
      "which alerts of metrics/rules fire in the window, and which must not",
      "{fire: [VotesUnacknowledged], silent: [ReconnectStorm], time_scale: 60}",
      {{"fire", Need::kOptional, takes_list(takes_text()), "each fires at some scrape"},
       {"silent", Need::kOptional, takes_list(takes_text()), "each fires at none"},
       {"time_scale", Need::kOptional, takes_count(1, 100'000),
        "every time in the rules is so many times shorter; default 1"}}};
  return shape;
}

const Shape& detection_checker_shape() {
  static const Shape shape{
      "detection_within_bound",
      "\"detection_within_bound\"",
      "each death is found within the time that the configuration promises",
      "{slack: 1s}",
      {{"slack", Need::kRequired, takes_duration(), "granted on top; 500ms without it"}}};
  return shape;
}

const Shape& stuck_checker_shape() {
  static const Shape shape{"no_stuck_connection",
                           "\"no_stuck_connection\"",
                           "at the end both ends of each link agree, and no socket is stuck",
                           "{longer_than: 3s}",
                           {{"longer_than", Need::kRequired, takes_duration(),
                             "how long is stuck; without it the detection bound and a second"}}};
  return shape;
}

const Shape& checker_shape() {
  static const Shape shape{"checker",
                           "a checker",
                           "a checker that is told something",
                           "{no_stuck_connection: {longer_than: 3s}}",
                           {{"detection_within_bound", Need::kMain,
                             takes_shape(detection_checker_shape()), detection_checker_shape().doc},
                            {"no_stuck_connection", Need::kMain, takes_shape(stuck_checker_shape()),
                             stuck_checker_shape().doc}}};
  return shape;
}

const Shape& fault_span_shape() {
  static const Shape shape{"fault_span",
                           "a window's fault",
                           "a fault of a link, from where it is set to where it is cleared",
                           "{link: n1-n2, name: blackhole}",
                           {{"link", Need::kRequired, takes_name(), "the link's id"},
                            {"name", Need::kOptional, takes_name(),
                             "the fault's name; not needed where it is the only"}}};
  return shape;
}

const Shape& during_shape() {
  static const Shape shape{
      "during",
      "a window",
      "looks from the start of something to its end",
      "{step: quiet}",
      {{"step", Need::kMain, takes_name(), "a step's id: to the start of the next step"},
       {"fault", Need::kMain, takes_shape(fault_span_shape()), fault_span_shape().doc}}};
  return shape;
}

const Shape& since_shape() {
  static const Shape shape{
      "since",
      "a window",
      "looks from something to the end of the run",
      "{event: {node: n1, event: transition, peer: n2, to: Suspect}}",
      {{"step", Need::kOptional, takes_name(), "a step's id: from its start"},
       {"event", Need::kOptional, takes_shape(event_shape()),
        "from the first such event, after the step's start where there is a step"}}};
  return shape;
}

}  // namespace halfopen
