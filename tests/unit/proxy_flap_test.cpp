// The timetable of a flapping link, in virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "proxy/core/flap.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant::from_nanoseconds(100'000'000'000);

// The moments of the first changes, from the start; an asker who is never late.
std::vector<Duration> moments(const FlapConfig& config, std::size_t count) {
  FlapSchedule schedule{config, kStart};
  std::vector<Duration> found;
  while (found.size() < count && schedule.next_deadline()) {
    const Instant at = *schedule.next_deadline();
    EXPECT_EQ(schedule.handle_timeout(at - milliseconds(1)), std::nullopt) << "early";
    EXPECT_TRUE(schedule.handle_timeout(at).has_value());
    EXPECT_EQ(schedule.handle_timeout(at), std::nullopt) << "twice";
    found.push_back(at - kStart);
  }
  return found;
}

TEST(FlapSchedule, BeginsUpAndAlternates) {
  FlapSchedule schedule{{.up = seconds(3), .down = seconds(1)}, kStart};
  EXPECT_FALSE(schedule.is_down());
  EXPECT_EQ(schedule.handle_timeout(kStart + seconds(2)), std::nullopt);
  EXPECT_EQ(schedule.handle_timeout(kStart + seconds(3)), FlapAction::kGoDown);
  EXPECT_TRUE(schedule.is_down());
  EXPECT_EQ(schedule.rounds(), 1U);
  EXPECT_EQ(schedule.handle_timeout(kStart + seconds(4)), FlapAction::kComeUp);
  EXPECT_FALSE(schedule.is_over());
  EXPECT_EQ(schedule.next_deadline(), kStart + seconds(7));
}

TEST(FlapSchedule, IsOverAfterItsLastRound) {
  EXPECT_THAT(moments({.up = seconds(3), .down = seconds(1), .count = 2}, 100),
              testing::ElementsAre(seconds(3), seconds(4), seconds(7), seconds(8)));
}

TEST(FlapSchedule, ALateAskerIsToldEveryPhaseInOrder) {
  FlapSchedule schedule{{.up = seconds(3), .down = seconds(1), .count = 2}, kStart};
  const Instant late = kStart + seconds(60);
  std::vector<FlapAction> actions;
  while (const auto action = schedule.handle_timeout(late))
    actions.push_back(*action);
  EXPECT_THAT(actions, testing::ElementsAre(FlapAction::kGoDown, FlapAction::kComeUp,
                                            FlapAction::kGoDown, FlapAction::kComeUp));
  EXPECT_TRUE(schedule.is_over());
}

TEST(FlapSchedule, JitterStaysInItsBoundsAndASeedTellsItAll) {
  FlapConfig config{.up = seconds(4), .down = seconds(2), .jitter = seconds(1), .seed = 7};
  const auto first = moments(config, 200);
  EXPECT_EQ(first, moments(config, 200));
  Duration before{0};
  bool varies = false;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const Duration length = first[i] - before;
    const Duration middle = i % 2 == 0 ? config.up : config.down;
    EXPECT_GE(length, middle - config.jitter);
    EXPECT_LE(length, middle + config.jitter);
    varies = varies || length != middle;
    before = first[i];
  }
  EXPECT_TRUE(varies);
  config.seed = 8;
  EXPECT_NE(first, moments(config, 200));
}

}  // namespace
}  // namespace halfopen
