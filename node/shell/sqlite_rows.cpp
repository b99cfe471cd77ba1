#include "node/shell/sqlite_rows.hpp"

#include <algorithm>
#include <limits>

namespace halfopen::node {

void bind_vote(SqliteStatement& statement, const SignedVote& vote, const VoteId& id) {
  int parameter = 1;
  statement.bind(parameter++, id.bytes());
  statement.bind(parameter++, std::string_view(vote.vote.network));
  statement.bind(parameter++, to_column(vote.vote.height));
  statement.bind(parameter++, std::int64_t{vote.vote.round});
  statement.bind(parameter++, static_cast<std::int64_t>(vote.vote.kind));
  if (vote.vote.choice) {
    statement.bind(parameter++, vote.vote.choice->bytes());
  } else {
    statement.bind_null(parameter++);
  }
  statement.bind(parameter++, vote.vote.voter.bytes());
  statement.bind(parameter++, vote.vote.time_milliseconds);
  statement.bind(parameter++, std::span<const std::uint8_t>(vote.signature));
}

std::optional<Slot> slot_from_columns(std::int64_t height, std::int64_t round, std::int64_t kind) {
  if (round < 0 || round > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  if (kind != static_cast<int>(VoteKind::kPrevote) &&
      kind != static_cast<int>(VoteKind::kPrecommit)) {
    return std::nullopt;
  }
  return Slot{static_cast<std::uint64_t>(height), static_cast<std::uint32_t>(round),
              static_cast<VoteKind>(kind)};
}

Result<KeptVote> read_vote(const SqliteStatement& statement, int first_column,
                           const std::string& path) {
  const auto column = [&](int offset) { return first_column + offset; };
  const auto id = VoteId::from_raw(statement.bytes(column(0)));
  const auto slot = slot_from_columns(statement.integer(column(2)), statement.integer(column(3)),
                                      statement.integer(column(4)));
  const auto voter = PublicKey::from_raw(statement.bytes(column(6)));
  const std::string_view signature = statement.bytes(column(8));
  if (!id || !slot || !voter || signature.size() != kSignatureBytes) {
    return damaged_store(path, "a row is no vote");
  }
  KeptVote kept;
  kept.id = *id;
  Vote& vote = kept.vote.vote;
  vote.network = statement.bytes(column(1));
  vote.height = slot->height;
  vote.round = slot->round;
  vote.kind = slot->kind;
  if (!statement.is_null(column(5))) {
    vote.choice = Choice::from_raw(statement.bytes(column(5)));
    if (!vote.choice) return damaged_store(path, "a row is no vote");
  }
  vote.voter = *voter;
  vote.time_milliseconds = statement.integer(column(7));
  std::transform(signature.begin(), signature.end(), kept.vote.signature.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  if (id_of(vote) != *id) return damaged_store(path, "a vote is not the one of its id");
  return kept;
}

}  // namespace halfopen::node
