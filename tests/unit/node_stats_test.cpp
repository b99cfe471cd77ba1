// What the node's metrics show before anything has happened: every series, at 0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/shell/stats_export.hpp"

namespace halfopen::node {
namespace {

using ::testing::HasSubstr;

TEST(NodeStats, EveryReasonToAbandonAVoteIsThereFromTheStart) {
  NodeConfig config;
  config.node.name = "n1";
  config.node.peers.push_back({.name = "n2", .dials = true});
  MetricSet metrics;
  const StatsExport stats(config, metrics);
  const std::string exposed = metrics.expose();
  for (const std::string reason :
       {"no_connection", "outbox_full", "send_failed", "ack_timeout", "rejected", "removed"}) {
    EXPECT_THAT(exposed, HasSubstr("votenode_votes_abandoned_total{peer=\"n2\",reason=\"" + reason +
                                   "\"} 0\n"));
  }
}

}  // namespace
}  // namespace halfopen::node
