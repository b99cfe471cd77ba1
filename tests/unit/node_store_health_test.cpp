#include "node/core/store_health.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace halfopen::node {
namespace {

using State = StoreHealth::State;

Instant at(int seconds) {
  return Instant{} + std::chrono::seconds(seconds);
}

TEST(NodeStoreHealth, AnUnusedStoreIsGood) {
  EXPECT_EQ(StoreHealth{}.state(at(1000)), State::kGood);
}

TEST(NodeStoreHealth, TheLastAnswerCounts) {
  StoreHealth health;
  health.on_put(at(1));
  health.on_put(at(1));
  health.on_answers(std::vector<StoreAnswer>{{1, true}, {2, false}}, at(2));
  EXPECT_EQ(health.state(at(2)), State::kFailed);
  EXPECT_EQ(health.waiting(), 0U);
  health.on_put(at(3));
  health.on_answers(std::vector<StoreAnswer>{{3, true}}, at(4));
  EXPECT_EQ(health.state(at(100)), State::kGood);
}

TEST(NodeStoreHealth, ALongSilenceIsStuckAndAnyAnswerEndsIt) {
  StoreHealth health;
  health.on_put(at(1));
  health.on_put(at(9));
  EXPECT_EQ(health.state(at(10)), State::kGood);
  EXPECT_EQ(health.state(at(11)), State::kStuck);
  health.on_answers(std::vector<StoreAnswer>{{1, true}}, at(12));
  EXPECT_EQ(health.state(at(21)), State::kGood);
  EXPECT_EQ(health.state(at(22)), State::kStuck) << "the second one still waits";
}

}  // namespace
}  // namespace halfopen::node
