#include "node/core/key.hpp"

#include <gtest/gtest.h>

#include "tests/unit/node_keys.hpp"

namespace halfopen::node::test {
namespace {

template <std::size_t size>
std::array<std::uint8_t, size> from_hex(std::string_view text) {
  std::array<std::uint8_t, size> bytes{};
  EXPECT_TRUE(parse_hex(text, bytes));
  return bytes;
}

struct Vector {
  std::string seed;
  std::string key;
  std::vector<std::uint8_t> message;
  std::string signature;
};

// Section 7.1 of RFC 8032, tests 1 to 3.
const std::vector<Vector>& vectors() {
  static const std::vector<Vector> kVectors{
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
       {},
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9"
       "b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
       {0x72},
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "1"
       "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
       {0xaf, 0x82},
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
       "d"
       "c6594a7c15e9716ed28dc027beceea1ec40a"}};
  return kVectors;
}

TEST(NodeKey, SignsAsRfc8032Says) {
  for (const Vector& vector : vectors()) {
    const SigningKey key{from_hex<32>(vector.seed)};
    EXPECT_EQ(key.public_key().hex(), vector.key);
    EXPECT_EQ(format_hex(key.sign(vector.message)), vector.signature);
    EXPECT_TRUE(verify(key.public_key(), vector.message, from_hex<64>(vector.signature)));
  }
}

TEST(NodeKey, NothingElseVerifies) {
  const Vector& vector = vectors()[2];
  const PublicKey key = *PublicKey::from_hex(vector.key);
  const auto signature = from_hex<64>(vector.signature);
  EXPECT_FALSE(verify(*PublicKey::from_hex(vectors()[1].key), vector.message, signature));
  EXPECT_FALSE(verify(key, vectors()[1].message, signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto changed = signature;
    changed[i] ^= 1U;
    EXPECT_FALSE(verify(key, vector.message, changed)) << "byte " << i;
  }
}

TEST(NodeKey, AKeyThatIsNoPointOfTheCurveVerifiesNothing) {
  std::array<std::uint8_t, 32> raw{};
  raw.fill(0xff);
  EXPECT_FALSE(verify(PublicKey{raw}, {}, Signature{}));
  EXPECT_FALSE(verify(PublicKey{}, {}, Signature{}));
}

TEST(NodeSignedVote, EveryFieldIsUnderTheSignature) {
  const SignedVote vote = vote_by("n1", {.height = 7,
                                         .round = 1,
                                         .kind = VoteKind::kPrecommit,
                                         .choice = Choice::from_hex(std::string(64, '5')),
                                         .time_milliseconds = 5});
  EXPECT_TRUE(is_signed_by_voter(vote));
  const auto changed = [&](auto&& change) {
    SignedVote other = vote;
    change(other.vote);
    EXPECT_FALSE(is_signed_by_voter(other));
  };
  changed([](Vote& other) { other.network = "labs"; });
  changed([](Vote& other) { other.height = 8; });
  changed([](Vote& other) { other.round = 2; });
  changed([](Vote& other) { other.kind = VoteKind::kPrevote; });
  changed([](Vote& other) { other.choice.reset(); });
  changed([](Vote& other) { other.choice = Choice{}; });
  changed([](Vote& other) { other.voter = test_key("n2").public_key(); });
  changed([](Vote& other) { other.time_milliseconds = 6; });
}

}  // namespace
}  // namespace halfopen::node::test
