#include "proxy/core/peer_life.hpp"

#include <gtest/gtest.h>

namespace halfopen {
namespace {

using std::chrono::seconds;

constexpr Instant kStart = Instant::from_nanoseconds(5'000'000'000);

TEST(PeerLife, IsDownForItsDownTimeAndBootsOnce) {
  PeerLife life{{RestartKind::kPowerLoss, seconds(2)}};
  EXPECT_FALSE(life.next_deadline());
  EXPECT_EQ(life.handle_start(kStart), PeerLifeAction::kGoDown);
  EXPECT_TRUE(life.is_down());
  EXPECT_EQ(life.next_deadline(), kStart + seconds(2));
  EXPECT_EQ(life.handle_timeout(kStart + seconds(2) - Duration{1}), std::nullopt);
  EXPECT_EQ(life.handle_timeout(kStart + seconds(2)), PeerLifeAction::kBoot);
  EXPECT_TRUE(life.is_over());
  EXPECT_EQ(life.handle_timeout(kStart + seconds(3)), std::nullopt);
  EXPECT_EQ(life.handle_removed(), std::nullopt);
  EXPECT_EQ(life.handle_start(kStart + seconds(4)), std::nullopt);
  EXPECT_FALSE(life.next_deadline());
}

TEST(PeerLife, WithoutADownTimeOnlyRemovalBoots) {
  PeerLife life{{RestartKind::kCrash, Duration{0}}};
  EXPECT_EQ(life.handle_start(kStart), PeerLifeAction::kGoDown);
  EXPECT_FALSE(life.next_deadline());
  EXPECT_EQ(life.handle_timeout(kStart + seconds(1'000'000)), std::nullopt);
  EXPECT_TRUE(life.is_down());
  EXPECT_EQ(life.handle_removed(), PeerLifeAction::kBoot);
  EXPECT_FALSE(life.is_down());
}

TEST(PeerLife, RemovalBootsEarly) {
  PeerLife life{{RestartKind::kGraceful, seconds(60)}};
  (void)life.handle_start(kStart);
  EXPECT_EQ(life.handle_removed(), PeerLifeAction::kBoot);
  EXPECT_EQ(life.handle_timeout(kStart + seconds(60)), std::nullopt);
}

}  // namespace
}  // namespace halfopen
