#include "node/core/outbox.hpp"

#include <gtest/gtest.h>

#include "node/core/limits.hpp"

namespace halfopen::node {
namespace {

VoteId id_number(std::size_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes[0] = static_cast<std::uint8_t>(number);
  bytes[1] = static_cast<std::uint8_t>(number >> 8U);
  return VoteId{bytes};
}

Instant at(int seconds) {
  return Instant{} + std::chrono::seconds(seconds);
}

Outbox outbox_of(std::size_t count) {
  Outbox outbox;
  for (std::size_t i = 0; i < count; ++i)
    outbox.push(id_number(i), encode_frame(Ping{i}));
  return outbox;
}

TEST(NodeOutbox, SendsInOrderAndOnceAConnection) {
  Outbox outbox = outbox_of(2);
  EXPECT_EQ(outbox.send_next(at(1))->vote, id_number(0));
  EXPECT_EQ(outbox.send_next(at(2))->vote, id_number(1));
  EXPECT_EQ(outbox.send_next(at(3)), nullptr);
  EXPECT_EQ(outbox.oldest_in_flight_at(), at(1));
}

TEST(NodeOutbox, WhatWasWrittenIsStillOwed) {
  Outbox outbox = outbox_of(1);
  (void)outbox.send_next(at(1));
  ASSERT_NE(outbox.mark_written(id_number(0)), nullptr);
  EXPECT_EQ(outbox.size(), 1U);
  outbox.requeue();
  const Outbox::Entry* again = outbox.send_next(at(5));
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->attempts, 2U);
  EXPECT_EQ(again->first_at, at(1));
  EXPECT_EQ(again->sent_at, at(5));
  EXPECT_FALSE(again->written);
}

TEST(NodeOutbox, OnlyTheAcknowledgementSettles) {
  Outbox outbox = outbox_of(3);
  while (outbox.send_next(at(1)) != nullptr) {
  }
  EXPECT_TRUE(outbox.acknowledge(id_number(1)));
  EXPECT_FALSE(outbox.acknowledge(id_number(1))) << "a second ACK";
  EXPECT_FALSE(outbox.acknowledge(id_number(9))) << "an ACK of another vote";
  EXPECT_EQ(outbox.in_flight(), 2U);
  outbox.requeue();
  EXPECT_EQ(outbox.send_next(at(2))->vote, id_number(0));
  EXPECT_EQ(outbox.send_next(at(2))->vote, id_number(2));
}

TEST(NodeOutbox, IsBounded) {
  Outbox outbox = outbox_of(kOutboxVotesMax);
  EXPECT_TRUE(outbox.is_full());
  std::size_t sent = 0;
  while (outbox.send_next(at(1)) != nullptr)
    ++sent;
  EXPECT_EQ(sent, kInFlightVotesMax);
  EXPECT_TRUE(outbox.acknowledge(id_number(0)));
  EXPECT_FALSE(outbox.is_full());
  EXPECT_NE(outbox.send_next(at(2)), nullptr) << "an ACK makes room";
}

TEST(NodeOutbox, AbandonTellsWhatWasWritten) {
  Outbox outbox = outbox_of(2);
  (void)outbox.send_next(at(1));
  (void)outbox.mark_written(id_number(0));
  const auto abandoned = outbox.abandon();
  ASSERT_EQ(abandoned.size(), 2U);
  EXPECT_TRUE(abandoned[0].written);
  EXPECT_FALSE(abandoned[1].written);
  EXPECT_TRUE(outbox.is_empty());
  EXPECT_EQ(outbox.in_flight(), 0U);
}

}  // namespace
}  // namespace halfopen::node
