// A vote, its id and its signature.
//
// The id is a digest of every field, so two votes with one id are one vote, and whoever changes a
// field has made another vote. The signature covers the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/bytes32.hpp"
#include "node/core/key.hpp"

namespace halfopen::node {

using VoteId = Bytes32<struct VoteIdTag>;
using Choice = Bytes32<struct ChoiceTag>;

enum class VoteKind : std::uint8_t { kPrevote = 1, kPrecommit = 2 };

[[nodiscard]] std::string_view name_of(VoteKind kind);
[[nodiscard]] std::optional<VoteKind> vote_kind_of(std::string_view name);

struct Vote {
  std::string network = {};
  std::uint64_t height = 0;
  std::uint32_t round = 0;
  VoteKind kind = VoteKind::kPrecommit;
  std::optional<Choice> choice = std::nullopt;  // nothing is nil
  PublicKey voter = {};
  std::int64_t time_milliseconds = 0;  // Unix time

  bool operator==(const Vote&) const = default;
};

struct SignedVote {
  Vote vote;
  Signature signature{};

  bool operator==(const SignedVote&) const = default;
};

// The bytes that are hashed and signed: WIRE.md says which.
[[nodiscard]] std::vector<std::uint8_t> canonical_bytes(const Vote& vote);
[[nodiscard]] VoteId id_of(const Vote& vote);
// `key` must be the voter's.
[[nodiscard]] SignedVote sign(Vote vote, const SigningKey& key);
// Whether the voter has signed just these fields.
[[nodiscard]] bool is_signed_by_voter(const SignedVote& vote);

}  // namespace halfopen::node
