#include "proxy/core/quiet_leg.hpp"

#include <gtest/gtest.h>

namespace halfopen {
namespace {

Look idle_look() {
  Look look;
  look.tcp_state = 1;
  look.peer_window_bytes = 65536;
  return look;
}

TEST(QuietLeg, KnowsNothingBeforeAWholeLook) {
  EXPECT_FALSE(QuietLeg{}.is_quiet(0));
}

TEST(QuietLeg, IsQuietWhileNothingIsDropped) {
  QuietLeg leg;
  leg.handle_look(idle_look(), 7, false);
  EXPECT_TRUE(leg.is_quiet(7));
  EXPECT_FALSE(leg.is_quiet(8));
  leg.forget();
  EXPECT_FALSE(leg.is_quiet(7));
}

// Each of these may be followed by a packet that is counted nowhere but in TCP_INFO.
TEST(QuietLeg, IsNotAskedWhereSomethingElseMayCome) {
  Look outstanding = idle_look();
  outstanding.has_outstanding_data = true;
  Look half_closed = idle_look();
  half_closed.tcp_state = 8;
  for (const Look& look : {outstanding, half_closed}) {
    QuietLeg leg;
    leg.handle_look(look, 0, false);
    EXPECT_FALSE(leg.is_idle());
  }
  QuietLeg filtered;
  filtered.handle_look(idle_look(), 0, true);
  EXPECT_FALSE(filtered.is_idle());
}

TEST(QuietLeg, WaitsForAWindowThatWasWider) {
  QuietLeg leg;
  leg.handle_look(idle_look(), 0, false);
  Look narrow = idle_look();
  narrow.peer_window_bytes = 1000;
  leg.handle_look(narrow, 0, false);
  EXPECT_FALSE(leg.is_idle());
  leg.handle_look(idle_look(), 0, false);
  EXPECT_TRUE(leg.is_idle());
}

}  // namespace
}  // namespace halfopen
