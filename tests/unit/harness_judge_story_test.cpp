#include "harness/model/death_story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/harness_judge_record.hpp"

namespace halfopen {
namespace {

using test::at;
using test::from_seconds;
using test::RecordBuilder;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// n1 and n2 are connected at 1 s and have exchanged a vote; the story begins at 8 s.
class Story : public testing::Test {
 protected:
  Story() : run_(20) {
    run_.transition(0.5, "Dialing", "Backoff", "refused", {{"errno", "ECONNREFUSED"}});
    run_.transition(1, "Handshaking", "Healthy", "hello");
    run_.cast(1.5, "n1", "first").send(1.5, "OK", 0.5).stored(1.6, "n2", "n1", "first");
  }
  [[nodiscard]] DeathStory told() { return tell_story(run_.record(), "n1", "n2", at(8)); }
  RecordBuilder run_;
};

TEST_F(Story, ASilentDropTellsTheSenderNothing) {
  run_.cast(8, "n1", "a").send(8, "OK", 6.5).cast(8.3, "n1", "b").send(8.3, "OK", 0.3);
  const DeathStory story = told();
  EXPECT_THAT(story.sends, ElementsAre("OK", "OK"));
  EXPECT_EQ(story.first_error, "");
  EXPECT_EQ(story.second_error, "");
  EXPECT_EQ(story.detected_by, "");
  EXPECT_EQ(story.votes_cast, 2U);
  EXPECT_EQ(story.votes_lost, 2U);
  EXPECT_FALSE(story.recovered_after);
}

TEST_F(Story, AnIgnoredFinIsOkThenBrokenPipe) {
  run_.cast(8, "n1", "a").send(8, "OK", 6.5).send(8.001, "EPIPE", 0.001);
  run_.event(8.001, "n1", "connection_closed",
             {{"peer", "n2"}, {"conn", 1}, {"errno", "EPIPE"}, {"second_errno", "EPIPE"}});
  run_.transition(8.001, "Healthy", "Closed", "broken_pipe",
                  {{"errno", "EPIPE"},
                   {"second_errno", "EPIPE"},
                   {"so_error", "OK"},
                   {"since_life_ms", 6501},
                   {"tcp_info", {{"state", "CLOSE"}, {"unacked", 0}, {"retransmits", 0}}}});
  run_.cast(8.3, "n1", "b");
  const DeathStory story = told();
  EXPECT_THAT(story.sends, ElementsAre("OK", "EPIPE"));
  EXPECT_EQ(story.first_error, "EPIPE");
  EXPECT_EQ(story.second_error, "EPIPE");
  EXPECT_EQ(story.detected_by, "broken_pipe");
  EXPECT_EQ(story.detected_after, from_seconds(6.501));
  EXPECT_FALSE(story.detected_before_vote);
  EXPECT_EQ(story.idle_before_first_error, from_seconds(6.5)) << "the silence, not the last pause";
  EXPECT_EQ(story.votes_cast, 2U);
  EXPECT_EQ(story.votes_lost, 2U);
  EXPECT_FALSE(story.recovered_after);
  EXPECT_THAT(story.evidence, Contains("+8.000s n1 send to n2: OK (idle 6.5 s)"));
  EXPECT_THAT(story.evidence, Contains("SO_ERROR then said OK"));
  EXPECT_THAT(story.evidence, Contains("TCP_INFO: CLOSE unacked=0 retransmits=0"));
}

TEST_F(Story, TheNextSendOnTheSameConnectionIsTheSecondWord) {
  run_.cast(8, "n1", "a").send(8, "OK", 6.5).send(8.3, "ECONNRESET", 0.3);
  run_.send(8.35, "OK", 0, 2);  // another connection
  run_.send(8.4, "EPIPE", 0.1);
  run_.transition(8.5, "Healthy", "Closed", "reset", {{"second_errno", "OK"}});
  const DeathStory story = told();
  EXPECT_EQ(story.first_error, "ECONNRESET");
  EXPECT_EQ(story.second_error, "EPIPE");
}

TEST_F(Story, WithoutANextSendTheNodesOwnQuestionCounts) {
  run_.cast(8, "n1", "a").send(8, "OK", 6.5).send(8.3, "ECONNRESET", 0.3);
  run_.transition(8.3, "Healthy", "Closed", "reset", {{"second_errno", "EPIPE"}});
  EXPECT_EQ(told().second_error, "EPIPE");
}

TEST_F(Story, AFullBufferIsNoError) {
  run_.cast(8, "n1", "a").send(8, "EAGAIN", 6.5).send(8.3, "ETIMEDOUT", 0.3);
  EXPECT_EQ(told().first_error, "ETIMEDOUT");
}

TEST_F(Story, ADeathFoundInIdleIsFoundBeforeTheVote) {
  run_.transition(5, "Healthy", "Backoff", "ping_timeout",
                  {{"errno", "OK"}, {"since_life_ms", 2000}, {"idle_ms", 900}});
  run_.transition(5.5, "Handshaking", "Healthy", "hello", {{"conn", 2}});
  run_.cast(8, "n1", "a").send(8, "OK", 2.5, 2).stored(8.004, "n2", "n1", "a");
  const DeathStory story = told();
  EXPECT_EQ(story.detected_by, "ping_timeout");
  EXPECT_TRUE(story.detected_before_vote);
  EXPECT_EQ(story.detected_after, from_seconds(2));
  EXPECT_EQ(story.first_error, "");
  EXPECT_EQ(story.votes_lost, 0U);
  ASSERT_TRUE(story.recovered_after);
  EXPECT_EQ(*story.recovered_after, from_seconds(0.004))
      << "from the first cast: idle costs nothing";
}

TEST_F(Story, KeepaliveLeavesItsErrnoInTheTransition) {
  run_.transition(5, "Healthy", "Closed", "keepalive_timeout",
                  {{"errno", "ETIMEDOUT"}, {"second_errno", "EPIPE"}, {"idle_ms", 3500}});
  run_.cast(8, "n1", "a");
  const DeathStory story = told();
  EXPECT_EQ(story.first_error, "ETIMEDOUT");
  EXPECT_EQ(story.second_error, "EPIPE");
  EXPECT_EQ(story.idle_before_first_error, from_seconds(3.5));
  EXPECT_EQ(story.detected_after, from_seconds(3.5)) << "idle time stands in for the sign of life";
  EXPECT_EQ(story.votes_lost, 1U);
  EXPECT_FALSE(story.recovered_after);
}

TEST_F(Story, AResentVoteIsLateAndRecovers) {
  run_.cast(8, "n1", "a").send(8, "OK", 6.5);
  run_.cast(8.3, "n1", "b").send(8.3, "ECONNRESET", 0.3);
  run_.transition(8.3, "Healthy", "Backoff", "reset", {{"errno", "ECONNRESET"}});
  run_.transition(8.5, "Handshaking", "Healthy", "hello", {{"conn", 2}});
  run_.send(8.6, "OK", 0.1, 2).stored(8.61, "n2", "n1", "a").stored(8.62, "n2", "n1", "b");
  const DeathStory story = told();
  EXPECT_EQ(story.votes_lost, 0U);
  ASSERT_TRUE(story.recovered_after);
  EXPECT_EQ(*story.recovered_after, from_seconds(0.61)) << "from the cast of the late vote";
}

TEST_F(Story, LosingOneVoteAndStoringTheNextIsARecovery) {
  run_.cast(8, "n1", "a").send(8, "OK", 6.5).send(8.1, "EPIPE", 0.1);
  run_.transition(8.1, "Healthy", "Backoff", "broken_pipe");
  run_.transition(8.2, "Handshaking", "Healthy", "hello", {{"conn", 2}});
  run_.cast(9, "n1", "b").send(9, "OK", 0.8, 2).stored(9.01, "n2", "n1", "b");
  const DeathStory story = told();
  EXPECT_EQ(story.votes_lost, 1U);
  EXPECT_EQ(*story.recovered_after, from_seconds(1.01));
}

TEST_F(Story, WhatADeadConnectionStillDeliversIsNoRecovery) {
  // Closed by a ping while its bytes were in the kernel; the path heals, and one vote arrives.
  run_.cast(8, "n1", "a").send(8, "OK", 6.5);
  run_.transition(9, "Healthy", "Closed", "ping_timeout");
  run_.cast(12, "n1", "b");
  run_.stored(14, "n2", "n1", "a");
  const DeathStory story = told();
  EXPECT_EQ(story.votes_lost, 1U);
  EXPECT_FALSE(story.recovered_after);
}

TEST_F(Story, AHealthyRunHasNoStory) {
  run_.cast(8, "n1", "a").send(8, "OK", 6.5).stored(8.01, "n2", "n1", "a");
  run_.transition(19, "Healthy", "Closed", "shutdown");
  const DeathStory story = told();
  EXPECT_EQ(story.detected_by, "");
  EXPECT_EQ(story.first_error, "");
  EXPECT_EQ(story.votes_cast, 1U);
  EXPECT_EQ(story.votes_lost, 0U);
  EXPECT_FALSE(story.recovered_after);
}

TEST_F(Story, AReplacedConnectionIsNoDeath) {
  run_.transition(4, "Healthy", "Idle", "replaced").transition(4, "Idle", "Healthy", "hello");
  EXPECT_EQ(told().detected_by, "");
}

TEST(StoryOfNothing, AnEmptyRecordHasNone) {
  RunRecord record;
  const DeathStory story = tell_story(record, "n1", "n2", at(0));
  EXPECT_EQ(story.votes_cast, 0U);
  EXPECT_THAT(story.evidence, IsEmpty());
}

}  // namespace
}  // namespace halfopen
