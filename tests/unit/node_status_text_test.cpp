#include "node/shell/status_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace halfopen::node {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

boost::json::object json(const std::string& text) {
  return boost::json::parse(text).as_object();
}

const char* const kNode = R"({"name": "n1", "network": "lab", "key": "ab12", "version": "0.1.0",
  "preset": "resilient", "transport": "tls", "listen": "127.0.0.1:7000", "store": "n1.votes",
  "up_ms": 185000, "stopping": false, "store_good": true, "votes": 12, "evidence": 0,
  "weight_in_reach": 3, "total_weight": 4, "quorum_in_reach": true,
  "last_quorum": {"height": 7, "round": 0, "kind": "precommit"}})";

TEST(NodeStatusText, SaysHowThePeersAreAndWhatToLookAt) {
  const auto peers = json(R"({"peers": [
    {"name": "n2", "state": "Healthy", "outbox": 0, "in_flight": 0, "for_ms": 61000,
     "direction": "outbound", "reason": "hello", "reason_text": "hellos are exchanged",
     "ping_rtt_ms": 0.42, "tcp_rtt_ms": 9.0},
    {"name": "n3", "state": "Backoff", "outbox": 204, "in_flight": 0, "for_ms": 1500,
     "address": "10.0.0.3:7000", "reason": "refused",
     "reason_text": "nobody listens at the peer's address"}]})");
  const auto text = status_text(json(kNode), peers);
  ASSERT_TRUE(text.has_value()) << text.error().text;
  EXPECT_THAT(*text,
              HasSubstr("n1 in network lab, vote-node 0.1.0, preset resilient, tls, up 3 min"));
  EXPECT_THAT(*text,
              HasSubstr("last quorum: height 7, round 0, precommit; weight in reach: 3 of 4"));
  EXPECT_THAT(*text, HasSubstr("n2    Healthy  61 s  outbound   0     0          0.4 ms"));
  EXPECT_THAT(*text, HasSubstr("n3    Backoff  2 s   -          204"));
  EXPECT_THAT(*text, HasSubstr("n3 at 10.0.0.3:7000: nobody listens at the peer's address: is "
                               "vote-node running there"));
  EXPECT_THAT(*text, HasSubstr("votes that wait for it: 204"));
  EXPECT_THAT(*text, Not(HasSubstr("Nothing to look at")));
}

TEST(NodeStatusText, AGoodNodeNeedsNothing) {
  const auto text = status_text(json(kNode), json(R"({"peers": []})"));
  ASSERT_TRUE(text.has_value());
  EXPECT_THAT(*text, HasSubstr("no peers\n\nNothing to look at.\n"));
}

TEST(NodeStatusText, TheStoreEvidenceAndTheQuorumAreLookedAt) {
  auto node = json(kNode);
  node["store_good"] = false;
  node["evidence"] = 2;
  node["quorum_in_reach"] = false;
  node["weight_in_reach"] = 1;
  const auto text = status_text(node, json(R"({"peers": []})"));
  EXPECT_THAT(*text, HasSubstr("the store does not take votes: look at its disk (n1.votes)"));
  EXPECT_THAT(*text, HasSubstr("GET /evidence has the proofs (2)"));
  EXPECT_THAT(*text, HasSubstr("weight 1 of 4 is in reach"));
}

TEST(NodeStatusText, WhatIsNoNodesAnswerIsSaid) {
  for (const char* peers : {"{}", R"({"peers": 1})", R"({"peers": [1]})"})
    EXPECT_TRUE(status_text(json(kNode), json(peers)).has_error()) << peers;
  EXPECT_TRUE(status_text(json("{}"), json(R"({"peers": []})")).has_error());
  EXPECT_TRUE(history_text(json("{}")).has_error());
  EXPECT_TRUE(history_text(json(R"({"transitions": [1]})")).has_error());
}

TEST(NodeStatusText, AHistoryIsALineATransition) {
  const auto text = history_text(json(R"({"transitions": [
    {"wall": "2026-01-01T00:00:00.000Z", "from": "Healthy", "to": "Backoff",
     "reason": "user_timeout", "reason_text": "data stayed unacknowledged", "errno": "ETIMEDOUT",
     "operation": "send", "second_errno": "EPIPE", "so_error": "OK", "since_life_ms": 29000,
     "tcp_info": {"state": "CLOSE", "unacked": 1, "retransmits": 7, "probes": 0}}]})"));
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text,
            "2026-01-01T00:00:00.000Z  Healthy -> Backoff  user_timeout: data stayed "
            "unacknowledged; send said ETIMEDOUT, then EPIPE; SO_ERROR OK; kernel: CLOSE, unacked "
            "1, retransmits 7, probes 0; last sign of life 29 s before\n");
}

}  // namespace
}  // namespace halfopen::node
