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

// One leg's socket as the kernel knows it.
struct KernelSide {
  Look counters;
  Instant last_ack_at = kStart;
};

KernelSide quiet_side() {
  KernelSide side;
  side.counters.segments_in = 10;
  side.counters.data_segments_in = 4;
  side.counters.bytes_acked = 100;
  side.counters.peer_window_bytes = 65536;
  side.counters.tcp_state = 1;
  return side;
}

// A look whose taker was kept from the processor: the kernel answered at `read_at`, between the
// two readings of the clock.
Look slow_look(const KernelSide& side, Instant began_at, Instant read_at, Instant ended_at) {
  Look look = side.counters;
  look.last_ack_age = read_at - side.last_ack_at;
  look.began_at = began_at;
  look.ended_at = ended_at;
  return look;
}

Look look(const KernelSide& side, Instant now) {
  return slow_look(side, now, now, now);
}

KernelSide after_data(KernelSide side) {
  ++side.counters.segments_in;
  ++side.counters.data_segments_in;
  side.last_ack_at = side.last_ack_at + seconds(1);
  return side;
}

KernelSide after_ack(KernelSide side) {
  ++side.counters.segments_in;
  side.counters.bytes_acked += 50;
  side.last_ack_at = side.last_ack_at + seconds(1);
  return side;
}

KernelSide after_keepalive(KernelSide side) {
  ++side.counters.segments_in;
  return side;
}

KernelSide after_answer_to_own_probe(KernelSide side) {
  ++side.counters.segments_in;
  side.counters.has_outstanding_data = true;
  side.last_ack_at = side.last_ack_at + seconds(1);
  return side;
}

Arrival classify_sides(const KernelSide& before, const KernelSide& after) {
  return classify(look(before, kStart + seconds(5)), look(after, kStart + seconds(7)));
}

TEST(NatClassify, TellsTheFourArrivalsApart) {
  const KernelSide before = quiet_side();
  EXPECT_EQ(classify_sides(before, before), Arrival::kNothing);
  EXPECT_EQ(classify_sides(before, after_data(before)), Arrival::kData);
  EXPECT_EQ(classify_sides(before, after_ack(before)), Arrival::kAck);
  EXPECT_EQ(classify_sides(before, after_keepalive(before)), Arrival::kKeepalive);
  EXPECT_EQ(classify_sides(before, after_answer_to_own_probe(before)), Arrival::kAnswerToOwnProbe);
}

TEST(NatClassify, TheWeightiestOfSeveralArrivalsIsNamed) {
  const KernelSide before = quiet_side();
  EXPECT_EQ(classify_sides(before, after_data(after_keepalive(before))), Arrival::kData);
  EXPECT_EQ(classify_sides(before, after_keepalive(after_ack(before))), Arrival::kAck);
}

TEST(NatClassify, AWindowUpdateAndAFinArePacketsToo) {
  KernelSide window = after_answer_to_own_probe(quiet_side());
  window.counters.peer_window_bytes = 1000;
  EXPECT_EQ(classify_sides(quiet_side(), window), Arrival::kAck);
  KernelSide fin = after_answer_to_own_probe(quiet_side());
  fin.counters.tcp_state = 8;
  EXPECT_EQ(classify_sides(quiet_side(), fin), Arrival::kAck);
}

TEST(NatClassify, AWobblingStampIsNotAMovement) {
  for (const int wobble : {-20, -5, 5, 20}) {
    KernelSide probe = after_keepalive(quiet_side());
    probe.counters.has_outstanding_data = true;
    probe.last_ack_at = probe.last_ack_at + milliseconds(wobble);
    EXPECT_EQ(classify_sides(quiet_side(), probe), Arrival::kKeepalive) << wobble;
  }
}

TEST(NatClassify, WhoHasNothingToSendProbesNobody) {
  KernelSide side = after_answer_to_own_probe(quiet_side());
  side.counters.has_outstanding_data = false;
  EXPECT_EQ(classify_sides(quiet_side(), side), Arrival::kKeepalive);
}

TEST(NatClassify, ALookThatTookLongDoesNotTurnAProbeIntoAnAnswer) {
  KernelSide before = quiet_side();
  before.counters.has_outstanding_data = true;
  const KernelSide after = after_keepalive(before);
  const Instant first = kStart + seconds(5);
  const Instant second = kStart + seconds(7);
  for (const Duration delay : {milliseconds(40), milliseconds(900)}) {
    // The delay may fall before or after the moment at which the kernel answers, on either look.
    for (const Duration until_read : {Duration{0}, delay / 2, delay}) {
      const Look slow_before = slow_look(before, first, first + until_read, first + delay);
      const Look slow_after = slow_look(after, second, second + until_read, second + delay);
      EXPECT_EQ(classify(slow_before, look(after, second)), Arrival::kKeepalive);
      EXPECT_EQ(classify(look(before, first), slow_after), Arrival::kKeepalive);
      EXPECT_EQ(classify(slow_before, slow_after), Arrival::kKeepalive);
    }
  }
}

TEST(NatClassify, CountersMayWrapAround) {
  KernelSide before = quiet_side();
  before.counters.segments_in = 0xffffffffU;
  KernelSide after = before;
  after.counters.segments_in = 0;
  EXPECT_EQ(classify_sides(before, after), Arrival::kKeepalive);
}

class NatMappingTest : public ::testing::Test {
 protected:
  NatMapping mapping(Duration timeout, RefreshBy refresh_by = RefreshBy::kSegments) {
    NatConfig config;
    config.idle_timeout = timeout;
    config.refresh_by = refresh_by;
    return NatMapping{config, look(inside_, kStart), look(outside_, kStart)};
  }
  // Looks at both sides, then judges.
  std::optional<Expiry> judge(NatMapping& mapping, Instant now) {
    (void)mapping.handle_look(NatSide::kInside, look(inside_, now));
    (void)mapping.handle_look(NatSide::kOutside, look(outside_, now));
    return mapping.handle_timeout(now);
  }

  KernelSide inside_ = quiet_side();
  KernelSide outside_ = quiet_side();
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
  (void)nat.handle_look(NatSide::kInside, look(inside_, late));
  EXPECT_FALSE(nat.handle_timeout(late)) << "the outside was not looked at";
  (void)nat.handle_look(NatSide::kOutside, look(outside_, late));
  EXPECT_TRUE(nat.handle_timeout(late));
}

TEST_F(NatMappingTest, AStalledTimerDoesNotExpireALiveMapping) {
  NatMapping nat = mapping(seconds(3));
  inside_ = after_keepalive(inside_);  // came at some time during the stall
  EXPECT_FALSE(judge(nat, kStart + seconds(60)));
  EXPECT_EQ(nat.deadline(), kStart + seconds(63));
}

TEST_F(NatMappingTest, ARefreshIsDatedByTheEndOfTheLook) {
  NatMapping nat = mapping(seconds(3));
  const Instant began = kStart + seconds(2);
  const Instant ended = began + milliseconds(40);
  const Look slow = slow_look(after_keepalive(inside_), began, ended, ended);
  EXPECT_EQ(nat.handle_look(NatSide::kInside, slow), RefreshCause::kKeepalive);
  EXPECT_EQ(nat.deadline(), ended + seconds(3));
}

TEST_F(NatMappingTest, DoesNotExpireOnALookThatBeganBeforeTheDeadline) {
  NatMapping nat = mapping(seconds(3));
  const Instant deadline = nat.deadline();
  const Instant late = deadline + milliseconds(40);
  (void)nat.handle_look(NatSide::kInside,
                        slow_look(inside_, deadline - Duration{1}, deadline - Duration{1}, late));
  (void)nat.handle_look(NatSide::kOutside, look(outside_, late));
  EXPECT_FALSE(nat.handle_timeout(late)) << "a packet may have come after the inside was read";
  (void)nat.handle_look(NatSide::kInside, look(inside_, late));
  EXPECT_TRUE(nat.handle_timeout(late));
}

TEST_F(NatMappingTest, DelayedLooksDoNotCostAMappingItsProbes) {
  NatMapping nat = mapping(seconds(3));
  inside_.counters.has_outstanding_data = true;
  Instant now = kStart;
  for (int probe = 0; probe < 100; ++probe) {
    now = now + seconds(2);
    inside_ = after_keepalive(inside_);
    // Every other look is kept waiting, first before and then after the kernel answers.
    const Duration delay = probe % 2 == 0 ? milliseconds(40) : milliseconds(0);
    const Duration until_read = probe % 4 == 0 ? delay : Duration{0};
    EXPECT_EQ(
        nat.handle_look(NatSide::kInside, slow_look(inside_, now, now + until_read, now + delay)),
        RefreshCause::kKeepalive)
        << probe;
    EXPECT_EQ(nat.deadline(), now + delay + seconds(3));
  }
}

TEST_F(NatMappingTest, EachCauseOnEitherSideRefreshes) {
  using Case = std::tuple<KernelSide (*)(KernelSide), RefreshCause>;
  for (const auto& [change, cause] :
       {Case{after_data, RefreshCause::kData}, Case{after_ack, RefreshCause::kAck},
        Case{after_keepalive, RefreshCause::kKeepalive}}) {
    for (const NatSide side : kNatSides) {
      NatMapping nat = mapping(seconds(3));
      const KernelSide changed = change(quiet_side());
      EXPECT_EQ(nat.handle_look(side, look(changed, kStart + seconds(2))), cause);
      EXPECT_EQ(nat.deadline(), kStart + seconds(5));
      EXPECT_EQ(nat.handle_look(side, look(changed, kStart + seconds(4))), std::nullopt);
      EXPECT_EQ(nat.deadline(), kStart + seconds(5)) << "the same arrival refreshes once";
    }
  }
}

TEST_F(NatMappingTest, AnAnswerToAnOwnProbeDoesNotRefresh) {
  NatMapping nat = mapping(seconds(3));
  inside_ = after_answer_to_own_probe(inside_);
  EXPECT_EQ(nat.handle_look(NatSide::kInside, look(inside_, kStart + seconds(2))), std::nullopt);
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
  using Fates = SideFates;
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

TEST(NatFates, OnlyTheInsidePicksUpUnlessThereIsNoTranslation) {
  using Fates = SideFates;
  NatConfig config;
  config.on_next_packet_inside = OnNextPacket::kRepickSamePort;
  config.revive_by = ReviveBy::kInside;
  EXPECT_EQ(fates_at_expiry(config),
            (Fates{SideFate::kReviveNextPacket, SideFate::kDropNextPacket}));
  config.on_next_packet_outside = OnNextPacket::kRst;
  EXPECT_EQ(fates_at_expiry(config), (Fates{SideFate::kReviveNextPacket, SideFate::kRstWhenSeen}));
  config.revive_by = ReviveBy::kAny;
  EXPECT_EQ(fates_at_expiry(config),
            (Fates{SideFate::kReviveNextPacket, SideFate::kReviveNextPacket}));
}

TEST(NatFates, ANewPortIsAResetToTheInside) {
  using Fates = SideFates;
  NatConfig config;
  config.on_next_packet_inside = OnNextPacket::kRepickNewPort;
  EXPECT_EQ(fates_at_expiry(config), (Fates{SideFate::kRstNextPacket, SideFate::kDropNextPacket}));
  config.on_next_packet_outside = OnNextPacket::kRst;
  EXPECT_EQ(fates_at_expiry(config), (Fates{SideFate::kRstNextPacket, SideFate::kRstNextPacket}));
}

TEST(NatFates, AFlushSaysNothing) {
  using Fates = SideFates;
  NatConfig config;
  config.on_expiry = OnExpiry::kRstBoth;
  config.on_next_packet_inside = OnNextPacket::kRst;
  EXPECT_EQ(fates_of_next_packets(config),
            (Fates{SideFate::kRstNextPacket, SideFate::kDropNextPacket}));
}

// The ACK of relayed data wakes nobody; the look that finds it may come late.
TEST(NatMapping, AnAckIsDatedByItsAgeAndNotByTheLateLookThatFoundIt) {
  NatConfig config;
  config.idle_timeout = seconds(3);
  KernelSide side = quiet_side();
  NatMapping mapping{config, look(side, kStart), look(side, kStart)};
  const Instant arrived_at = kStart + milliseconds(40);
  side = after_ack(side);
  side.last_ack_at = arrived_at;
  Look found = look(side, kStart + milliseconds(90));
  found.last_ack_error = milliseconds(5);
  EXPECT_EQ(mapping.handle_look(NatSide::kOutside, found), RefreshCause::kAck);
  EXPECT_EQ(mapping.refreshed_at(), arrived_at + milliseconds(5));
}

TEST(NatMapping, AnAckBehindWhichAProbeMayHideIsDatedByTheLook) {
  NatConfig config;
  config.idle_timeout = seconds(3);
  KernelSide side = quiet_side();
  NatMapping mapping{config, look(side, kStart), look(side, kStart)};
  side = after_keepalive(after_ack(side));
  side.last_ack_at = kStart + milliseconds(40);
  const Look found = look(side, kStart + milliseconds(1500));
  EXPECT_EQ(mapping.handle_look(NatSide::kOutside, found), RefreshCause::kAck);
  EXPECT_EQ(mapping.refreshed_at(), kStart + milliseconds(1500));
}

}  // namespace
}  // namespace halfopen
