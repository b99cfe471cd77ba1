// Advice, held against the prediction: whoever follows it survives on the path that it is for.
#include "harness/model/advice/advice_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/duration_text.hpp"
#include "harness/model/prediction/prediction.hpp"

namespace halfopen {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

Scenario scenario_on(const Profile& profile, const NodeDefences& defences) {
  Scenario scenario;
  for (const char* name : {"n1", "n2"}) {
    NodeSpec node;
    node.name = name;
    node.config = config_of(defences);
    scenario.nodes.push_back(node);
  }
  LinkSpec link;
  link.id = "n1-n2";
  link.dialer = link.inside = "n1";
  link.listener = "n2";
  FaultSpec nat;
  nat.name = nat.type = "nat";
  nat.attributes = profile.nat;
  link.faults.push_back(nat);
  scenario.links.push_back(link);
  // What lives through an hour of pings lives through five days of them.
  const Duration timeout = read_nat_terms(profile.nat).idle_timeout;
  scenario.steps.push_back(
      {"quiet", {}, IdleFor{std::min<Duration>(timeout, std::chrono::hours(1)) + seconds(20)}});
  scenario.steps.push_back({"vote", {}, CastVotes{"n1", 2, std::chrono::milliseconds(300)}});
  scenario.steps.push_back({"end", {}, IdleFor{seconds(10)}});
  return scenario;
}

TEST(Advice, SurvivesEveryProfileWithoutAWarning) {
  for (const Profile& profile : profiles()) {
    for (const Duration within : {seconds(4), seconds(30), seconds(120)}) {
      const auto advice = advise({path_box(profile)}, within);
      ASSERT_TRUE(advice.has_value()) << profile.name;
      for (const EndPrediction& end : predict(scenario_on(profile, advice->defences)).ends) {
        EXPECT_EQ(end.fate, EndPrediction::Fate::kSurvives) << profile.name << ": " << end.why;
        EXPECT_THAT(end.warnings, IsEmpty()) << profile.name << " " << format_duration(within);
        ASSERT_FALSE(end.finders.empty());
        EXPECT_LE(end.finders.front().at_least, within) << profile.name;
      }
      const Duration timeout = read_nat_terms(profile.nat).idle_timeout;
      EXPECT_LE(2 * advice->defences.ping.interval, timeout) << profile.name;
      EXPECT_EQ(advice->cautions.empty() && profile.is_hearsay, false) << "hearsay is said";
    }
  }
}

TEST(Advice, TheStrictestBoxDecides) {
  const auto box = [](const char* name, Duration timeout, bool by_bytes) {
    PathBox made{name, "s", "", {}};
    made.terms.idle_timeout = timeout;
    made.terms.by_bytes = by_bytes;
    return made;
  };
  const auto advice = advise({box("wide", seconds(600), false), box("narrow", seconds(8), false),
                              box("bytes", seconds(6), true)},
                             seconds(60));
  ASSERT_TRUE(advice.has_value());
  EXPECT_EQ(advice->defences.keepalive.idle, seconds(4));
  EXPECT_EQ(advice->defences.ping.interval, seconds(3));
  EXPECT_THAT(advice_text(*advice), HasSubstr("needed here: a box that counts bytes"));
}

TEST(Advice, ABoxWithoutAProfileIsAssumedToDropInSilence) {
  const auto advice =
      advise({path_box(*find_profile("aws-nlb").value()), path_box(seconds(20))}, seconds(60));
  ASSERT_TRUE(advice.has_value());
  EXPECT_EQ(advice->defences.keepalive.idle, seconds(10)) << "the tightest counts";
  const std::string text = advice_text(*advice);
  EXPECT_THAT(text, HasSubstr("box without a profile: assumed: packets refresh it"));
  EXPECT_TRUE(advise({path_box(seconds(1))}, seconds(60)).has_error());
}

TEST(Advice, ABoxOfALinkHasTheNameThatItWasGiven) {
  Scenario scenario;
  LinkSpec link;
  link.id = "n1-n2";
  for (const char* name : {"nat", "fw"}) {
    FaultSpec nat;
    nat.type = "nat";
    nat.name = name;
    nat.attributes = {{"idle_timeout", name[0] == 'n' ? "8s" : "2s"}};
    link.faults.push_back(nat);
  }
  scenario.links.push_back(link);
  const auto boxes = path_boxes(scenario);
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_EQ(boxes[0].name, "nat of link n1-n2");
  EXPECT_EQ(boxes[1].name, "fw of link n1-n2");
}

TEST(Advice, OneLostProbeDoesNotLoseTheMapping) {
  for (const int timeout : {2, 3, 4, 8, 60, 350}) {
    PathBox box{"box", "s", "", {}};
    box.terms.idle_timeout = seconds(timeout);
    const auto advice = advise({box}, seconds(120));
    ASSERT_TRUE(advice.has_value());
    const auto& keepalive = advice->defences.keepalive;
    const bool is_safe = keepalive.idle + 2 * keepalive.interval <= seconds(timeout);
    EXPECT_EQ(is_safe, timeout >= 3) << timeout;
    const bool is_claimed =
        advice_text(*advice).find("one lost probe does not lose") != std::string::npos;
    EXPECT_TRUE(is_safe || !is_claimed) << timeout;
  }
}

TEST(Advice, APingHasTimeForOneRetransmission) {
  for (const int within : {4, 5, 10, 12}) {
    const auto advice = advise({}, seconds(within));
    ASSERT_TRUE(advice.has_value());
    const auto& ping = advice->defences.ping;
    EXPECT_GE(ping.timeout, seconds(2)) << within;
    EXPECT_LE(ping.interval + ping.timeout, seconds(within)) << within;
  }
}

TEST(Advice, EveryBlockIsFilledInItsOwnUnit) {
  const auto advice = advise({}, seconds(30));
  ASSERT_TRUE(advice.has_value());
  std::string all;
  for (const auto& [what, lines] : advice_elsewhere(advice->defences)) {
    EXPECT_TRUE(lines.ends_with("\n")) << what;
    for (const char* open :
         {"{idle", "{inter", "{count", "{user", "{ping", "{pong", "{floor", "..."}) {
      const bool is_comment =
          std::string_view(open) == "..." && lines.find("# bind ...") != std::string::npos;
      EXPECT_TRUE(is_comment || lines.find(open) == std::string::npos) << what << ": " << open;
    }
    all += lines;
  }
  // 15 s, 5 s, 3 times, 29 s, and a ping each 10 s.
  for (const char* line :
       {"net.ipv4.tcp_keepalive_time = 15\n", "value: \"15\"", "idle = 15, interval = 5, count = 3",
        "unix.TCP_USER_TIMEOUT, 29000)", "setKeepAlive(true, 15000)", "from_millis(29000)",
        "TcpKeepAliveRetryCount, 3)", "grpc.keepalive_time_ms = 10000\n", "Time: 10 * time.Second",
        "permitKeepAliveTime(5, TimeUnit.SECONDS)", "ServerAliveInterval 10\n",
        "tcp_keepalives_idle = 15\n", "tcp_user_timeout=29000\n", "tcp-keepalive 15\n",
        "clitcpka-idle 15s\n", "so_keepalive=15s:5s:3;", "keepalive_time: 15,", "time: 15s,"}) {
    EXPECT_THAT(all, HasSubstr(line));
  }
}

TEST(Advice, WhatCannotBeDoneIsSaid) {
  EXPECT_THAT(advise({}, seconds(1)).error().text, HasSubstr("give 4s or more"));
  PathBox box{"tiny", "s", "", {}};
  box.terms.idle_timeout = seconds(1);
  EXPECT_THAT(advise({box}, seconds(30)).error().text, HasSubstr("nothing that steps in seconds"));
}

TEST(Advice, ThirtySecondsAreTheNodesOwnNumbers) {
  const auto advice = advise({}, kDetectWithinDefault);
  ASSERT_TRUE(advice.has_value());
  const NodeDefences preset;
  EXPECT_EQ(advice->defences.keepalive.idle, preset.keepalive.idle);
  EXPECT_EQ(advice->defences.keepalive.interval, preset.keepalive.interval);
  EXPECT_EQ(advice->defences.user_timeout.timeout, preset.user_timeout.timeout);
  EXPECT_EQ(advice->defences.ping.interval, preset.ping.interval);
  EXPECT_EQ(advice->defences.retry.ack_deadline, preset.retry.ack_deadline);
}

}  // namespace
}  // namespace halfopen
