// The words of `expect`: what each is bound to, how it reads, and what is said of a wrong one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/shape_parts.hpp"
#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// A plain scenario with these lines as its expectations, and one that every control can name.
std::string with(const std::string& expectation) {
  return R"(name: a
claim: b
nodes: {n1: {}, n2: {}, other: {command: [sleep, "9"]}}
links: [{between: [n1, n2], faults: [{nat: {idle_timeout: 60s}}]}]
steps:
  - {id: up, wait_until: 'min(votenode_peer_up) == 1', within: 10s}
  - {id: cut, set_fault: {link: n1-n2, blackhole: {}}}
expect:
  - {id: x, )" +
         expectation + R"(}
controls: [{id: c, set: {/nodes/n1: {preset: naive}}, must_fail: [x]}]
)";
}

Expectation bound(const std::string& expectation) {
  const auto plan = test::plan_text(with(expectation));
  EXPECT_TRUE(plan.has_value()) << plan.error().text;
  if (plan.has_error()) return {};
  return plan->runs.front().scenario.expectations.front();
}

std::string message(const std::string& expectation) {
  return test::message_for(with(expectation));
}

TEST(Expectations, AControlMayNameAPart) {
  const auto with_control = [](const std::string& name) {
    std::string text = with("invariant: [no_lost_votes, acks_match]");
    return text.replace(text.find("must_fail: [x]"), 14, "must_fail: [" + name + "]");
  };
  const auto plan = test::plan_text(with_control("x.acks_match"));
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  EXPECT_THAT(plan->runs.at(1).must_fail, ElementsAre("x.acks_match"));
  EXPECT_EQ(test::message_for(with_control("x.no_duplicates")),
            "lab/a.yaml:10:67: unknown part of an expectation \"x.no_duplicates\"; expected one of "
            "x.no_lost_votes, x.acks_match");
  EXPECT_THAT(test::message_for(with_control("y.acks_match")),
              HasSubstr("did you mean \"x.acks_match\"?"));
}

TEST(Expectations, HoldsFor) {
  const auto it = bound("holds_for: {condition: 'votenode_peer_up == 1', at_least: 3s}");
  EXPECT_EQ(it.text, "votenode_peer_up == 1 holds for at least 3s");
  EXPECT_EQ(std::get<HoldsFor>(it.body).at_least, seconds(3));
}

TEST(Expectations, Count) {
  const auto events = bound(
      "count: {event: {node: n1, event: transition, peer: n2, to: Suspect}, at_most: 2}, "
      "since: {step: cut}");
  EXPECT_EQ(events.text, "at most 2 x transition of n1 (peer n2, to Suspect) since cut");
  const auto times = bound("count: {condition: 'votenode_peer_up == 0', equals: 1}");
  EXPECT_EQ(times.text, "votenode_peer_up == 0 becomes true exactly 1 times");
  EXPECT_EQ(std::get<CountTimes>(times.body).bound.comparison, Comparison::kEqual);
}

TEST(Expectations, Sequence) {
  const auto it = bound(
      "sequence: {node: n1, peer: n2, states: [Healthy, Suspect, Backoff], "
      "reasons: [any, ping_timeout], strict: true}");
  EXPECT_EQ(it.text,
            "n1's view of n2 goes exactly through Healthy, Suspect, Backoff by ping_timeout");
  const auto& sequence = std::get<TransitionSequence>(it.body);
  EXPECT_TRUE(sequence.begins_with_state);
  EXPECT_EQ(sequence.path[1].reason, "");
  EXPECT_EQ(sequence.path[2].reason, "ping_timeout");
  const auto reasons = bound("sequence: {node: n1, peer: n2, reasons: [reset, retry_due]}");
  EXPECT_EQ(reasons.text, "n1's view of n2 goes through reset, retry_due");
  EXPECT_FALSE(std::get<TransitionSequence>(reasons.body).begins_with_state);
  const auto errnos = bound("sequence: {node: n1, peer: n2, errnos: [ETIMEDOUT]}");
  EXPECT_TRUE(std::get<TransitionSequence>(errnos.body).errors_only);
}

TEST(Expectations, Log) {
  EXPECT_EQ(bound("log: {node: n1, contains: 'is dead'}").text,
            "the log of n1 has at least 1 lines containing \"is dead\"");
  EXPECT_EQ(bound("log: {node: other, matches: 'a|b', never: true}").text,
            "the log of other has no line matching \"a|b\"");
  EXPECT_EQ(std::get<LogLines>(bound("log: {node: n1, contains: x, at_most: 3}").body).bound.count,
            3U);
}

TEST(Expectations, Alerts) {
  const auto it = bound(
      "alerts: {fire: [VotesUnacknowledged], silent: [ReconnectStorm, HalfOpenSuspected], "
      "time_scale: 60}");
  EXPECT_EQ(
      it.text,
      "the alerts VotesUnacknowledged fire, the alerts ReconnectStorm, HalfOpenSuspected stay "
      "silent (times / 60)");
  EXPECT_EQ(std::get<Alerts>(it.body).fire[0].hold, seconds(1));
}

TEST(Expectations, Checkers) {
  const auto it = bound(
      "invariant: [acks_match, {detection_within_bound: {slack: 250ms}}, no_reconnect_storm, "
      "{no_stuck_connection: {longer_than: 2s}}]");
  EXPECT_EQ(it.text, "acks_match, detection_within_bound, no_reconnect_storm, no_stuck_connection");
  const auto& invariants = std::get<Invariants>(it.body);
  EXPECT_THAT(invariants.all,
              ElementsAre(Invariant::kAcksMatch, Invariant::kDetectionWithinBound,
                          Invariant::kNoReconnectStorm, Invariant::kNoStuckConnection));
  EXPECT_EQ(invariants.settings.slack, milliseconds(250));
  EXPECT_EQ(invariants.settings.longer_than, seconds(2));
  EXPECT_EQ(checker_names().size(), static_cast<std::size_t>(Invariant::kNoStuckConnection) + 1);
}

TEST(Expectations, Windows) {
  const auto event = bound(
      "never: 'up == 0', since: {step: cut, event: {node: n1, event: transition, peer: n2}}, "
      "within: 3s");
  EXPECT_EQ(event.text, "never up == 0 within 3s of transition of n1 (peer n2) after cut");
  EXPECT_EQ(event.window.since, "cut");
  EXPECT_THAT(event.window.since_event->fields,
              ElementsAre(Pair("node", "n1"), Pair("peer", "n2")));
  const auto link = bound("never: 'up == 0', since: {event: {proxy: n1-n2, event: nat_expired}}");
  EXPECT_EQ(link.text, "never up == 0 since nat_expired (proxy n1-n2)");
  const auto fault =
      bound("always: 'up == 1', during: {fault: {link: n1-n2, name: blackhole}}, within: 2s");
  EXPECT_EQ(fault.text, "always up == 1 within 2s while n1-n2 has blackhole");
}

struct Wrong {
  const char* expectation;
  const char* message;
};

void expect_messages(const std::vector<Wrong>& cases) {
  for (const Wrong& wrong : cases) {
    EXPECT_THAT(message(wrong.expectation), testing::StartsWith(wrong.message))
        << wrong.expectation;
  }
}

TEST(Expectations, AWrongConditionOrEventIsOneClearLine) {
  expect_messages({
      {"holds_for: {condition: 'up == 1', at_least: 0s}",
       "lab/a.yaml:9:57: \"at_least: 0s\" is \"sometimes\"; expected a longer time"},
      {"holds_for: {condition: 'up == 1'}",
       "lab/a.yaml:9:24: \"holds_for\" lacks the key \"at_least\""},
      {"holds_for: {condition: 'up == 1', at_least: 3s}, since: {step: cut}, within: 3s",
       "lab/a.yaml:9:24: \"at_least\" (3s) does not fit into \"within\" (3s); expected a longer "
       "\"within\""},
      {"count: {condition: 'up == 1'}",
       "lab/a.yaml:9:20: \"count\" lacks its main key; expected one of equals, at_least, at_most"},
      {"count: {condition: 'up == 1', at_least: 0}",
       "lab/a.yaml:9:53: \"at_least: 0\" always holds; expected 1 or more"},
      {"count: {event: {node: n1, event: transitoin}, equals: 1}",
       "lab/a.yaml:9:46: unknown event of a vote-node \"transitoin\"; did you mean \"transition\"? "
       "expected one of started, connection_opened, connection_closed, transition, vote_cast, "
       "send, "
       "vote_sent, vote_acked, vote_stored, vote_abandoned, equivocation, quorum, reloaded, "
       "stopped"},
      {"count: {event: {node: other, event: send}, equals: 1}",
       "lab/a.yaml:9:35: node other runs a command of its own and tells no events; expected a "
       "vote-node"},
      {"count: {event: {node: n1, event: send, colour: red}, equals: 1}",
       "lab/a.yaml:9:52: an event has an unknown key \"colour\"; expected one of node, proxy, "
       "event, "
       "peer, reason, errno, second_errno, from, to, direction, result, outcome, kind, fault, "
       "type, "
       "side, action, cause, last_cause, attempt, vote"},
      {"sequence: {node: n1, peer: n2}",
       "lab/a.yaml:9:23: \"sequence\" lacks what must come; expected states, reasons or errnos"},
      {"sequence: {node: n1, peer: n2, states: [Healty]}",
       "lab/a.yaml:9:53: unknown state \"Healty\"; did you mean \"Healthy\"? expected one of Idle, "
       "Dialing, Handshaking, Healthy, Suspect, Backoff, Closed"},
      {"sequence: {node: n1, peer: n2, states: [Healthy, Backoff], reasons: [reset, reset]}",
       "lab/a.yaml:9:81: \"reasons\" are of the transitions between the states: expected 1 for 2 "
       "states; \"any\" is any reason"},
      {"sequence: {node: n1, peer: n2, states: [Healthy], errnos: [EPIPE]}",
       "lab/a.yaml:9:71: \"errnos\" stands alone; states and reasons need a sequence of their own"},
      {"sequence: {node: n1, peer: n2, errnos: [EPIP]}",
       "lab/a.yaml:9:53: unknown errno \"EPIP\"; did you mean \"EPIPE\"? expected one of "
       "ETIMEDOUT, "
       "ECONNRESET, EPIPE, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ECONNABORTED"},
  });
}

TEST(Expectations, AWrongLogAlertCheckerOrWindowIsOneClearLine) {
  expect_messages({
      {"log: {node: n1}",
       "lab/a.yaml:9:18: \"log\" lacks its main key; expected one of contains, matches"},
      {"log: {node: n1, matches: '('}",
       "lab/a.yaml:9:38: the regular expression \"(\" is malformed: "},
      {"log: {node: n1, contains: x, never: true, equals: 1}",
       "lab/a.yaml:9:49: expected never: true and no number beside it, or a number alone"},
      {"alerts: {}",
       "lab/a.yaml:9:21: \"alerts\" names no alert; expected fire: [...] or silent: [...]"},
      {"alerts: {fire: [ReconectStorm]}",
       "lab/a.yaml:9:29: there is no alert \"ReconectStorm\"; did you mean \"ReconnectStorm\"? "
       "expected one of HalfOpenSuspected, ReconnectStorm, VotesUnacknowledged"},
      {"invariant: [acks_mach]",
       "lab/a.yaml:9:25: unknown invariant \"acks_mach\"; did you mean \"acks_match\"? expected "
       "one "
       "of no_lost_votes, no_duplicates, no_equivocation, acks_match, detection_within_bound, "
       "no_reconnect_storm, no_stuck_connection"},
      {"invariant: [{acks_match: {}}]",
       "lab/a.yaml:9:26: the checker \"acks_match\" is told nothing; write its name alone, as in "
       "invariant: [acks_match]"},
      {"invariant: [{acks_mach: {}}]",
       "lab/a.yaml:9:26: a checker has an unknown key \"acks_mach\"; expected one of "
       "detection_within_bound, no_stuck_connection"},
      {"always: 'up == 1', since: {}", "lab/a.yaml:9:39: \"since\" lacks the key \"step\""},
      {"always: 'up == 1', during: {fault: {link: n1-n2}}",
       "lab/a.yaml:9:48: the link n1-n2 has 2 faults; add the name of the one that is meant"},
      {"always: 'up == 1', during: {fault: {link: n1-n2, name: blackhol}}",
       "lab/a.yaml:9:68: unknown fault of n1-n2 \"blackhol\"; did you mean \"blackhole\"? expected "
       "one of nat, blackhole"},
  });
}

}  // namespace
}  // namespace halfopen
