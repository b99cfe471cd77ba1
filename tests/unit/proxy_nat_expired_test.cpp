#include "proxy/core/nat_expired.hpp"

#include <gtest/gtest.h>

namespace halfopen {
namespace {

constexpr Instant kStart = Instant::from_nanoseconds(1'000'000'000'000);
constexpr SideFates kRepick{SideFate::kReviveNextPacket, SideFate::kDropNextPacket};
constexpr SideFates kRepickOrRst{SideFate::kReviveNextPacket, SideFate::kRstWhenSeen};

Look quiet() {
  Look look;
  look.segments_in = 10;
  look.data_segments_in = 4;
  look.tcp_state = 1;
  look.began_at = kStart;
  look.ended_at = kStart;
  return look;
}
Look after_data(Look look) {
  ++look.segments_in;
  ++look.data_segments_in;
  return look;
}
Look after_probe(Look look) {
  ++look.segments_in;
  ++look.swallowed_segments;  // the kernel answers a probe, and counts it as out of the window
  return look;
}
Look after_ack(Look look) {
  ++look.segments_in;
  look.bytes_acked += 7;
  return look;
}
Look after_swallowed(Look look) {
  ++look.swallowed_segments;
  return look;
}
Look after_reset(Look look) {
  ++look.segments_in;
  look.tcp_state = kTcpStateClosed;
  return look;
}

ExpiredMapping expired(const SideFates& fates) {
  return ExpiredMapping{fates, quiet(), quiet()};
}
AfterExpiry what(ExpiredMapping& mapping, NatSide side, const Look& look, Cut cut = Cut::kNone) {
  return mapping.handle_look(side, look, cut).what;
}

TEST(NatExpired, AnyPacketOfTheInsideButAFinOrARstRevives) {
  for (const auto& [look, cause] : {std::pair{after_data(quiet()), RefreshCause::kData},
                                    std::pair{after_ack(quiet()), RefreshCause::kAck},
                                    std::pair{after_probe(quiet()), RefreshCause::kKeepalive}}) {
    ExpiredMapping mapping = expired(kRepick);
    EXPECT_EQ(what(mapping, NatSide::kInside, quiet()), AfterExpiry::kNothing);
    const AfterLook after = mapping.handle_look(NatSide::kInside, look, Cut::kNone);
    EXPECT_EQ(after.what, AfterExpiry::kRevived);
    EXPECT_EQ(after.side, NatSide::kInside);
    EXPECT_EQ(after.cause, cause);
  }
  ExpiredMapping closing = expired(kRepick);
  EXPECT_EQ(what(closing, NatSide::kInside, after_swallowed(quiet())), AfterExpiry::kSwallowed);
  EXPECT_TRUE(closing.has_closed(NatSide::kInside));
  ExpiredMapping aborting = expired(kRepick);
  EXPECT_EQ(what(aborting, NatSide::kInside, after_reset(quiet())), AfterExpiry::kGone);
  EXPECT_FALSE(aborting.may_revive(NatSide::kInside));
}

TEST(NatExpired, AFinThatIsRepeatedIsToldOnce) {
  ExpiredMapping mapping = expired(kRepick);
  Look look = after_swallowed(quiet());
  EXPECT_EQ(what(mapping, NatSide::kInside, look), AfterExpiry::kSwallowed);
  look = after_swallowed(look);
  EXPECT_EQ(what(mapping, NatSide::kInside, look), AfterExpiry::kNothing);
}

TEST(NatExpired, DataBeforeARstRevives) {
  ExpiredMapping mapping = expired(kRepick);
  EXPECT_EQ(what(mapping, NatSide::kInside, after_reset(after_data(quiet()))),
            AfterExpiry::kRevived);
}

TEST(NatExpired, TheOutsideDoesNotRevive) {
  ExpiredMapping dropping = expired(kRepick);
  EXPECT_EQ(what(dropping, NatSide::kOutside, after_swallowed(quiet())), AfterExpiry::kSwallowed);
  EXPECT_EQ(what(dropping, NatSide::kOutside, after_swallowed(after_swallowed(quiet()))),
            AfterExpiry::kNothing)
      << "told once";
  EXPECT_EQ(what(dropping, NatSide::kInside, after_data(quiet())), AfterExpiry::kRevived);
  ExpiredMapping resetting = expired(kRepickOrRst);
  EXPECT_EQ(what(resetting, NatSide::kOutside, after_swallowed(quiet())), AfterExpiry::kReset);
}

TEST(NatExpired, WithoutTranslationTheOutsideRevivesToo) {
  ExpiredMapping mapping =
      expired(SideFates{SideFate::kReviveNextPacket, SideFate::kReviveNextPacket});
  const AfterLook after = mapping.handle_look(NatSide::kOutside, after_data(quiet()), Cut::kNone);
  EXPECT_EQ(after.what, AfterExpiry::kRevived);
  EXPECT_EQ(after.side, NatSide::kOutside);
}

TEST(NatExpired, WhatTheOtherLegRepeatsIsTheInsidesPacket) {
  ExpiredMapping mapping = expired(kRepick);
  Look repeated = quiet();
  ++repeated.retransmissions;
  EXPECT_EQ(what(mapping, NatSide::kOutside, repeated, Cut::kInside), AfterExpiry::kNothing);
  ++repeated.retransmissions;
  const AfterLook after = mapping.handle_look(NatSide::kOutside, repeated, Cut::kNone);
  EXPECT_EQ(after.what, AfterExpiry::kRevived);
  EXPECT_EQ(after.side, NatSide::kInside);
  ExpiredMapping other_way = expired(kRepick);
  EXPECT_EQ(what(other_way, NatSide::kInside, repeated), AfterExpiry::kNothing)
      << "what the outside repeats is no packet of the inside";
}

TEST(NatExpired, InACutOnlyWhatReachesTheNatCounts) {
  ExpiredMapping cut_off = expired(kRepickOrRst);
  EXPECT_EQ(what(cut_off, NatSide::kInside, after_swallowed(quiet()), Cut::kBoth),
            AfterExpiry::kNothing);
  EXPECT_EQ(what(cut_off, NatSide::kInside, after_swallowed(quiet())), AfterExpiry::kNothing)
      << "what was swallowed in the cut is no FIN of afterwards";
  EXPECT_EQ(what(cut_off, NatSide::kOutside, after_swallowed(quiet()), Cut::kInside),
            AfterExpiry::kNothing)
      << "nobody is reset in a cut";
  ExpiredMapping reached = expired(kRepickOrRst);
  EXPECT_EQ(what(reached, NatSide::kInside, after_swallowed(quiet()), Cut::kOutside),
            AfterExpiry::kRevived);
}

TEST(NatExpired, ASideThatWasEndedAtExpiryIsNotAwaited) {
  ExpiredMapping mapping = expired(SideFates{SideFate::kRstNow, SideFate::kDropNextPacket});
  EXPECT_FALSE(mapping.awaits(NatSide::kInside));
  EXPECT_FALSE(mapping.is_settled());
  (void)mapping.handle_look(NatSide::kOutside, after_swallowed(quiet()), Cut::kNone);
  EXPECT_TRUE(mapping.is_settled());
}

}  // namespace
}  // namespace halfopen
