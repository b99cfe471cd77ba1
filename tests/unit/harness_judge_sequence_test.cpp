// sequence, count of an event, log; and windows that begin with an event or last as long as a
// fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using test::at;
using test::from_seconds;
using test::judged;
using test::RecordBuilder;
using test::since;
using testing::HasSubstr;

TransitionSequence states(std::initializer_list<const char*> names, bool strict = false) {
  TransitionSequence sequence{"n1", "n2", {}, true, false, strict};
  for (const char* name : names)
    sequence.path.push_back({name, "", ""});
  return sequence;
}

// Healthy at 0.5 s; dies of silence at 4 s, is back at 6 s.
class Death : public testing::Test {
 protected:
  Death() : run_(10) {
    run_.event(0.1, "n1", "started");
    run_.transition(0.2, "Idle", "Dialing", "start");
    run_.transition(0.5, "Dialing", "Healthy", "hello");
    run_.transition(3, "Healthy", "Suspect", "ping_timeout");
    run_.transition(4, "Suspect", "Backoff", "ping_timeout", {{"errno", "ETIMEDOUT"}});
    run_.transition(5, "Backoff", "Dialing", "retry_due", {{"errno", "OK"}});
    run_.transition(5.5, "Dialing", "Backoff", "refused", {{"errno", "ECONNREFUSED"}});
    run_.transition(5.6, "Backoff", "Dialing", "retry_due");
    run_.transition(6, "Dialing", "Healthy", "hello");
  }
  RecordBuilder run_;
};

TEST_F(Death, StatesInTheirOrderPassAtTheLastOfThem) {
  const auto result = judged(states({"Healthy", "Suspect", "Backoff", "Healthy"}), run_);
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.moment, at(6));
  EXPECT_THAT(result.seen, HasSubstr("Healthy -> Suspect (ping_timeout) -> "
                                     "Backoff (ping_timeout, ETIMEDOUT) -> Dialing (retry_due)"));
}

TEST_F(Death, AStateThatNeverCameInItsTurnFails) {
  const auto result = judged(states({"Healthy", "Backoff", "Suspect"}), run_);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(result.seen, HasSubstr("Suspect never came in its turn"));
  EXPECT_EQ(result.moment, at(10));
}

TEST_F(Death, TheStateAtTheOpeningIsTheFirstStop) {
  EXPECT_EQ(judged(states({"Healthy"}, true), run_, {"up", ""}).verdict, Verdict::kFail);
  run_.record().steps = {{"a", {at(0), at(1)}}, {"quiet", {at(1), at(2)}}, {"b", {at(2), at(10)}}};
  EXPECT_EQ(judged(states({"Healthy"}, true), run_, {"quiet", ""}).verdict, Verdict::kPass);
  EXPECT_EQ(judged(states({"Healthy", "Suspect"}), run_, {"quiet", ""}).verdict, Verdict::kFail);
}

TEST_F(Death, StrictMeansThisAndNothingElse) {
  const auto all =
      states({"Healthy", "Suspect", "Backoff", "Dialing", "Backoff", "Dialing", "Healthy"}, true);
  EXPECT_EQ(judged(all, run_).verdict, Verdict::kPass);
  const auto fewer = judged(states({"Healthy", "Suspect", "Backoff"}, true), run_);
  EXPECT_EQ(fewer.verdict, Verdict::kFail);
  EXPECT_EQ(fewer.moment, at(5));
  EXPECT_THAT(fewer.seen, HasSubstr("; Dialing (retry_due) was one too many"));
  const auto other = judged(states({"Healthy", "Backoff"}, true), run_);
  EXPECT_EQ(other.moment, at(3));
  EXPECT_THAT(other.seen, HasSubstr("Suspect (ping_timeout) came instead of Backoff"));
  auto more = all;
  more.path.push_back({"Suspect", "", ""});
  EXPECT_THAT(judged(more, run_).seen, HasSubstr("; Suspect never came"));
}

TEST_F(Death, ReasonsGoWithTheStates) {
  auto sequence = states({"Suspect", "Backoff"});
  sequence.path[1].reason = "ping_timeout";
  EXPECT_EQ(judged(sequence, run_).verdict, Verdict::kPass);
  sequence.path[1].reason = "reset";
  EXPECT_EQ(judged(sequence, run_).verdict, Verdict::kFail);
}

TEST_F(Death, ErrnosAlone) {
  TransitionSequence sequence{"n1", "n2", {}, false, true, true};
  sequence.path = {{"", "", "ETIMEDOUT"}, {"", "", "ECONNREFUSED"}};
  EXPECT_EQ(judged(sequence, run_).verdict, Verdict::kPass);
  sequence.path.pop_back();
  EXPECT_EQ(judged(sequence, run_).verdict, Verdict::kFail);
}

TEST_F(Death, ALineThatIsMissingProvesNothing) {
  std::erase_if(run_.record().events, [](const Event& event) { return event.at == at(4); });
  const auto result = judged(states({"Healthy", "Suspect"}), run_);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.seen, HasSubstr("after Suspect comes a transition from Backoff at +5.000s"));
}

TEST_F(Death, ARestartBeginsAnew) {
  run_.event(7, "n1", "started").transition(7.1, "Idle", "Dialing", "start");
  EXPECT_EQ(judged(states({"Healthy", "Idle", "Dialing"}), run_).verdict, Verdict::kPass);
}

TEST_F(Death, NoTransitionAtAllProvesNothing) {
  TransitionSequence other = states({"Healthy"});
  other.peer = "n3";
  EXPECT_EQ(judged(other, run_).verdict, Verdict::kInconclusive);
}

CountEvents count_of(EventPattern pattern, Comparison comparison, unsigned count) {
  return {std::move(pattern), {comparison, count}};
}

TEST_F(Death, EventsAreCountedByTheirFields) {
  const EventPattern dials{"transition", {{"node", "n1"}, {"peer", "n2"}, {"to", "Dialing"}}};
  const auto result = judged(count_of(dials, Comparison::kEqual, 2), run_);
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.seen, "2 x transition of n1 (peer n2, to Dialing), the last at +5.600s");
  EXPECT_EQ(judged(count_of(dials, Comparison::kAtMost, 1), run_).moment, at(5.6));
  EXPECT_EQ(judged(count_of(dials, Comparison::kAtLeast, 3), run_).verdict, Verdict::kFail);
  const EventPattern first{"transition", {{"node", "n1"}, {"conn", "1"}, {"reason", "refused"}}};
  EXPECT_EQ(judged(count_of(first, Comparison::kEqual, 1), run_).verdict, Verdict::kPass)
      << "a number is compared as it is written";
}

TEST_F(Death, NoEventOfANodeThatToldNothingProvesNothing) {
  const EventPattern of_n2{"transition", {{"node", "n2"}}};
  EXPECT_EQ(judged(count_of(of_n2, Comparison::kEqual, 0), run_).verdict, Verdict::kInconclusive);
  const EventPattern of_link{"nat_expired", {{"proxy", "n1-n2"}}};
  EXPECT_EQ(judged(count_of(of_link, Comparison::kEqual, 0), run_).verdict, Verdict::kInconclusive);
  run_.event(2, "", "fault_added", {{"proxy", "n1-n2"}});
  EXPECT_EQ(judged(count_of(of_link, Comparison::kEqual, 0), run_).verdict, Verdict::kPass);
}

Window since_event(EventPattern pattern, std::optional<Duration> within = {},
                   const std::string& step = "") {
  return {"", step, within, std::move(pattern), {}};
}

TEST_F(Death, AWindowBeginsWithTheFirstSuchEvent) {
  const EventPattern suspect{"transition", {{"node", "n1"}, {"to", "Suspect"}}};
  const EventPattern any{"transition", {{"node", "n1"}}};
  const auto all = count_of(any, Comparison::kEqual, 6);
  EXPECT_EQ(judged(all, run_, since_event(suspect)).seen,
            "6 x transition of n1, the last at +6.000s");
  const auto two = count_of(any, Comparison::kEqual, 2);
  EXPECT_EQ(judged(two, run_, since_event(suspect, from_seconds(1.5))).verdict, Verdict::kPass);
}

TEST_F(Death, AnEventAfterAStepIsTheFirstAfterItsStart) {
  const EventPattern healthy{"transition", {{"node", "n1"}, {"to", "Healthy"}}};
  const EventPattern any{"transition", {{"node", "n1"}}};
  const auto window = since_event(healthy, {}, "rest");
  EXPECT_EQ(judged(count_of(any, Comparison::kEqual, 1), run_, window).verdict, Verdict::kPass);
}

TEST_F(Death, AnEventThatNeverCameLeavesNothingToLookAt) {
  const EventPattern never{"stopped", {{"node", "n1"}}};
  const auto result = judged(states({"Healthy"}), run_, since_event(never));
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_EQ(result.seen, "the event from which to look never came: stopped of n1");
}

TEST_F(Death, AnEventTooLateForItsWindowIsTold) {
  const EventPattern back{"transition", {{"node", "n1"}, {"reason", "refused"}}};
  const auto result = judged(states({"Healthy"}), run_, since_event(back, from_seconds(6)));
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.seen, HasSubstr("add a step that waits"));
}

TEST_F(Death, AWindowLastsAsLongAsTheFault) {
  Window window;
  window.during_fault = FaultSpan{"n1-n2", "blackhole"};
  const EventPattern any{"transition", {{"node", "n1"}}};
  const auto result = judged(count_of(any, Comparison::kEqual, 2), run_, window);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.seen, HasSubstr("was never added"));
  run_.event(2.5, "", "fault_added", {{"proxy", "n1-n2"}, {"fault", "blackhole"}});
  run_.event(4.5, "", "fault_removed", {{"proxy", "n1-n2"}, {"fault", "blackhole"}});
  EXPECT_EQ(judged(count_of(any, Comparison::kEqual, 2), run_, window).verdict, Verdict::kPass);
  window.within = from_seconds(1);
  EXPECT_EQ(judged(count_of(any, Comparison::kEqual, 1), run_, window).verdict, Verdict::kPass);
}

// --- log ---

class Log : public testing::Test {
 protected:
  Log() : run_(10) {
    auto& log = run_.record().logs["n1"];
    log.lines = {{at(0.5), "I n2 is healthy"},
                 {at(3), "W n2: ping unanswered"},
                 {at(4), "W n2: connection is dead (ETIMEDOUT)"}};
  }
  LogLines lines(LinePattern pattern, Comparison comparison, unsigned count) {
    return {"n1", std::move(pattern), {comparison, count}};
  }
  RecordBuilder run_;
};

TEST_F(Log, ALineInTheWindowPassesWhenItArrives) {
  const auto result =
      judged(lines(LinePattern::containing("is dead"), Comparison::kAtLeast, 1), run_);
  EXPECT_EQ(result.verdict, Verdict::kPass);
  EXPECT_EQ(result.moment, at(4));
  EXPECT_EQ(result.seen,
            "1 x a line of n1 containing \"is dead\", at +4.000s: "
            "\"W n2: connection is dead (ETIMEDOUT)\"");
  EXPECT_EQ(
      judged(lines(LinePattern::containing("is healthy"), Comparison::kAtLeast, 1), run_).verdict,
      Verdict::kFail)
      << "it arrived before the window";
}

TEST_F(Log, ARegularExpressionMatchesAnywhere) {
  const auto pattern = LinePattern::matching("n[0-9]: .*(dead|unanswered)");
  ASSERT_TRUE(pattern.has_value());
  EXPECT_EQ(judged(lines(*pattern, Comparison::kEqual, 2), run_).verdict, Verdict::kPass);
  EXPECT_TRUE(LinePattern::matching("(").has_error());
}

TEST_F(Log, ALineIsQuotedWithWholeCharacters) {
  std::string line = "\x1b[1m" + std::string(155, 'x') + "\xC3\xBC" + std::string(20, 'y');
  run_.record().logs["n1"].lines = {{at(3), line}};
  const auto result = judged(lines(LinePattern::containing("xx"), Comparison::kAtLeast, 1), run_);
  EXPECT_THAT(result.seen, testing::EndsWith("\" [1m" + std::string(155, 'x') + "...\""));
}

TEST_F(Log, ARegularExpressionMatchesBesideBytesThatAreNoUtf8) {
  run_.record().logs["n1"].lines = {{at(3), "\xFF W n2: panic \xC3"},
                                    {at(4), "gr\xC3\xBC\xC3\x9F"}};
  const auto count = [&](const std::string& pattern) {
    const auto compiled = LinePattern::matching(pattern);
    EXPECT_TRUE(compiled.has_value()) << pattern;
    return judged(lines(compiled.value(), Comparison::kEqual, 1), run_).verdict;
  };
  EXPECT_EQ(count("pan.c"), Verdict::kPass);
  EXPECT_EQ(count("^. W n2"), Verdict::kPass);
  EXPECT_EQ(count("gr\xC3\xBC.$"), Verdict::kPass) << "a character is one, not its bytes";
  EXPECT_EQ(count("\\Qpanic"), Verdict::kPass) << "a quotation without an end";
  EXPECT_EQ(count("panic|" + std::string(250, 'x')), Verdict::kPass) << "256 characters";
  EXPECT_TRUE(LinePattern::matching(std::string(257, 'x')).has_error());
}

TEST_F(Log, NeverFailsAtTheLine) {
  const auto result = judged(lines(LinePattern::containing("W n2"), Comparison::kEqual, 0), run_);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(3));
}

TEST_F(Log, LinesThatAreMissingCouldHaveDecided) {
  run_.record().logs["n1"].trouble = "the logs are longer than 64 MiB";
  EXPECT_EQ(judged(lines(LinePattern::containing("panic"), Comparison::kEqual, 0), run_).verdict,
            Verdict::kInconclusive);
  EXPECT_EQ(judged(lines(LinePattern::containing("dead"), Comparison::kAtLeast, 1), run_).verdict,
            Verdict::kPass);
}

TEST_F(Log, ALogThatNobodyWatchedProvesNothing) {
  run_.record().logs.clear();
  EXPECT_EQ(judged(lines(LinePattern::containing("panic"), Comparison::kEqual, 0), run_).verdict,
            Verdict::kInconclusive);
}

}  // namespace
}  // namespace halfopen
