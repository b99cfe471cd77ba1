// A mapping while data is not acknowledged, and while a cable is cut: whose packets still reach it.
#include <gtest/gtest.h>

#include <optional>

#include "proxy/core/nat.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant::from_nanoseconds(1'000'000'000'000);

class NatOutageTest : public ::testing::Test {
 protected:
  NatOutageTest() {
    config_.idle_timeout = seconds(9);
    config_.unacked_timeout = seconds(2);
  }
  static Look at(Look look, Instant now) {
    look.began_at = now;
    look.ended_at = now;
    return look;
  }
  NatMapping mapping() const {
    return NatMapping{config_, at(inside_, kStart), at(outside_, kStart)};
  }
  std::optional<RefreshCause> look(NatMapping& nat, NatSide side, Duration after, Cut cut) const {
    return nat.handle_look(side, at(side == NatSide::kInside ? inside_ : outside_, kStart + after),
                           cut);
  }

  NatConfig config_;
  Look inside_;
  Look outside_;
};

TEST_F(NatOutageTest, UnacknowledgedDataShortensTheTimeoutUntilItIsAcknowledged) {
  NatMapping nat = mapping();
  EXPECT_EQ(nat.deadline(), kStart + seconds(9));
  outside_.has_outstanding_data = true;
  EXPECT_EQ(look(nat, NatSide::kOutside, milliseconds(10), Cut::kNone), std::nullopt);
  EXPECT_EQ(nat.deadline(), kStart + seconds(2));
  outside_.has_outstanding_data = false;
  outside_.bytes_acked += 5;
  ++outside_.segments_in;
  EXPECT_EQ(look(nat, NatSide::kOutside, seconds(1), Cut::kNone), RefreshCause::kAck);
  EXPECT_EQ(nat.deadline(), kStart + seconds(10));
}

TEST_F(NatOutageTest, RetransmissionsAreCountedFromTheLast) {
  NatMapping nat = mapping();
  outside_.has_outstanding_data = true;
  ++outside_.retransmissions;
  EXPECT_EQ(look(nat, NatSide::kOutside, seconds(1), Cut::kNone), RefreshCause::kData);
  EXPECT_EQ(nat.deadline(), kStart + seconds(3));
  EXPECT_EQ(look(nat, NatSide::kOutside, milliseconds(1500), Cut::kNone), std::nullopt);
  EXPECT_EQ(nat.deadline(), kStart + seconds(3));
}

TEST_F(NatOutageTest, WithoutASettingUnacknowledgedDataChangesNothing) {
  config_.unacked_timeout.reset();
  NatMapping nat = mapping();
  outside_.has_outstanding_data = true;
  (void)look(nat, NatSide::kOutside, milliseconds(10), Cut::kNone);
  EXPECT_EQ(nat.deadline(), kStart + seconds(9));
}

TEST_F(NatOutageTest, OnlyTheSideThatReachesTheNatRefreshes) {
  for (const Cut cut : {Cut::kInside, Cut::kOutside, Cut::kBoth}) {
    for (const NatSide side : kNatSides) {
      NatMapping nat = mapping();
      Look swallowed = at(Look{}, kStart + seconds(1));
      swallowed.swallowed_segments = 1;
      const bool refreshed = nat.handle_look(side, swallowed, cut).has_value();
      EXPECT_EQ(refreshed, reaches_nat(side, cut));
      EXPECT_EQ(nat.deadline(), kStart + seconds(refreshed ? 10 : 9));
    }
  }
  EXPECT_TRUE(reaches_nat(NatSide::kInside, Cut::kOutside));
  EXPECT_FALSE(reaches_nat(NatSide::kOutside, Cut::kOutside));
  EXPECT_FALSE(reaches_nat(NatSide::kInside, Cut::kBoth));
}

TEST_F(NatOutageTest, ProbesASecondApartKeepTheNormalTimeout) {
  NatMapping nat = mapping();
  for (int probe = 1; probe <= 30; ++probe) {
    ++inside_.swallowed_segments;
    EXPECT_EQ(look(nat, NatSide::kInside, seconds(probe), Cut::kOutside), RefreshCause::kKeepalive);
    EXPECT_EQ(nat.deadline(), kStart + seconds(probe + 9));
  }
}

TEST_F(NatOutageTest, WhatComesInFasterIsDataAndStaysUnacknowledged) {
  NatMapping nat = mapping();
  ++inside_.swallowed_segments;
  (void)look(nat, NatSide::kInside, milliseconds(1000), Cut::kOutside);
  ++inside_.swallowed_segments;
  EXPECT_EQ(look(nat, NatSide::kInside, milliseconds(1210), Cut::kOutside), RefreshCause::kData);
  EXPECT_EQ(nat.deadline(), kStart + milliseconds(3210));
  ++inside_.swallowed_segments;  // its retransmissions become slower and slower
  EXPECT_EQ(look(nat, NatSide::kInside, milliseconds(2810), Cut::kOutside), RefreshCause::kData);
  EXPECT_EQ(nat.deadline(), kStart + milliseconds(4810));
}

TEST_F(NatOutageTest, SeveralPacketsInOneLookAreData) {
  NatMapping nat = mapping();
  (void)look(nat, NatSide::kInside, milliseconds(995), Cut::kOutside);
  inside_.swallowed_segments += 2;
  (void)look(nat, NatSide::kInside, milliseconds(1000), Cut::kOutside);
  EXPECT_EQ(nat.deadline(), kStart + seconds(3));
}

TEST_F(NatOutageTest, DataThatWasUnderwayIsRepeatedByOurLegInItsSendersStead) {
  NatMapping nat = mapping();
  outside_.has_outstanding_data = true;
  ++outside_.retransmissions;
  EXPECT_EQ(look(nat, NatSide::kOutside, seconds(1), Cut::kOutside), RefreshCause::kData);
  EXPECT_EQ(nat.deadline(), kStart + seconds(3));
  // The other way round the sender is cut off, and so is what it repeats.
  NatMapping unreached = mapping();
  ++inside_.retransmissions;
  EXPECT_EQ(look(unreached, NatSide::kInside, seconds(1), Cut::kOutside), std::nullopt);
}

TEST_F(NatOutageTest, ASwallowedPacketAcknowledgesWhatItsSenderHad) {
  inside_.has_outstanding_data = true;
  NatMapping nat = mapping();
  EXPECT_EQ(nat.deadline(), kStart + seconds(2));
  ++inside_.swallowed_segments;  // the delayed ACK, right after the cut
  (void)look(nat, NatSide::kInside, milliseconds(40), Cut::kOutside);
  EXPECT_EQ(nat.deadline(), kStart + milliseconds(40) + seconds(9));
}

TEST_F(NatOutageTest, TheFirstPacketAfterTheOutageEndsIt) {
  NatMapping nat = mapping();
  for (const int milli : {1000, 1200}) {
    ++inside_.swallowed_segments;
    (void)look(nat, NatSide::kInside, milliseconds(milli), Cut::kOutside);
  }
  EXPECT_EQ(nat.deadline(), kStart + milliseconds(3200));
  ++inside_.segments_in;
  ++inside_.data_segments_in;
  EXPECT_EQ(look(nat, NatSide::kInside, milliseconds(2000), Cut::kNone), RefreshCause::kData);
  EXPECT_EQ(nat.deadline(), kStart + seconds(11));
}

TEST_F(NatOutageTest, AMappingMadeAnewInACutIsUnanswered) {
  const NatMapping answered{config_, at(inside_, kStart), at(outside_, kStart),
                            RefreshCause::kKeepalive, Cut::kNone};
  EXPECT_EQ(answered.deadline(), kStart + seconds(9));
  const NatMapping unanswered{config_, at(inside_, kStart), at(outside_, kStart),
                              RefreshCause::kKeepalive, Cut::kOutside};
  EXPECT_EQ(unanswered.deadline(), kStart + seconds(2));
}

TEST_F(NatOutageTest, AMappingMadeAnewByWhatOurLegRepeatedWaitsForTheNextOne) {
  NatMapping nat{config_, at(inside_, kStart), at(outside_, kStart), RefreshCause::kData,
                 Cut::kNone};
  nat.handle_lost_repeat();
  EXPECT_EQ(nat.deadline(), kStart + kRepeatIntervalMax);
  ++outside_.retransmissions;
  EXPECT_EQ(look(nat, NatSide::kOutside, seconds(30), Cut::kNone), RefreshCause::kData);
  EXPECT_EQ(nat.deadline(), kStart + seconds(39));
}

TEST_F(NatOutageTest, AnIdleTimerOfBytesSeesNothingInACut) {
  config_.unacked_timeout.reset();
  config_.refresh_by = RefreshBy::kBytes;
  NatMapping nat = mapping();
  inside_.swallowed_segments += 3;
  EXPECT_EQ(look(nat, NatSide::kInside, seconds(1), Cut::kOutside), std::nullopt);
}

}  // namespace
}  // namespace halfopen
