#include "node/core/vote.hpp"

#include <utility>

#include "base/assert.hpp"
#include "node/core/sha256.hpp"

namespace halfopen::node {
namespace {

void append_integer(std::vector<std::uint8_t>& bytes, std::uint64_t value, unsigned size) {
  for (unsigned i = size; i-- > 0;)
    bytes.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
}

void append_text(std::vector<std::uint8_t>& bytes, std::string_view text) {
  append_integer(bytes, text.size(), 4);
  bytes.insert(bytes.end(), text.begin(), text.end());
}

}  // namespace

std::string_view name_of(VoteKind kind) {
  return kind == VoteKind::kPrevote ? "prevote" : "precommit";
}

std::optional<VoteKind> vote_kind_of(std::string_view name) {
  for (const VoteKind kind : {VoteKind::kPrevote, VoteKind::kPrecommit}) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

std::vector<std::uint8_t> canonical_bytes(const Vote& vote) {
  std::vector<std::uint8_t> bytes;
  append_text(bytes, "halfopen vote 2");
  append_text(bytes, vote.network);
  append_integer(bytes, vote.height, 8);
  append_integer(bytes, vote.round, 4);
  append_integer(bytes, static_cast<std::uint64_t>(vote.kind), 1);
  append_integer(bytes, vote.choice.has_value() ? 1 : 0, 1);
  if (vote.choice) {
    const auto choice = vote.choice->bytes();
    bytes.insert(bytes.end(), choice.begin(), choice.end());
  }
  const auto voter = vote.voter.bytes();
  bytes.insert(bytes.end(), voter.begin(), voter.end());
  append_integer(bytes, static_cast<std::uint64_t>(vote.time_milliseconds), 8);
  return bytes;
}

VoteId id_of(const Vote& vote) {
  return VoteId{sha256(canonical_bytes(vote))};
}

SignedVote sign(Vote vote, const SigningKey& key) {
  HALFOPEN_ASSERT(vote.voter == key.public_key());
  const Signature signature = key.sign(canonical_bytes(vote));
  return {std::move(vote), signature};
}

bool is_signed_by_voter(const SignedVote& vote) {
  return verify(vote.vote.voter, canonical_bytes(vote.vote), vote.signature);
}

}  // namespace halfopen::node
