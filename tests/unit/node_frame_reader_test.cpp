#include "node/core/frame_reader.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "node/core/limits.hpp"
#include "tests/unit/node_keys.hpp"

namespace halfopen::node {
namespace {

const std::vector<Message>& messages() {
  static const std::vector<Message> kMessages{
      Hello{1, "lab", "n1"},
      VoteMessage{test::vote_by("n1", {.height = 7,
                                       .round = 1,
                                       .kind = VoteKind::kPrevote,
                                       .choice = Choice::from_hex(std::string(64, 'a')),
                                       .time_milliseconds = 1'764'383'357'000})},
      VoteMessage{test::vote_by("n1", {.height = 8})},
      Ack{{VoteId{}}},
      Reject{VoteId{}, Refusal::kBadTime},
      Ping{42},
      Pong{42}};
  return kMessages;
}

std::vector<std::uint8_t> all_frames() {
  std::vector<std::uint8_t> bytes;
  for (const Message& message : messages()) {
    const SharedFrame frame = encode_frame(message);
    bytes.insert(bytes.end(), frame->begin(), frame->end());
  }
  return bytes;
}

std::vector<std::uint8_t> header(std::uint32_t length) {
  return {static_cast<std::uint8_t>(length >> 24U), static_cast<std::uint8_t>(length >> 16U),
          static_cast<std::uint8_t>(length >> 8U), static_cast<std::uint8_t>(length)};
}

// Whatever the sizes of the reads, the same messages come out.
TEST(NodeFrameReader, ReadSizesDoNotMatter) {
  const auto bytes = all_frames();
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5},
                                 std::size_t{64}, bytes.size()}) {
    FrameReader reader;
    std::vector<Message> read;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      reader.push(std::span(bytes).subspan(at, std::min(size, bytes.size() - at)));
      for (;;) {
        auto next = reader.next();
        ASSERT_TRUE(next.has_value()) << next.error().text;
        if (!next->has_value()) break;
        read.push_back(**next);
      }
    }
    EXPECT_EQ(read, messages()) << "in reads of " << size;
    EXPECT_EQ(reader.held_bytes(), 0U);
  }
}

TEST(NodeFrameReader, LengthsOutOfBoundsAreRefusedBeforeTheirBodies) {
  for (const std::uint32_t length : {0U, std::uint32_t{kFrameBodyBytesMax} + 1, 0xffffffffU}) {
    FrameReader reader;
    reader.push(header(length));
    EXPECT_TRUE(reader.next().has_error()) << length;
  }
  FrameReader reader;
  reader.push(header(std::uint32_t{kFrameBodyBytesMax}));
  EXPECT_FALSE(reader.next().has_error());
}

TEST(NodeFrameReader, AnErrorIsSticky) {
  FrameReader reader;
  reader.push(header(0));
  ASSERT_TRUE(reader.next().has_error());
  reader.push(*encode_frame(Ping{1}));
  EXPECT_TRUE(reader.next().has_error());
  EXPECT_LE(reader.held_bytes(), 4U) << "a broken stream is not collected";
}

TEST(NodeFrameReader, BodiesThatAreNoMessageAreRefused) {
  const std::vector<std::vector<std::uint8_t>> bodies{
      {0xff, 0xff, 0xff},        // no protobuf
      {0x7a, 0x00},              // field 15: a message that version 2 does not know
      {0x1a, 0x00},              // an ACK of no vote
      {0x12, 0x00},              // no vote in it
      {0x0a, 0x02, 0x08, 0x01},  // a hello without names
  };
  for (const auto& body : bodies) {
    FrameReader reader;
    reader.push(header(static_cast<std::uint32_t>(body.size())));
    reader.push(body);
    EXPECT_TRUE(reader.next().has_error());
  }
}

TEST(NodeFrameReader, RandomBytesNeverBreakIt) {
  Prng prng{1};
  for (int round = 0; round < 2'000; ++round) {
    FrameReader reader;
    auto bytes = all_frames();
    for (std::uint64_t i = prng.below(8); i-- > 0;) {
      bytes[prng.below(bytes.size())] = static_cast<std::uint8_t>(prng.next());
    }
    reader.push(bytes);
    std::size_t taken = 0;
    for (;;) {
      const auto next = reader.next();
      if (next.has_error() || !next->has_value()) break;
      ++taken;
    }
    EXPECT_LE(taken, bytes.size() / 5);
    EXPECT_LE(reader.held_bytes(), bytes.size());
  }
}

}  // namespace
}  // namespace halfopen::node
