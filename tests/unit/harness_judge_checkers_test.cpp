// The checkers over votes' acknowledgements and over detections: each catches its defect, and says
// so when there was nothing to look at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/judge_events.hpp"
#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::at;
using test::RecordBuilder;
using test::scenario_of;
using testing::HasSubstr;

// Bounds that do not come from a configuration: 2 s when idle, 3 s with votes; none for n2.
std::optional<Duration> invented_bound(const std::string& node, const std::string&,
                                       bool with_traffic) {
  if (node == "n2") return std::nullopt;
  return with_traffic ? seconds(3) : seconds(2);
}

ExpectationResult checked(Invariant invariant, RecordBuilder& run,
                          const DetectionBound& bound = invented_bound) {
  Invariants expected{{invariant}, {}};
  Scenario scenario = scenario_of(expected);
  scenario.links[0].id = "n1-n2";
  return judge_invariants(expected, scenario, run.record().whole, run.record(), bound);
}

// --- acks_match ---

RecordBuilder& acked(RecordBuilder& run, double time, const std::string& vote) {
  return run.event(time, "n1", "vote_acked", {{"peer", "n2"}, {"vote", vote}});
}

TEST(AcksMatch, AnAcknowledgementAfterTheStorePasses) {
  RecordBuilder run(5);
  run.cast(1, "n1", "aaaaaaaaaa").stored(1.1, "n2", "n1", "aaaaaaaaaa");
  acked(run, 1.2, "aaaaaaaaaa");
  const auto result = checked(Invariant::kAcksMatch, run);
  EXPECT_EQ(result.verdict, Verdict::kPass);
  EXPECT_EQ(result.seen, "1 acknowledgement of what was stored before");
}

TEST(AcksMatch, AnAcknowledgementOfWhatIsStoredLaterFails) {
  RecordBuilder run(5);
  acked(run.cast(1, "n1", "aaaaaaaaaa"), 1.2, "aaaaaaaaaa");
  run.stored(1.5, "n2", "n1", "aaaaaaaaaa");
  const auto result = checked(Invariant::kAcksMatch, run);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(1.2));
  EXPECT_EQ(result.seen,
            "n1 took vote aaaaaaaa for acknowledged by n2 at +1.200s, and n2 stored it only 300 ms "
            "later");
}

TEST(AcksMatch, AnAcknowledgementOfWhatWasNeverStoredFails) {
  RecordBuilder run(5);
  acked(run.cast(1, "n1", "aaaaaaaaaa"), 1.2, "aaaaaaaaaa");
  run.stored(1.1, "n1", "n1", "aaaaaaaaaa").stored(1.1, "n2", "n1", "bbbbbbbbbb");
  EXPECT_THAT(checked(Invariant::kAcksMatch, run).seen, HasSubstr("and n2 never stored it"));
}

TEST(AcksMatch, NoAcknowledgementProvesNothing) {
  RecordBuilder run(5);
  run.cast(1, "n1", "aaaaaaaaaa").stored(1.1, "n2", "n1", "aaaaaaaaaa");
  EXPECT_EQ(checked(Invariant::kAcksMatch, run).verdict, Verdict::kInconclusive);
}

// --- detection_within_bound ---

class Detection : public testing::Test {
 protected:
  Detection() : run_(20) { run_.transition(0.5, "Dialing", "Healthy", "hello"); }

  RecordBuilder& death(double time, double since_life_ms,
                       const std::string& reason = "ping_timeout") {
    return run_.transition(time, "Healthy", "Backoff", reason, {{"since_life_ms", since_life_ms}});
  }
  RecordBuilder& blackhole(double time, boost::json::object attributes = {}) {
    return run_.event(time, "", "fault_added",
                      {{"proxy", "n1-n2"},
                       {"fault", "blackhole"},
                       {"type", "blackhole"},
                       {"attributes", std::move(attributes)}});
  }
  ExpectationResult checked_detection(const DetectionBound& bound = invented_bound) {
    return checked(Invariant::kDetectionWithinBound, run_, bound);
  }
  RecordBuilder run_;
};

TEST_F(Detection, InTimePasses) {
  death(5, 2400);
  const auto result = checked_detection();
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.seen, "1 death found in time, the slowest after 2.4 s");
}

TEST_F(Detection, LaterThanTheBoundAndItsSlackFails) {
  death(5, 2600);
  const auto result = checked_detection();
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(5));
  EXPECT_EQ(result.seen,
            "n1 found the death of its connection to n2 (ping_timeout) only after 2.6 s; the "
            "configuration promises 2.0 s from +2.400s on (and 500 ms are granted on top)");
}

TEST_F(Detection, AVoteIntoTheSilenceBeginsItsOwnBound) {
  run_.send(4, "OK");
  death(6.4, 4000, "ack_timeout");  // life at 2.4 s, the vote at 4 s: 2.4 s of 3 s
  EXPECT_EQ(checked_detection().verdict, Verdict::kPass);
}

TEST_F(Detection, AVoteThatCameTooLateExcusesNothing) {
  run_.send(8, "OK");
  death(9, 6600);  // life at 2.4 s: it had to be found by 4.9 s
  EXPECT_EQ(checked_detection().verdict, Verdict::kFail);
}

TEST_F(Detection, ConnectionsThatWereReplacedDidNotDie) {
  death(15, 14000, "replaced");
  EXPECT_EQ(checked_detection().verdict, Verdict::kInconclusive);
}

TEST_F(Detection, WithoutADeathThereIsNothingToLookAt) {
  EXPECT_EQ(checked_detection().seen, "no connection died");
  death(5, 9000);
  const auto unpromised = checked_detection([](auto&, auto&, bool) { return std::nullopt; });
  EXPECT_EQ(unpromised.verdict, Verdict::kInconclusive);
  EXPECT_EQ(unpromised.seen, "nothing promises to find the deaths that there were");
}

TEST_F(Detection, ASilenceThatNobodyFoundFailsWhenItHadToBe) {
  blackhole(5);
  const auto result = checked_detection();
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(7.5));
  EXPECT_THAT(result.seen,
              HasSubstr("n1 has not found out by +7.500s that its connection to n2 is dead since "
                        "+5.000s (fault_added)"));
}

TEST_F(Detection, ASilenceThatWasFoundPasses) {
  blackhole(5);
  death(6.5, 2000);
  EXPECT_EQ(checked_detection().verdict, Verdict::kPass);
}

TEST_F(Detection, ASilenceThatEndedBeforeItHadToBeFoundIsNone) {
  blackhole(5);
  run_.event(7, "", "fault_removed", {{"proxy", "n1-n2"}, {"fault", "blackhole"}});
  EXPECT_EQ(checked_detection().verdict, Verdict::kInconclusive);
}

TEST_F(Detection, ARunThatEndsBeforeTheDeadlineDecidesNothing) {
  blackhole(18);
  EXPECT_EQ(checked_detection().verdict, Verdict::kInconclusive);
}

TEST_F(Detection, OneDirectionAloneSilencesNobody) {
  blackhole(5, {{"direction", "upstream"}});
  EXPECT_EQ(checked_detection().verdict, Verdict::kInconclusive);
}

TEST_F(Detection, ANodeThatWasNotConnectedHasNothingToFind) {
  death(4, 100);
  blackhole(5);
  EXPECT_EQ(checked_detection().verdict, Verdict::kPass) << "the death at 4 s is all there is";
}

TEST_F(Detection, AMappingThatExpiredIsASilenceOfItsOwnConnection) {
  run_.event(0.4, "", "connection_opened", {{"proxy", "n1-n2"}, {"conn", 1}});
  run_.event(0.5, "", "connection_opened", {{"proxy", "n1-n2"}, {"conn", 2}});
  run_.event(5, "", "nat_expired", {{"proxy", "n1-n2"}, {"conn", 1}});
  EXPECT_EQ(checked_detection().verdict, Verdict::kInconclusive) << "an older connection's";
  run_.event(6, "", "nat_expired", {{"proxy", "n1-n2"}, {"conn", 2}});
  EXPECT_EQ(checked_detection().moment, at(8.5));
  run_.event(7, "", "nat_revived", {{"proxy", "n1-n2"}, {"conn", 2}});
  EXPECT_EQ(checked_detection().verdict, Verdict::kInconclusive);
}

TEST_F(Detection, ANodeThatIsDownFindsNothing) {
  blackhole(5);
  run_.samples("up", {{"node", "n1"}}, 0, 6, 1).samples("up", {{"node", "n1"}}, 6, 21, 0);
  EXPECT_EQ(checked_detection().verdict, Verdict::kInconclusive);
}

// --- several at once ---

TEST(Checkers, TheFirstBreachInTimeIsTold) {
  RecordBuilder run(20);
  acked(run, 9, "aaaaaaaaaa");
  run.transition(0.5, "Dialing", "Healthy", "hello");
  run.transition(5, "Healthy", "Backoff", "ping_timeout", {{"since_life_ms", 4000}});
  const Invariants expected{{Invariant::kAcksMatch, Invariant::kDetectionWithinBound}, {}};
  const auto result = judge_invariants(expected, scenario_of(expected), run.record().whole,
                                       run.record(), invented_bound);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(5));
}

TEST(Checkers, OneThatSawNothingMakesAllOfThemInconclusive) {
  RecordBuilder run(20);
  run.cast(1, "n1", "aaaaaaaaaa").stored(1.1, "n2", "n1", "aaaaaaaaaa");
  const Invariants expected{{Invariant::kNoLostVotes, Invariant::kAcksMatch}, {}};
  const auto result = judge_invariants(expected, scenario_of(expected), run.record().whole,
                                       run.record(), invented_bound);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_EQ(result.seen, "no vote was acknowledged");
}

}  // namespace
}  // namespace halfopen
