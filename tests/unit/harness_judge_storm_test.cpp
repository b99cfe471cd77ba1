// The checkers over dials and over what is left at the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "harness/model/judge_events.hpp"
#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::at;
using test::from_seconds;
using test::RecordBuilder;
using test::scenario_of;
using testing::HasSubstr;

std::optional<Duration> two_seconds(const std::string&, const std::string&, bool) {
  return seconds(2);
}

// n1 (and n3, ...) dial n2, with waits of 100 ms to 1 s.
Scenario dialers(unsigned number, const Invariants& expected) {
  Scenario scenario = scenario_of(expected);
  scenario.links.clear();
  scenario.nodes.resize(number + 1);
  for (unsigned i = 0; i <= number; ++i) {
    scenario.nodes[i].name = "n" + std::to_string(i + 1);
    scenario.nodes[i].config = {{"reconnect", {{"backoff_min", "100ms"}, {"backoff_max", "1s"}}}};
    if (i == 1) continue;
    LinkSpec link;
    link.dialer = scenario.nodes[i].name;
    link.listener = "n2";
    link.id = link.dialer + "-n2";
    scenario.links.push_back(link);
  }
  return scenario;
}

ExpectationResult checked(Invariant invariant, RecordBuilder& run, unsigned number = 1,
                          CheckerSettings settings = {}) {
  const Invariants expected{{invariant}, settings};
  return judge_invariants(expected, dialers(number, expected), run.record().whole, run.record(),
                          two_seconds);
}

void transition(RecordBuilder& run, const std::string& node, double time, const std::string& from,
                const std::string& to, const std::string& reason) {
  run.event(time, node, "transition",
            {{"peer", "n2"}, {"from", from}, {"to", to}, {"reason", reason}});
}

// So many dials, each refused at once, after waits that are a share of their ceilings.
double redial(RecordBuilder& run, const std::string& node, double time,
              const std::vector<double>& shares, double max = 1.0) {
  double ceiling = 0.1;
  transition(run, node, time, "Healthy", "Backoff", "reset");
  for (const double share : shares) {
    time += share * ceiling;
    ceiling = std::min(2 * ceiling, max);
    transition(run, node, time, "Backoff", "Dialing", "retry_due");
    transition(run, node, time, "Dialing", "Backoff", "refused");
  }
  return time;
}

TEST(NoReconnectStorm, WaitsAsTheBackoffDrawsThemPass) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Prng prng(seed);
    std::vector<double> shares;
    for (int i = 0; i < 100; ++i)
      shares.push_back(static_cast<double>(prng.below(1'000'001)) / 1e6);
    RecordBuilder run(100);
    redial(run, "n1", 1, shares);
    const auto result = checked(Invariant::kNoReconnectStorm, run);
    ASSERT_EQ(result.verdict, Verdict::kPass) << "seed " << seed << ": " << result.seen;
  }
}

TEST(NoReconnectStorm, DialsWithoutWaitsFail) {
  RecordBuilder run(20);
  redial(run, "n1", 2, std::vector<double>(40, 0.001));
  const auto result = checked(Invariant::kNoReconnectStorm, run);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(result.seen, HasSubstr("n1 dialled n2 16 times after waits of "));
}

TEST(NoReconnectStorm, ABackoffThatNeverGrowsFails) {
  // Half of the first ceiling each time: what a node does that forgets its failures at each dial.
  RecordBuilder run(20);
  std::vector<double> shares{0.5, 0.25, 0.125, 0.0625};
  shares.resize(60, 0.05);
  redial(run, "n1", 2, shares);
  EXPECT_EQ(checked(Invariant::kNoReconnectStorm, run).verdict, Verdict::kFail);
}

TEST(NoReconnectStorm, ALongSessionLetsTheBackoffStartSmall) {
  RecordBuilder run(4000);
  double time = 2;
  for (int i = 0; i < 40; ++i) {
    time = redial(run, "n1", time, {0.5});
    transition(run, "n1", time + 0.01, "Backoff", "Healthy", "hello");
    time += 61;
  }
  EXPECT_EQ(checked(Invariant::kNoReconnectStorm, run).verdict, Verdict::kPass);
}

TEST(NoReconnectStorm, ASessionThatEndsAtOnceDoesNot) {
  RecordBuilder run(4000);
  double time = 2;
  for (int i = 0; i < 40; ++i) {
    time = redial(run, "n1", time, {0.5});
    transition(run, "n1", time + 0.01, "Backoff", "Healthy", "hello");
    time += 0.1;
  }
  EXPECT_EQ(checked(Invariant::kNoReconnectStorm, run).verdict, Verdict::kFail);
}

TEST(NoReconnectStorm, NobodyWhoDialledAgainProvesNothing) {
  RecordBuilder run(20);
  transition(run, "n1", 1, "Idle", "Dialing", "start");
  EXPECT_EQ(checked(Invariant::kNoReconnectStorm, run).verdict, Verdict::kInconclusive);
}

TEST(NoReconnectStorm, AHerdIsAStorm) {
  const auto herd_of = [](unsigned number) {
    RecordBuilder run(20);
    for (unsigned i = 0; i <= number; ++i) {
      if (i == 1) continue;
      const std::string node = "n" + std::to_string(i + 1);
      double time = redial(run, node, 2, {0.5, 0.5, 0.5});
      transition(run, node, time + 0.4 + i * 0.001, "Backoff", "Dialing", "retry_due");
      transition(run, node, time + 0.4 + i * 0.001, "Dialing", "Healthy", "hello");
    }
    return run;
  };
  auto many = herd_of(12);
  const auto result = checked(Invariant::kNoReconnectStorm, many, 12);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(result.seen, HasSubstr("all 12 nodes that dial n2 did so within "));
  auto two = herd_of(2);
  EXPECT_EQ(checked(Invariant::kNoReconnectStorm, two, 2).verdict, Verdict::kPass)
      << "two meet by chance";
}

// --- no_stuck_connection ---

class Stuck : public testing::Test {
 protected:
  Stuck() : run_(20) {
    healthy("n1", "n2", 0.5, "outbound");
    healthy("n2", "n1", 0.5, "inbound");
  }
  void healthy(const std::string& node, const std::string& peer, double time,
               const std::string& direction) {
    run_.event(time, node, "connection_opened", {{"peer", peer}, {"direction", direction}});
    run_.event(time, node, "transition",
               {{"peer", peer}, {"from", "Idle"}, {"to", "Healthy"}, {"reason", "hello"}});
  }
  void lost(const std::string& node, const std::string& peer, double time) {
    run_.event(time, node, "transition",
               {{"peer", peer}, {"from", "Healthy"}, {"to", "Idle"}, {"reason", "reset"}});
  }
  ExpectationResult result(CheckerSettings settings = {}) {
    return checked(Invariant::kNoStuckConnection, run_, 1, settings);
  }
  RecordBuilder run_;
};

TEST_F(Stuck, TwoEndsThatAgreePass) {
  EXPECT_EQ(result().verdict, Verdict::kPass);
  EXPECT_EQ(result().seen, "both ends of 1 link agree, and no socket is stuck");
  lost("n1", "n2", 10);
  lost("n2", "n1", 10);
  EXPECT_EQ(result().verdict, Verdict::kPass) << "no connection is no stuck one";
}

TEST_F(Stuck, AnEndThatBelievesAloneFails) {
  lost("n2", "n1", 10);
  EXPECT_EQ(result().verdict, Verdict::kFail);
  EXPECT_EQ(result().moment, at(13)) << "the bound of 2 s and a second";
  EXPECT_EQ(
      result().seen,
      "n1 believes in a connection to n2 (Healthy since +0.500s), and n2 has none (Idle since "
      "+10.000s): longer than 3.0 s");
}

TEST_F(Stuck, AnEndThatMayStillFindOutDecidesNothing) {
  lost("n2", "n1", 18);
  EXPECT_EQ(result().verdict, Verdict::kInconclusive);
  EXPECT_THAT(result().seen, HasSubstr("add a step that waits"));
  CheckerSettings settings;
  settings.longer_than = seconds(1);
  EXPECT_EQ(result(settings).verdict, Verdict::kFail);
}

TEST_F(Stuck, APeerWithoutAProcessHasNoConnection) {
  run_.samples("up", {{"node", "n2"}}, 0, 10, 1).samples("up", {{"node", "n2"}}, 10, 21, 0);
  EXPECT_EQ(result().verdict, Verdict::kFail);
  EXPECT_THAT(result().seen, HasSubstr("n2 has none (no process since "));
}

TEST_F(Stuck, TwoDifferentConnectionsFail) {
  lost("n2", "n1", 10);
  healthy("n2", "n1", 12, "inbound");
  EXPECT_EQ(result().verdict, Verdict::kFail);
  EXPECT_THAT(result().seen, HasSubstr("believe in different connections, opened at +0.500s and "
                                       "+12.000s"));
}

TEST_F(Stuck, ASocketThatIsNeverClosedFails) {
  const SeriesLabels labels{{"node", "n1"}, {"state", "CLOSE_WAIT"}};
  run_.samples("halfopen_node_sockets", labels, 0, 12, 0);
  run_.samples("halfopen_node_sockets", labels, 12, 21, 1);
  EXPECT_EQ(result().verdict, Verdict::kFail);
  EXPECT_EQ(result().seen, "n1 has had a socket in CLOSE_WAIT since +12.000s: longer than 3.0 s");
}

TEST_F(Stuck, ASocketThatWasClosedInTheEndPasses) {
  const SeriesLabels labels{{"node", "n1"}, {"state", "CLOSE_WAIT"}};
  run_.samples("halfopen_node_sockets", labels, 0, 19, 1);
  run_.samples("halfopen_node_sockets", labels, 19, 21, 0);
  run_.samples("halfopen_node_sockets", {{"node", "n1"}, {"state", "ESTABLISHED"}}, 0, 21, 1);
  EXPECT_EQ(result().verdict, Verdict::kPass);
}

TEST_F(Stuck, DataThatNobodyAcknowledgesFailsWhileNothingComesIn) {
  const SeriesLabels labels{{"node", "n1"}, {"peer", "n2"}};
  run_.samples("votenode_tcp_unacked_segments", labels, 0, 10, 0);
  run_.samples("votenode_tcp_unacked_segments", labels, 10, 21, 2);
  for (double time = 0; time < 20; time += 0.5) {
    run_.samples("votenode_peer_last_received_timestamp_seconds", labels, time, time + 0.45,
                 1000 + time);
  }
  EXPECT_EQ(result().verdict, Verdict::kPass) << "there is traffic";
  RecordBuilder silent = run_;
  std::swap(silent, run_);
  run_ = RecordBuilder(20);
  healthy("n1", "n2", 0.5, "outbound");
  healthy("n2", "n1", 0.5, "inbound");
  run_.samples("votenode_tcp_unacked_segments", labels, 0, 10, 0);
  run_.samples("votenode_tcp_unacked_segments", labels, 10, 21, 2);
  run_.samples("votenode_peer_last_received_timestamp_seconds", labels, 0, 21, 1000);
  EXPECT_THAT(result().seen, HasSubstr("data of n1 for n2 has been unacknowledged"));
}

TEST_F(Stuck, NodesThatToldNothingProveNothing) {
  run_ = RecordBuilder(20);
  EXPECT_EQ(result().verdict, Verdict::kInconclusive);
}

}  // namespace
}  // namespace halfopen
