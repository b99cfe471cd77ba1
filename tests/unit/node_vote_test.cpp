#include "node/core/vote.hpp"

#include <gtest/gtest.h>

#include <set>

#include "node/core/message.hpp"
#include "node/core/sha256.hpp"

namespace halfopen::node {
namespace {

Vote example() {
  return {.network = "lab",
          .height = 7,
          .round = 1,
          .kind = VoteKind::kPrecommit,
          .choice = Choice::from_hex(std::string(64, '5')),
          .voter = *PublicKey::from_hex(std::string(64, '7')),
          .time_milliseconds = 1'764'383'357'000};
}

std::string digest_of(std::string_view text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return format_hex(sha256(bytes));
}

// From FIPS 180-4's examples.
TEST(NodeVote, Sha256IsSha256) {
  EXPECT_EQ(digest_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// Golden: a node in another language must hash these very bytes.
TEST(NodeVote, CanonicalBytesAreFixed) {
  EXPECT_EQ(format_hex(canonical_bytes(example())),
            "0000000f"
            "68616c666f70656e20766f74652032"  // "halfopen vote 2"
            "00000003"
            "6c6162"  // network
            "0000000000000007"
            "00000001"
            "02"  // height, round, kind
            "01"
            "5555555555555555555555555555555555555555555555555555555555555555"
            "7777777777777777777777777777777777777777777777777777777777777777"  // voter
            "0000019acd717848");                                                // time
}

TEST(NodeVote, EveryFieldIsInTheId) {
  std::set<VoteId> ids{id_of(example())};
  const auto changed = [&](auto&& change) {
    Vote vote = example();
    change(vote);
    EXPECT_TRUE(ids.insert(id_of(vote)).second);
  };
  changed([](Vote& vote) { vote.network = "la"; });
  changed([](Vote& vote) { vote.height = 8; });
  changed([](Vote& vote) { vote.round = 2; });
  changed([](Vote& vote) { vote.kind = VoteKind::kPrevote; });
  changed([](Vote& vote) { vote.choice.reset(); });
  changed([](Vote& vote) { vote.choice = Choice{}; });
  changed([](Vote& vote) { vote.voter = PublicKey{}; });
  changed([](Vote& vote) { vote.time_milliseconds += 1; });
}

TEST(NodeVote, HexIsReadBack) {
  const VoteId id = id_of(example());
  EXPECT_EQ(VoteId::from_hex(id.hex()), id);
  EXPECT_EQ(VoteId::from_raw(id.raw()), id);
  for (const std::string& bad : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'),
                                 " " + std::string(63, 'a'), "-" + std::string(63, 'a')}) {
    EXPECT_FALSE(VoteId::from_hex(bad)) << bad;
  }
  EXPECT_FALSE(VoteId::from_raw(std::string(31, 'a')));
}

// Golden: the frame of a ping, and of a hello, as WIRE.md draws them.
TEST(NodeVote, FramesAreFixed) {
  EXPECT_EQ(format_hex(*encode_frame(Ping{1})),
            "00000004"
            "2202"
            "0801");
  EXPECT_EQ(format_hex(*encode_frame(Hello{1, "lab", "n1"})),
            "0000000d"
            "0a0b"
            "0801"
            "12036c6162"
            "1a026e31");
}

}  // namespace
}  // namespace halfopen::node
