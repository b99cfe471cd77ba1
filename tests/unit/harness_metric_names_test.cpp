// Selectors that can match nothing are found before anything runs.
#include "harness/shell/metric_names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/model/plan.hpp"
#include "harness/shell/metric_values.hpp"

namespace halfopen {
namespace {

constexpr const char* kScenario = R"(name: selectors
claim: every selector can match something
nodes: {n1: {preset: naive}, n2: {}, n3: {}}
links: [{between: [n1, n2]}, {between: [n3, n2]}]
steps:
  - {id: up, wait_until: 'CONDITION', within: 10s}
expect:
  - {id: held, lost_votes: {from: n1, to: n2, at_least: 1}}
controls:
  - {id: none, set: {/nodes/n1/preset: resilient}, must_fail: [held]}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// What is said of a scenario that waits for this condition: "" when it is good.
std::string said_of(const std::string& condition, const std::string& scenario = kScenario) {
  const auto document = parse_yaml(replaced(scenario, "CONDITION", condition), "a.yaml");
  if (document.has_error()) return "document: " + document.error().text;
  const auto plan = plan_scenario(*document, {});
  if (plan.has_error()) return "plan: " + plan.error().text;
  const auto checked = check_metric_names(*plan);
  return checked.has_error() ? checked.error().text : "";
}

TEST(MetricNames, AWordThatTheLabelNeverHasIsFound) {
  const std::string said =
      said_of(R"(votenode_peer_connections_closed_total{reason="ping_timout"} > 0)");
  EXPECT_EQ(said.rfind("a.yaml:6:26: reason=\"ping_timout\" can match nothing of "
                       "votenode_peer_connections_closed_total; did you mean \"ping_timeout\"?",
                       0),
            0U)
      << said;
  EXPECT_NE(said_of(R"(votenode_peer_state{state="healthyy"} == 1)"), "");
  EXPECT_NE(said_of(R"(votenode_peer_state{state!="Sick"} == 1)"), "");
  EXPECT_EQ(said_of(R"(votenode_peer_state{state=~"Healthy|Suspect"} == 1)"), "");
}

TEST(MetricNames, AnotherProgramInTheScenarioFreesNoNameOfOurs) {
  const std::string with_command = replaced(kScenario, "n3: {}", "n3: {command: [sleep, '60']}");
  EXPECT_NE(said_of(R"(votenode_peer_up{pear="n1"} == 1)", with_command), "");
  EXPECT_NE(said_of(R"(votenode_peer_pings_total{outcome="lost"} == 1)", with_command), "");
  EXPECT_EQ(said_of("somebody_elses_metric == 1", with_command), "");
}

TEST(MetricValues, ReasonsAreThoseOfTheNode) {
  std::vector<std::string> ours = values_of_label("votenode_peer_transitions_total", "reason");
  std::vector<std::string> theirs{
#define HALFOPEN_REASON(identifier, name, sentence) name,
#include "node/core/reasons.inc"
#undef HALFOPEN_REASON
  };
  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());
  EXPECT_EQ(ours, theirs);
}

TEST(MetricNames, WhatExistsIsGood) {
  for (const char* condition :
       {R"(votenode_peer_up{node="n1",peer="n2"} == 1)",
        R"(fault_proxy_nat_entries{proxy="n3-n2",node="fault-proxy"} == 1)",
        R"(min by (peer) (votenode_peer_up{node=~"n[13]",peer!="n2"}) == 1)",
        R"(votenode_peer_dial_seconds_bucket{le="0.5"} > 0)", R"(up{node!~"n1|n2"} == 1)",
        R"(votenode_peer_up{peer=""} == 1)",
        R"(sum without (peer) (votenode_votes_acked_total) == on (node) votenode_votes_cast_total)",
        R"(absent(fault_proxy_resets_total{cause="flap"}))"}) {
    EXPECT_EQ(said_of(condition), "") << condition;
  }
}

TEST(MetricNames, AMetricHasToExist) {
  EXPECT_EQ(said_of("votenode_peer_upp == 1"),
            "a.yaml:6:26: there is no metric votenode_peer_upp; did you mean votenode_peer_up? "
            "(metrics/names.inc lists them all)");
  EXPECT_NE(said_of("absent(votenode_peer_upp)"), "") << "it would always hold";
}

TEST(MetricNames, ALabelHasToBeTheMetrics) {
  EXPECT_EQ(said_of(R"(fault_proxy_nat_entries{prox="n1-n2"} == 1)"),
            "a.yaml:6:26: the metric fault_proxy_nat_entries has no label \"prox\"; "
            "did you mean \"proxy\"? expected one of node, proxy");
  EXPECT_NE(said_of(R"(votenode_peer_dial_seconds_sum{le="1"} > 0)"), "");
  EXPECT_EQ(said_of("sum by (pear) (votenode_peer_up) == 1"),
            "a.yaml:6:26: nothing there has the label \"pear\" to group or match by; "
            "did you mean \"peer\"? expected one of node, peer");
  EXPECT_NE(said_of("votenode_peer_up == on (proxy) votenode_votes_sent_total"), "");
}

TEST(MetricNames, AValueHasToBeTheScenarios) {
  EXPECT_EQ(said_of(R"(fault_proxy_nat_entries{proxy="n1-n3"} == 1)"),
            "a.yaml:6:26: proxy=\"n1-n3\" can match nothing of this scenario; "
            "did you mean \"n1-n2\"? expected one of n1-n2, n3-n2");
  for (const char* condition :
       {R"(votenode_peer_up{peer="n4"} == 1)", R"(up{node="n4"} == 1)", R"(up{node=~"x.*"} == 1)",
        R"(votenode_peer_up{peer="fault-proxy"} == 1)", R"(absent(votenode_peer_up{peer="n4"}))",
        R"(-sum(rate(votenode_votes_acked_total{node="n4"}[5s])) > 1)"}) {
    EXPECT_NE(said_of(condition).find("can match nothing"), std::string::npos) << condition;
  }
  for (const char* condition : {R"(up{node!="n4"} == 1)", R"(up{node!~"x.*"} == 1)"}) {
    EXPECT_NE(said_of(condition).find("excludes nothing"), std::string::npos) << condition;
  }
}

TEST(MetricNames, AnotherCommandMayExportAnything) {
  const std::string other = replaced(kScenario, "n3: {}", "n3: {command: [sleep, '9']}");
  EXPECT_EQ(said_of(R"(sum by (zone) (theirs{zone="a",peer="x",node="n3"}) == 1)", other), "");
  EXPECT_NE(said_of(R"(theirs{node="n4"} == 1)", other), "") << "no process has this name";
  EXPECT_NE(said_of(R"(fault_proxy_nat_entries{proxy="n1-n3"} == 1)", other), "")
      << "the proxy is ours";
}

}  // namespace
}  // namespace halfopen
