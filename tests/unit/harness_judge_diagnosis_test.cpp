#include "harness/model/diagnosis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <stdexcept>

namespace halfopen {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const char* const kIncident =
    "02:28:26  node starts\n"
    "02:28:36  connects to 2 peers\n"
    "02:29:17  broadcasts a vote     ->  \"Vote sent\", then \"Broken pipe\", connection removed "
    "from the pool\n";

// --- reading logs ---

TEST(ReadLog, TheIncident) {
  const LogFacts facts = read_log(kIncident);
  EXPECT_EQ(facts.connected_idle, std::chrono::seconds(41));
  EXPECT_EQ(facts.since_start, std::chrono::seconds(51));
  EXPECT_EQ(facts.since_connect, std::chrono::seconds(41));
  EXPECT_TRUE(facts.said_sent);
  EXPECT_THAT(facts.errors, ElementsAre("EPIPE"));
  EXPECT_THAT(facts.lines, SizeIs(3));
}

TEST(ReadLog, OurOwnNodesLog) {
  const LogFacts facts = read_log(
      "10:00:00.100 I n1  vote-node 0.1.0 (preset naive) listens for peers on 127.0.1.1:7000, "
      "admin on http://127.0.1.1:8000\n"
      "10:00:00.200 I n1  n2: Handshaking -> Healthy (hello)\n"
      "10:00:00.200 I n1  Connected to n2 (outbound); available connections: 1\n"
      "10:00:01.000 I n1  Broadcasting vote 00aa11bb to 1 peer\n"
      "10:00:01.000 I n1  Available connections: 1\n"
      "10:00:01.000 I n1  Vote sent to n2: the kernel took 120 of 120 bytes\n"
      "10:00:07.000 I n1  Broadcasting vote 11aa11bb to 1 peer\n"
      "10:00:07.000 I n1  Vote sent to n2: the kernel took 4 of 120 bytes\n"
      "10:00:07.300 W n1  Vote 11aa11bb not sent to n2: ECONNRESET (Connection reset by peer) at "
      "byte 4 of 120\n"
      "10:00:07.300 W n1  Broken connection detected: n2 after 0.3 s idle: send: ECONNRESET "
      "(Connection reset by peer), then EPIPE; kernel: no TCP_INFO; reason reset: a RST arrived\n"
      "10:00:07.300 I n1  n2: Healthy -> Closed (reset, ECONNRESET)\n");
  EXPECT_THAT(facts.errors, ElementsAre("ECONNRESET", "EPIPE"));
  EXPECT_TRUE(facts.said_sent);
  EXPECT_EQ(facts.connected_idle, std::chrono::seconds(6)) << "the longest silence";
  EXPECT_EQ(facts.since_start, std::chrono::milliseconds(7200));
}

TEST(ReadLog, DatesMidnightAndOtherRuntimes) {
  const LogFacts dated = read_log(
      "2025-11-29T23:59:50.5Z INFO connected peer=a\n"
      "2025-11-30T00:00:10.5Z ERROR write tcp 10.0.0.1:5: write: broken pipe\n");
  EXPECT_EQ(dated.connected_idle, std::chrono::seconds(20));
  EXPECT_THAT(dated.errors, ElementsAre("EPIPE"));
  const LogFacts night = read_log(
      "[23:59:50] connection established\n[00:00:10] java.io.IOException: Connection timed out\n");
  EXPECT_EQ(night.connected_idle, std::chrono::seconds(20));
  EXPECT_THAT(night.errors, ElementsAre("ETIMEDOUT"));
  EXPECT_THAT(read_log("BrokenPipeError: [Errno 32] Broken pipe").errors, ElementsAre("EPIPE"));
  EXPECT_THAT(read_log("send failed: No route to host (113)").errors, ElementsAre("EHOSTUNREACH"));
}

// The node ran for a day and reconnected 41 s before the vote that broke.
const char* const kDay =
    "02:29:00 node starts\n"
    "02:29:05 connected to n2\n"
    "12:00:00 vote sent\n"
    "18:00:00 n2 disconnected\n"
    "02:28:36 connected to n2\n"
    "02:29:17 broadcasts a vote -> vote sent, then Broken pipe on a socket that was connected\n";

TEST(ReadLog, TheLastConnectIsTheOneThatBroke) {
  const LogFacts facts = read_log(kDay);
  EXPECT_EQ(facts.since_connect, std::chrono::seconds(41));
  EXPECT_EQ(facts.connected_idle, std::chrono::seconds(41));
  EXPECT_EQ(facts.since_start, std::chrono::hours(24) + std::chrono::seconds(17));
  const LogFacts healed = read_log(std::string(kDay) + "02:30:00 connected to n2\n");
  EXPECT_EQ(healed.since_connect, std::chrono::seconds(41)) << "after the error is too late";
}

TEST(ReadLog, DenialsAreNotSuccess) {
  EXPECT_FALSE(read_log("vote not sent to n2: EPIPE\n").said_sent);
  EXPECT_FALSE(read_log("message unsent\n").said_sent);
  EXPECT_FALSE(read_log("EPIPE, although it was sent\n").said_sent) << "after the error";
  EXPECT_FALSE(read_log("10:00:00 disconnected\n10:00:05 Broken pipe\n").connected_idle);
}

TEST(ReadLog, GarbageHasNoFacts) {
  const LogFacts facts = read_log(std::string("\0\xff:::99:99:99 \n\n\r\n{{{", 21));
  EXPECT_THAT(facts.errors, IsEmpty());
  EXPECT_FALSE(facts.said_sent);
  EXPECT_FALSE(facts.connected_idle);
  EXPECT_THAT(read_log(std::string(3'000'000, 'a')).lines, IsEmpty());
  EXPECT_THAT(read_log("").lines, IsEmpty());
}

// --- ranking ---

CauseFingerprint cause(const std::string& name, const std::vector<std::string>& sends,
                       const std::string& first, const std::string& second) {
  CauseFingerprint fingerprint;
  fingerprint.cause = name;
  fingerprint.title = "the " + name;
  fingerprint.measured = true;
  fingerprint.story.sends = sends;
  fingerprint.story.first_error = first;
  fingerprint.story.second_error = second;
  fingerprint.story.votes_cast = 3;
  fingerprint.story.votes_lost = 3;
  return fingerprint;
}

std::vector<CauseFingerprint> measured_causes() {
  return {cause("silent", {"OK", "OK", "OK"}, "", ""),
          cause("reset", {"OK", "ECONNRESET", "EPIPE"}, "ECONNRESET", "EPIPE"),
          cause("idle-close", {"OK", "EPIPE", "EPIPE"}, "EPIPE", "EPIPE"),
          cause("crash", {"OK", "EPIPE", "EPIPE"}, "EPIPE", "EPIPE"),
          cause("os-timeout", {"OK", "ETIMEDOUT", "EPIPE"}, "ETIMEDOUT", "EPIPE")};
}

std::map<std::string, Fit> fits(const Diagnosis& diagnosis) {
  std::map<std::string, Fit> result;
  for (const RankedCause& ranked : diagnosis.ranking)
    result[ranked.cause] = ranked.fit;
  return result;
}
std::vector<std::string> order(const Diagnosis& diagnosis) {
  std::vector<std::string> result;
  for (const RankedCause& ranked : diagnosis.ranking)
    result.push_back(ranked.cause);
  return result;
}
const RankedCause& find(const Diagnosis& diagnosis, const std::string& name) {
  for (const RankedCause& ranked : diagnosis.ranking) {
    if (ranked.cause == name) return ranked;
  }
  throw std::runtime_error("no cause " + name);
}
Diagnosis diagnosed(const std::string& log,
                    const std::vector<CauseFingerprint>& causes = measured_causes()) {
  return diagnose(read_log(log), causes);
}

TEST(Diagnose, TheIncidentFitsTwoCausesThatItCannotTellApart) {
  const Diagnosis diagnosis = diagnosed(kIncident);
  EXPECT_THAT(order(diagnosis),
              ElementsAre("idle-close", "crash", "reset", "silent", "os-timeout"));
  EXPECT_THAT(fits(diagnosis), (std::map<std::string, Fit>{{"idle-close", Fit::kFits},
                                                           {"crash", Fit::kFits},
                                                           {"reset", Fit::kPossible},
                                                           {"silent", Fit::kExcluded},
                                                           {"os-timeout", Fit::kExcluded}}));
  EXPECT_THAT(find(diagnosis, "reset").evidence_against,
              Contains(HasSubstr("swallowed an ECONNRESET")));
  EXPECT_THAT(find(diagnosis, "silent").evidence_against, Contains(HasSubstr("41.0 s old")));
  for (const char* silence : {"silent", "os-timeout"}) {
    EXPECT_THAT(find(diagnosis, silence).evidence_against,
                Contains(AllOf(HasSubstr("without keep-alive or TCP_USER_TIMEOUT on the socket"),
                               HasSubstr("with one of them, an ETIMEDOUT would come first"),
                               HasSubstr("swallowed it"))));
  }
  EXPECT_THAT(
      diagnosis.conclusion,
      AllOf(
          HasSubstr("idle for 41.0 s (the 51.0 s since the program's start are not idle time)"),
          HasSubstr("What fit are \"the idle-close\" and \"the crash\". They leave the same trace "
                    "in this log, so it cannot tell them apart."),
          HasSubstr("Possible under a condition: \"the reset\" (the program must have swallowed"),
          HasSubstr("Excluded: \"the silent\" and \"the os-timeout\" (without keep-alive or "
                    "TCP_USER_TIMEOUT on the socket and with tcp_retries2 at its default)."),
          HasSubstr("What would decide: the peer's uptime and log"), HasSubstr("ss -tino"),
          HasSubstr("a race, not a fix"), HasSubstr("must be sent again")));
}

TEST(Diagnose, ALongLogDoesNotMakeTheBrokenConnectionOld) {
  EXPECT_EQ(fits(diagnosed(kDay)), fits(diagnosed(kIncident)));
}

TEST(Diagnose, AResetFirst) {
  const Diagnosis diagnosis = diagnosed(
      "10:00:00 connected\n10:05:00 vote sent\n10:05:01 Connection reset by peer, then EPIPE\n");
  EXPECT_THAT(fits(diagnosis), (std::map<std::string, Fit>{{"reset", Fit::kFits},
                                                           {"idle-close", Fit::kPossible},
                                                           {"crash", Fit::kPossible},
                                                           {"silent", Fit::kExcluded},
                                                           {"os-timeout", Fit::kExcluded}}));
  EXPECT_EQ(diagnosis.ranking.front().cause, "reset");
  EXPECT_THAT(find(diagnosis, "crash").evidence_against, Contains(HasSubstr("unread data")));
  EXPECT_THAT(diagnosis.conclusion, AllOf(HasSubstr("What fits is \"the reset\"."),
                                          Not(HasSubstr("cannot tell them apart"))));
}

TEST(Diagnose, ATimeoutThatIsTooEarlyForTheKernelAlone) {
  const Diagnosis diagnosis =
      diagnosed("10:00:00 connected\n10:00:41 vote sent\n10:00:50 Connection timed out\n");
  EXPECT_THAT(fits(diagnosis), (std::map<std::string, Fit>{{"os-timeout", Fit::kPossible},
                                                           {"silent", Fit::kPossible},
                                                           {"reset", Fit::kPossible},
                                                           {"idle-close", Fit::kPossible},
                                                           {"crash", Fit::kPossible}}));
  EXPECT_THAT(find(diagnosis, "idle-close").evidence_against,
              AllOf(Contains(HasSubstr("only if the path also went silent afterwards")),
                    Contains(HasSubstr("sooner only by keep-alive"))));
  EXPECT_THAT(find(diagnosis, "os-timeout").evidence_against, Contains(HasSubstr("15 minutes")));
  EXPECT_THAT(diagnosis.conclusion, HasSubstr("No measured cause fits as it stands."));
}

TEST(Diagnose, ATimeoutAfterSixteenMinutesIsWhatASilentPathEndsIn) {
  const Diagnosis diagnosis =
      diagnosed("10:00:00 connected\n10:00:41 vote sent\n10:16:30 ETIMEDOUT\n");
  EXPECT_EQ(fits(diagnosis)["os-timeout"], Fit::kFits);
  EXPECT_EQ(fits(diagnosis)["silent"], Fit::kFits);
  EXPECT_EQ(fits(diagnosis)["idle-close"], Fit::kPossible) << "a FIN, and then the path died";
  EXPECT_THAT(find(diagnosis, "idle-close").evidence_against,
              Not(Contains(HasSubstr("sooner only by keep-alive"))));
}

TEST(Diagnose, NoErrorAtAll) {
  const Diagnosis diagnosis = diagnosed("10:00:00 connected\n10:00:41 vote sent\n");
  EXPECT_EQ(diagnosis.ranking.front().cause, "silent");
  EXPECT_THAT(fits(diagnosis), (std::map<std::string, Fit>{{"silent", Fit::kFits},
                                                           {"reset", Fit::kPossible},
                                                           {"idle-close", Fit::kPossible},
                                                           {"crash", Fit::kPossible},
                                                           {"os-timeout", Fit::kPossible}}));
  EXPECT_THAT(diagnosis.conclusion, HasSubstr("Without an error"));
}

TEST(Diagnose, OnlyABrokenPipeAndNoTimes) {
  const Diagnosis diagnosis = diagnosed("write failed: Broken pipe\n");
  EXPECT_EQ(fits(diagnosis)["idle-close"], Fit::kFits);
  EXPECT_EQ(fits(diagnosis)["crash"], Fit::kFits);
  EXPECT_EQ(fits(diagnosis)["silent"], Fit::kPossible) << "without times nothing is too young";
  EXPECT_THAT(find(diagnosis, "crash").evidence_against,
              Contains(HasSubstr("the log does not mention one")));
  EXPECT_THAT(diagnosis.conclusion,
              AllOf(Not(HasSubstr("idle for")), Not(HasSubstr("a send that was told OK, then"))));
}

TEST(Diagnose, GarbageAllowsNoDiagnosis) {
  const Diagnosis diagnosis = diagnosed("lorem ipsum\n\x01\x02\n");
  for (const RankedCause& ranked : diagnosis.ranking)
    EXPECT_EQ(ranked.fit, Fit::kPossible);
  EXPECT_THAT(order(diagnosis),
              ElementsAre("silent", "reset", "idle-close", "crash", "os-timeout"));
  EXPECT_THAT(diagnosis.conclusion, HasSubstr("allows no diagnosis"));
}

TEST(Diagnose, AnErrorThatNoCauseShowsDecidesNothing) {
  const Diagnosis diagnosis = diagnosed("10:00:00 connected\n10:00:41 No route to host\n");
  for (const RankedCause& ranked : diagnosis.ranking)
    EXPECT_EQ(ranked.fit, Fit::kPossible);
  EXPECT_THAT(diagnosis.conclusion, HasSubstr("EHOSTUNREACH is not among the errors"));
}

TEST(Diagnose, WhatWasNotMeasuredStaysOpen) {
  auto causes = measured_causes();
  causes[2].measured = false;
  const Diagnosis diagnosis = diagnosed(kIncident, causes);
  EXPECT_EQ(find(diagnosis, "idle-close").fit, Fit::kPossible);
  EXPECT_THAT(find(diagnosis, "idle-close").evidence_against, Contains(HasSubstr("not measured")));
  EXPECT_THAT(diagnosis.conclusion, AllOf(HasSubstr("What fits is \"the crash\"."),
                                          HasSubstr("Not measured, so open: \"the idle-close\".")));
  EXPECT_THAT(diagnosed(kIncident, {}).conclusion, HasSubstr("No measured cause fits"));
}

TEST(Diagnose, ACauseThatLostNothingCannotHaveBrokenAPipe) {
  auto harmless = cause("harmless", {"OK"}, "", "");
  harmless.story.votes_lost = 0;
  const Diagnosis diagnosis = diagnosed(kIncident, {harmless});
  EXPECT_EQ(diagnosis.ranking.front().fit, Fit::kExcluded);
  EXPECT_THAT(diagnosis.conclusion, HasSubstr("Excluded: \"the harmless\". "))
      << "under no condition";
}

TEST(Diagnose, ADifferentSecondErrorWeakensAFit) {
  const auto odd = cause("odd", {"OK", "EPIPE"}, "EPIPE", "ENOTCONN");
  const Diagnosis diagnosis = diagnosed("vote sent, EPIPE, then ETIMEDOUT\n", {odd});
  EXPECT_EQ(diagnosis.ranking.front().fit, Fit::kPossible);
  EXPECT_THAT(diagnosis.ranking.front().evidence_against,
              Contains(HasSubstr("the second error differs")));
}

}  // namespace
}  // namespace halfopen
