// The shapes of `expect`: what must hold, and when one looks.
#include <cstdint>

#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

using Need = ShapeKey::Need;

constexpr std::uint64_t kVotesMax = 1'000'000;

ShapeKey sender_key() {
  return {"from", Need::kRequired, takes_name(), "the node that cast the votes"};
}

ShapeKey receiver_key() {
  return {"to", Need::kRequired, takes_name(), "the node that they were for"};
}

ShapeKey votes_key(const char* name, const char* doc) {
  return {name, Need::kMain, takes_count(0, kVotesMax), doc};
}

}  // namespace

ShapeKey when_key() {
  return {"when", Need::kOptional,
          takes_map(takes_either({takes_text(), takes_list(takes_text())})),
          "only in runs whose matrix cell or variables have one of these values"};
}

const Shape& sends_shape() {
  static const Shape shape{
      "sends",
      "\"sends\"",
      "the results of the sends that carry votes",
      "{from: n1, to: n2, are: [OK, EPIPE]}",
      {sender_key(),
       receiver_key(),
       {"are", Need::kMain, takes_list(takes_text()),
        "OK or the name of an errno, one after another; successive OKs are one"},
       {"are_one_of", Need::kMain, takes_list(takes_list(takes_text())),
        "several outcomes, in a race that the expectation declares"}}};
  return shape;
}

const Shape& lost_votes_shape() {
  static const Shape shape{
      "lost_votes",
      "\"lost_votes\"",
      "how many accepted votes are not in the receiver's store at the end",
      "{from: n1, to: n2, equals: 1}",
      {sender_key(), receiver_key(), votes_key("equals", "exactly so many"),
       votes_key("at_least", "so many or more"), votes_key("at_most", "so many or fewer")}};
  return shape;
}

const Shape& detected_by_shape() {
  static const Shape shape{
      "detected_by",
      "\"detected_by\"",
      "how a node found its connection dead",
      "{node: n1, peer: n2, reason: ping_timeout}",
      {{"node", Need::kRequired, takes_name(), "the node that found it"},
       {"peer", Need::kRequired, takes_name(), "the other end of the connection"},
       {"reason", Need::kMain, takes_name(),
        "the reason of its transition, such as ping_timeout or broken_pipe; none: not at all"},
       {"one_of", Need::kMain, takes_list(takes_name()),
        "several reasons, each of which will do"}}};
  return shape;
}

const Shape& expectation_shape() {
  static const Shape shape{
      "expectation",
      "an expectation",
      "what must hold, and when one looks",
      "{id: mapped, always: 'fault_proxy_nat_entries == 1', during: {step: quiet}}",
      {{"always", Need::kMain, takes_condition(), "holds at every scrape of the window"},
       {"never", Need::kMain, takes_condition(), "holds at no scrape of the window"},
       {"eventually", Need::kMain, takes_condition(), "holds at some scrape, within the limit"},
       {"sometimes", Need::kMain, takes_condition(), "holds at some scrape of the window"},
       {"holds_for", Need::kMain, takes_shape(holds_for_shape()), holds_for_shape().doc},
       {"count", Need::kMain, takes_shape(count_shape()), count_shape().doc},
       {"sequence", Need::kMain, takes_shape(sequence_shape()), sequence_shape().doc},
       {"log", Need::kMain, takes_shape(log_shape()), log_shape().doc},
       {"alerts", Need::kMain, takes_shape(alerts_shape()), alerts_shape().doc},
       {"sends", Need::kMain, takes_shape(sends_shape()), sends_shape().doc},
       {"invariant", Need::kMain,
        takes_list(takes_either({takes_word(checker_names()), takes_shape(checker_shape())})),
        "checkers, each of which finds nothing wrong"},
       {"lost_votes", Need::kMain, takes_shape(lost_votes_shape()), lost_votes_shape().doc},
       {"detected_by", Need::kMain, takes_shape(detected_by_shape()), detected_by_shape().doc},
       {"id", Need::kRequired, takes_name(), "its name in reports and in must_fail; once a run"},
       {"during", Need::kOptional, takes_shape(during_shape()), during_shape().doc},
       {"since", Need::kOptional, takes_shape(since_shape()), since_shape().doc},
       {"within", Need::kOptional, takes_duration(), "with since: looks for so long"},
       {"race", Need::kOptional, takes_flag(),
        "times compete on purpose; assert only that the outcome is one of a set"},
       {"uncontrolled", Need::kOptional, takes_text(),
        "why no control can make it fail, where none names it in must_fail"},
       when_key()}};
  return shape;
}

}  // namespace halfopen
