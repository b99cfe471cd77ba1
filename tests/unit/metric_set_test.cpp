#include "metrics/metric_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>

#include <set>
#include <string>

namespace halfopen {
namespace {

using ::testing::HasSubstr;

TEST(MetricSet, ASeriesExistsAtZeroOnceDeclared) {
  MetricSet set;
  set.counter(metric::kVotesAcked, {{"peer", "n2"}});
  EXPECT_THAT(set.expose(), HasSubstr("votenode_votes_acked_total{peer=\"n2\"} 0"));
}

TEST(MetricSet, TheSameLabelsAreTheSameSeries) {
  MetricSet set;
  set.counter(metric::kVotesAcked, {{"peer", "n2"}}).Increment();
  set.counter(metric::kVotesAcked, {{"peer", "n2"}}).Increment();
  EXPECT_THAT(set.expose(), HasSubstr("votenode_votes_acked_total{peer=\"n2\"} 2"));
}

TEST(MetricSet, WrongLabelsAreOurOwnBug) {
  MetricSet set;
  EXPECT_DEATH(set.counter(metric::kVotesAcked, {{"node", "n2"}}), "labels_match");
}

TEST(MetricNames, FollowPrometheusConventions) {
  std::set<std::string_view> seen;
  for (const MetricDefinition& definition : all_metrics()) {
    EXPECT_TRUE(seen.insert(definition.name).second) << definition.name << " is there twice";
    EXPECT_EQ(definition.kind == MetricKind::kCounter, definition.name.ends_with("_total"))
        << definition.name;
    EXPECT_FALSE(definition.help.empty());
  }
}

}  // namespace
}  // namespace halfopen
