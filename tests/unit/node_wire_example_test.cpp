// The example of WIRE.md, byte for byte: whoever writes a node in another language checks against
// the same hex. Each block of the document that begins with a name and a colon is looked up there.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "node/core/hex.hpp"
#include "node/core/message.hpp"

namespace halfopen::node {
namespace {

// The hexadecimal digits of the indented lines behind "name:" in WIRE.md.
std::string documented(const std::string& name) {
  std::ifstream file(WIRE_DOCUMENT);
  std::string found;
  bool is_here = false;
  for (std::string line; std::getline(file, line);) {
    if (line == name + ":") {
      is_here = true;
    } else if (is_here && !line.empty() && !line.starts_with("    ")) {
      break;
    } else if (is_here) {
      for (const char letter : line) {
        if (letter != ' ') found += letter;
      }
    }
  }
  return found;
}

SignedVote example() {
  SigningKey::Seed seed{};
  for (std::size_t i = 0; i < seed.size(); ++i)
    seed.at(i) = static_cast<std::uint8_t>(i);
  const SigningKey key(seed);
  Vote vote{.network = "lab",
            .height = 7,
            .round = 1,
            .kind = VoteKind::kPrecommit,
            .choice = Choice::from_hex(
                "000000000000000000000000000000000000000000000000000000000000002a"),
            .voter = key.public_key(),
            .time_milliseconds = 1'764'383'357'123};
  return sign(std::move(vote), key);
}

std::string hex_of(const Message& message) {
  return format_hex(*encode_frame(message));
}

TEST(NodeWireExample, TheVoteItsIdAndItsSignature) {
  const SignedVote vote = example();
  EXPECT_EQ(vote.vote.voter.hex(), documented("public key"));
  EXPECT_EQ(format_hex(canonical_bytes(vote.vote)), documented("canonical bytes"));
  EXPECT_EQ(id_of(vote.vote).hex(), documented("id"));
  EXPECT_EQ(format_hex(vote.signature), documented("signature"));
}

TEST(NodeWireExample, TheFrames) {
  const VoteId id = id_of(example().vote);
  EXPECT_EQ(hex_of(Hello{2, "lab", "n1"}), documented("hello frame"));
  EXPECT_EQ(hex_of(VoteMessage{example()}), documented("vote frame"));
  EXPECT_EQ(hex_of(Ack{{id}}), documented("ack frame"));
  EXPECT_EQ(hex_of(Reject{id, Refusal::kEquivocation}), documented("reject frame"));
  EXPECT_EQ(hex_of(Ping{300}), documented("ping frame"));
  EXPECT_EQ(hex_of(Pong{300}), documented("pong frame"));
}

}  // namespace
}  // namespace halfopen::node
