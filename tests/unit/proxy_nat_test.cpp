#include "proxy/core/nat.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <tuple>

namespace halfopen {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant::from_nanoseconds(1'000'000'000'000);

Look quiet_look() {
  Look look;
  look.segments_in = 10;
  look.data_segments_in = 4;
  look.bytes_acked = 100;
  look.peer_window_bytes = 65536;
  look.tcp_state = 1;
  look.last_ack_at = kStart;
  return look;
}

Look after_data(Look look) {
  ++look.segments_in;
  ++look.data_segments_in;
  look.last_ack_at = look.last_ack_at + seconds(1);
  return look;
}

Look after_ack(Look look) {
  ++look.segments_in;
  look.bytes_acked += 50;
  look.last_ack_at = look.last_ack_at + seconds(1);
  return look;
}

Look after_keepalive(Look look) {
  ++look.segments_in;
  return look;
}

Look after_answer_to_own_probe(Look look) {
  ++look.segments_in;
  look.last_ack_at = look.last_ack_at + seconds(1);
  return look;
}

TEST(NatClassify, TellsTheFourArrivalsApart) {
  const Look before = quiet_look();
  EXPECT_EQ(classify(before, before), Arrival::kNothing);
  EXPECT_EQ(classify(before, after_data(before)), Arrival::kData);
  EXPECT_EQ(classify(before, after_ack(before)), Arrival::kAck);
  EXPECT_EQ(classify(before, after_keepalive(before)), Arrival::kKeepalive);
  EXPECT_EQ(classify(before, after_answer_to_own_probe(before)), Arrival::kAnswerToOwnProbe);
}

TEST(NatClassify, TheWeightiestOfSeveralArrivalsIsNamed) {
  const Look before = quiet_look();
  EXPECT_EQ(classify(before, after_data(after_keepalive(before))), Arrival::kData);
  EXPECT_EQ(classify(before, after_keepalive(after_ack(before))), Arrival::kAck);
}

TEST(NatClassify, AWindowUpdateAndAFinArePacketsToo) {
  Look window = after_answer_to_own_probe(quiet_look());
  window.peer_window_bytes = 1000;
  EXPECT_EQ(classify(quiet_look(), window), Arrival::kAck);
  Look fin = after_answer_to_own_probe(quiet_look());
  fin.tcp_state = 8;
  EXPECT_EQ(classify(quiet_look(), fin), Arrival::kAck);
}

TEST(NatClassify, AWobblingStampIsNotAMovement) {
  for (const int wobble : {-20, -5, 5, 20}) {
    Look probe = after_keepalive(quiet_look());
    probe.last_ack_at = probe.last_ack_at + milliseconds(wobble);
    EXPECT_EQ(classify(quiet_look(), probe), Arrival::kKeepalive) << wobble;
  }
}

TEST(NatClassify, CountersMayWrapAround) {
  Look before = quiet_look();
  before.segments_in = 0xffffffffU;
  Look after = before;
  after.segments_in = 0;
  EXPECT_EQ(classify(before, after), Arrival::kKeepalive);
}

class NatMappingTest : public ::testing::Test {
 protected:
  NatMapping mapping(Duration timeout, RefreshBy refresh_by = RefreshBy::kSegments) {
    NatConfig config;
    config.idle_timeout = timeout;
    config.refresh_by = refresh_by;
    return NatMapping{config, inside_, outside_, kStart};
  }
  // Looks at both sides, then judges.
  std::optional<Expiry> judge(NatMapping& mapping, Instant now) {
    (void)mapping.handle_look(NatSide::kInside, inside_, now);
    (void)mapping.handle_look(NatSide::kOutside, outside_, now);
    return mapping.handle_timeout(now);
  }

  Look inside_ = quiet_look();
  Look outside_ = quiet_look();
};

TEST_F(NatMappingTest, NeverExpiresEarly) {
  NatMapping nat = mapping(seconds(3));
  EXPECT_EQ(nat.deadline(), kStart + seconds(3));
  EXPECT_FALSE(judge(nat, kStart + seconds(3) - Duration{1}));
  const auto expiry = judge(nat, kStart + seconds(3));
  ASSERT_TRUE(expiry);
  EXPECT_EQ(expiry->idle, seconds(3));
  EXPECT_FALSE(expiry->last_cause);
}

TEST_F(NatMappingTest, DoesNotExpireOnOldLooks) {
  NatMapping nat = mapping(seconds(3));
  const Instant late = kStart + seconds(4);
  EXPECT_FALSE(nat.handle_timeout(late));
  (void)nat.handle_look(NatSide::kInside, inside_, late);
  EXPECT_FALSE(nat.handle_timeout(late)) << "the outside was not looked at";
  (void)nat.handle_look(NatSide::kOutside, outside_, late);
  EXPECT_TRUE(nat.handle_timeout(late));
}

TEST_F(NatMappingTest, AStalledTimerDoesNotExpireALiveMapping) {
  NatMapping nat = mapping(seconds(3));
  inside_ = after_keepalive(inside_);  // came at some time during the stall
  EXPECT_FALSE(judge(nat, kStart + seconds(60)));
  EXPECT_EQ(nat.deadline(), kStart + seconds(63));
}

TEST_F(NatMappingTest, EachCauseOnEitherSideRefreshes) {
  using Case = std::tuple<Look (*)(Look), RefreshCause>;
  for (const auto& [change, cause] :
       {Case{after_data, RefreshCause::kData}, Case{after_ack, RefreshCause::kAck},
        Case{after_keepalive, RefreshCause::kKeepalive}}) {
    for (const NatSide side : kNatSides) {
      NatMapping nat = mapping(seconds(3));
      const Look look = change(quiet_look());
      EXPECT_EQ(nat.handle_look(side, look, kStart + seconds(2)), cause);
      EXPECT_EQ(nat.deadline(), kStart + seconds(5));
      EXPECT_EQ(nat.handle_look(side, look, kStart + seconds(4)), std::nullopt);
      EXPECT_EQ(nat.deadline(), kStart + seconds(5)) << "the same arrival refreshes once";
    }
  }
}

TEST_F(NatMappingTest, AnAnswerToAnOwnProbeDoesNotRefresh) {
  NatMapping nat = mapping(seconds(3));
  inside_ = after_answer_to_own_probe(inside_);
  EXPECT_EQ(nat.handle_look(NatSide::kInside, inside_, kStart + seconds(2)), std::nullopt);
  EXPECT_TRUE(judge(nat, kStart + seconds(3)));
}

TEST_F(NatMappingTest, RefreshedByBytesOnlyPayloadCounts) {
  NatMapping nat = mapping(seconds(3), RefreshBy::kBytes);
  inside_ = after_keepalive(inside_);
  outside_ = after_ack(outside_);
  EXPECT_FALSE(judge(nat, kStart + seconds(1)));
  EXPECT_EQ(nat.deadline(), kStart + seconds(3));
  inside_ = after_data(inside_);
  EXPECT_FALSE(judge(nat, kStart + seconds(2)));
  EXPECT_EQ(nat.deadline(), kStart + seconds(5));
}

TEST_F(NatMappingTest, DaysOfKeepaliveKeepIt) {
  NatMapping nat = mapping(seconds(350));
  Instant now = kStart;
  for (int probe = 0; probe < 7 * 24 * 60; ++probe) {
    now = now + seconds(60);
    inside_ = after_keepalive(inside_);
    ASSERT_FALSE(judge(nat, now));
  }
  const auto expiry = judge(nat, now + seconds(350));
  ASSERT_TRUE(expiry);
  EXPECT_EQ(expiry->last_cause, RefreshCause::kKeepalive);
  EXPECT_EQ(now - kStart, hours(7 * 24));
}

TEST_F(NatMappingTest, AChangedTimeoutCountsFromTheLastRefresh) {
  NatMapping nat = mapping(seconds(3));
  NatConfig longer;
  longer.idle_timeout = seconds(10);
  nat.handle_config(longer);
  EXPECT_EQ(nat.deadline(), kStart + seconds(10));
}

TEST(NatFates, FollowTheSettingsOfEachSide) {
  using Fates = std::array<SideFate, 2>;
  NatConfig config;
  EXPECT_EQ(fates_at_expiry(config), (Fates{SideFate::kDropNextPacket, SideFate::kDropNextPacket}));
  config.on_next_packet_inside = OnNextPacket::kRst;
  EXPECT_EQ(fates_at_expiry(config), (Fates{SideFate::kRstNextPacket, SideFate::kDropNextPacket}));
  config.on_expiry = OnExpiry::kRstInside;
  EXPECT_EQ(fates_at_expiry(config), (Fates{SideFate::kRstNow, SideFate::kDropNextPacket}));
  config.on_expiry = OnExpiry::kRstBoth;
  EXPECT_EQ(fates_at_expiry(config), (Fates{SideFate::kRstNow, SideFate::kRstNow}));
  config.on_expiry = OnExpiry::kFinBoth;
  EXPECT_EQ(fates_at_expiry(config), (Fates{SideFate::kFinNow, SideFate::kFinNow}));
}

}  // namespace
}  // namespace halfopen
