// What a node must not forget, entry by entry: the promise behind every answer that it gives.
//
// The core says what is to be kept and waits for word that it would survive a loss of power; only
// then does it tell a caller that a vote is cast, offer the vote to a peer, or acknowledge a
// peer's. Entries become durable in the order in which they were given, so a later one never
// survives an earlier one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "node/core/vote.hpp"

namespace halfopen::node {

// What a voter may vote for once.
struct Slot {
  std::uint64_t height = 0;
  std::uint32_t round = 0;
  VoteKind kind = VoteKind::kPrecommit;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the generated 0 for a pointer.
  auto operator<=>(const Slot&) const = default;
};
[[nodiscard]] inline Slot slot_of(const Vote& vote) {
  return {vote.height, vote.round, vote.kind};
}

// Proof that a voter signed two different votes for one slot.
struct Equivocation {
  SignedVote first;
  SignedVote second;
  bool operator==(const Equivocation&) const = default;
};

// A vote of this node, with the peers that it is owed to.
struct KeepOwnVote {
  SignedVote vote;
  VoteId id;
  std::vector<std::string> owed_to;
};
struct KeepPeerVote {
  SignedVote vote;
  VoteId id;
};
// Not owed to this peer any more: it has acknowledged the vote, or refused it for good.
struct KeepDelivery {
  std::string peer;
  VoteId id;
};
struct KeepEvidence {
  Equivocation evidence;
};
// It is configured no longer: nothing is owed to it.
struct ForgetPeer {
  std::string peer;
};
using JournalEntry =
    std::variant<KeepOwnVote, KeepPeerVote, KeepDelivery, KeepEvidence, ForgetPeer>;

struct KeptVote {
  SignedVote vote;
  VoteId id;
};

struct StoreAnswer {
  std::uint64_t ticket = 0;
  bool is_durable = true;  // false: the entry is not in the store
};

// All that is known at a start.
struct Journal {
  std::vector<KeptVote> votes;  // in the order of their coming; old ones may be gone
  std::map<std::string, std::vector<VoteId>> owed;  // by peer, in the order of casting
  std::vector<Equivocation> evidence;
  // Own votes of this slot and of lower ones may have been dropped: no such slot is signed again.
  std::optional<Slot> forgotten_up_to;
};

}  // namespace halfopen::node
