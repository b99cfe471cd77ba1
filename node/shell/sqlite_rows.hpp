// A vote as columns of a table, both ways. Reading trusts nothing: a row whose id is not the digest
// of its fields is damage.
#pragma once

#include <optional>
#include <string_view>

#include "node/core/journal.hpp"
#include "node/shell/sqlite_database.hpp"

namespace halfopen::node {

// In the order of what follows.
inline constexpr std::string_view kVoteColumns =
    "id, network, height, round, kind, choice, voter, time_milliseconds, signature";
inline constexpr int kVoteColumnCount = 9;

// To the parameters from 1 on.
void bind_vote(SqliteStatement& statement, const SignedVote& vote, const VoteId& id);
[[nodiscard]] Result<KeptVote> read_vote(const SqliteStatement& statement, int first_column,
                                         const std::string& path);

// Heights use all 64 bits, which SQLite's integers have, with a sign.
[[nodiscard]] constexpr std::int64_t to_column(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
// Nothing if no vote can have such a slot.
[[nodiscard]] std::optional<Slot> slot_from_columns(std::int64_t height, std::int64_t round,
                                                    std::int64_t kind);

}  // namespace halfopen::node
