// Messages whose contents have bounds: what is just inside is read back, what is outside is not.
#include "node/core/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/core/limits.hpp"
#include "tests/unit/node_keys.hpp"

namespace halfopen::node::test {
namespace {

using ::testing::HasSubstr;

Result<Message> over_the_wire(const Message& message) {
  const SharedFrame frame = encode_frame(message);
  return decode_body(std::span(*frame).subspan(kFrameHeaderBytes));
}

std::string problem_of(const std::vector<std::uint8_t>& body) {
  const auto message = decode_body(body);
  return message.has_error() ? message.error().text : "no problem";
}

// One field of protobuf's wire format with a length.
std::vector<std::uint8_t> field(std::uint8_t number, const std::vector<std::uint8_t>& content) {
  std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(number << 3U | 2U)};
  std::size_t size = content.size();
  for (; size >= 0x80; size >>= 7U)
    bytes.push_back(static_cast<std::uint8_t>(size | 0x80U));
  bytes.push_back(static_cast<std::uint8_t>(size));
  bytes.insert(bytes.end(), content.begin(), content.end());
  return bytes;
}

TEST(NodeMessage, AnAckOfOneToAThousandVotesIsReadBack) {
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, kAckVotesMax}) {
    Ack ack;
    for (std::size_t i = 0; i < count; ++i)
      ack.votes.push_back(id_of({.network = "lab", .height = i}));
    const auto read = over_the_wire(ack);
    ASSERT_TRUE(read.has_value()) << read.error().text;
    EXPECT_EQ(*read, Message{ack});
  }
}

TEST(NodeMessage, AnAckOfNoneOrTooManyIsRefused) {
  EXPECT_THAT(problem_of(field(3, {})), HasSubstr("names 1 to 1024 votes"));
  std::vector<std::uint8_t> ids;
  const auto id = field(1, std::vector<std::uint8_t>(32, 7));
  for (std::size_t i = 0; i <= kAckVotesMax; ++i)
    ids.insert(ids.end(), id.begin(), id.end());
  EXPECT_THAT(problem_of(field(3, ids)), HasSubstr("names 1 to 1024 votes"));
  ids.resize(ids.size() - id.size());
  EXPECT_EQ(problem_of(field(3, ids)), "no problem");
  EXPECT_THAT(problem_of(field(3, field(1, std::vector<std::uint8_t>(31, 7)))),
              HasSubstr("32 bytes"));
}

TEST(NodeMessage, EveryRefusalIsReadBack) {
  for (const Refusal refusal :
       {Refusal::kWrongNetwork, Refusal::kWrongVoter, Refusal::kBadSignature, Refusal::kBadTime,
        Refusal::kEquivocation}) {
    const Message reject = Reject{id_of({.network = "lab"}), refusal};
    EXPECT_EQ(*over_the_wire(reject), reject);
    EXPECT_NE(name_of(refusal), "unknown");
  }
}

TEST(NodeMessage, ARejectionWithoutAVoteOrAReasonIsRefused) {
  const auto id = field(1, std::vector<std::uint8_t>(32, 7));
  for (const std::uint8_t refusal : std::vector<std::uint8_t>{0, 6, 127}) {
    auto body = id;
    body.insert(body.end(), {0x10, refusal});
    EXPECT_THAT(problem_of(field(6, body)), HasSubstr("one of five reasons"));
  }
  EXPECT_THAT(problem_of(field(6, {0x10, 1})), HasSubstr("32 bytes"));
}

TEST(NodeMessage, AVoteNeedsAKeyAndASignature) {
  const SharedFrame frame = encode_frame(VoteMessage{vote_by("n1", {.height = 1})});
  std::vector<std::uint8_t> body(frame->begin() + kFrameHeaderBytes, frame->end());
  EXPECT_EQ(problem_of(body), "no problem");
  // The key is last: 34 bytes; before it comes the signature: 66 bytes.
  auto without = [](std::vector<std::uint8_t> vote, std::size_t from, std::size_t size) {
    const auto first = vote.end() - static_cast<std::ptrdiff_t>(from);
    vote.erase(first, first + static_cast<std::ptrdiff_t>(size));
    return field(2, field(1, vote));
  };
  std::size_t start = 2;  // tag and length of the message, then of the vote in it
  while ((body[start - 1] & 0x80U) != 0)
    ++start;
  start += 2;
  while ((body[start - 1] & 0x80U) != 0)
    ++start;
  const std::vector<std::uint8_t> vote(body.begin() + static_cast<std::ptrdiff_t>(start),
                                       body.end());
  EXPECT_EQ(problem_of(without(vote, 0, 0)), "no problem");
  EXPECT_THAT(problem_of(without(vote, 34, 34)), HasSubstr("a voter is"));
  EXPECT_THAT(problem_of(without(vote, 100, 66)), HasSubstr("a signature is"));
}

}  // namespace
}  // namespace halfopen::node::test
