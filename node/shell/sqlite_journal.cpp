#include "node/shell/sqlite_journal.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.hpp"
#include "node/core/limits.hpp"
#include "node/shell/sqlite_reading.hpp"
#include "node/shell/sqlite_rows.hpp"

namespace halfopen::node {
namespace {

// Looking for what may go costs a look at every old vote that is still owed, so it is not done in
// each transaction: only after this share of the bound has come in.
constexpr std::uint64_t kForgettingShare = 16;
constexpr std::uint64_t kForgetEveryMin = 16;
constexpr std::uint64_t kForgetEveryMax = 1'024;

std::string insert_into(std::string_view table, std::string_view more_columns,
                        std::string_view more_values) {
  std::string sql = "INSERT INTO " + std::string(table) + "(" + std::string(kVoteColumns) + ", " +
                    std::string(more_columns) + ") VALUES(";
  for (int i = 0; i < kVoteColumnCount; ++i)
    sql += "?, ";
  return sql + std::string(more_values) + ")";
}

}  // namespace

Result<SqliteJournal::Statements> SqliteJournal::prepare(SqliteDatabase& database) {
  HALFOPEN_TRY(begin, database.prepare("BEGIN IMMEDIATE"));
  HALFOPEN_TRY(commit, database.prepare("COMMIT"));
  HALFOPEN_TRY(rollback, database.prepare("ROLLBACK"));
  // ?7 is the voter. A sequence and an ordinal are never used twice, because the newest vote of
  // each voter, and so the newest of all, never goes.
  HALFOPEN_TRY(
      add_vote,
      database.prepare(
          insert_into("votes", "ordinal",
                      "(SELECT coalesce(max(ordinal), 0) + 1 FROM votes WHERE voter = ?7)") +
          " ON CONFLICT(id) DO NOTHING"));
  HALFOPEN_TRY(find_vote, database.prepare("SELECT sequence FROM votes WHERE id = ?"));
  HALFOPEN_TRY(add_owed, database.prepare("INSERT INTO owed(vote, peer) VALUES(?, ?)"
                                          " ON CONFLICT DO NOTHING"));
  HALFOPEN_TRY(drop_delivery, database.prepare("DELETE FROM owed WHERE vote = ? AND peer = ?"));
  HALFOPEN_TRY(drop_peer, database.prepare("DELETE FROM owed WHERE peer = ?"));
  HALFOPEN_TRY(add_evidence,
               database.prepare("INSERT INTO evidence(lower_id, upper_id) VALUES(?, ?)"
                                " ON CONFLICT DO NOTHING"));
  HALFOPEN_TRY(add_evidence_vote,
               database.prepare(insert_into("evidence_votes", "pair, place", "?, ?")));
  HALFOPEN_TRY(newest, database.prepare("SELECT max(ordinal) FROM votes WHERE voter = ?"));
  HALFOPEN_TRY(surplus, database.prepare("SELECT sequence, height, round, kind FROM votes"
                                         " WHERE voter = ? AND ordinal <= ? AND NOT EXISTS"
                                         " (SELECT 1 FROM owed WHERE vote = sequence)"
                                         " ORDER BY ordinal LIMIT ?"));
  HALFOPEN_TRY(drop_vote, database.prepare("DELETE FROM votes WHERE sequence = ?"));
  HALFOPEN_TRY(set_forgotten, database.prepare("UPDATE meta SET forgotten_height = ?,"
                                               " forgotten_round = ?, forgotten_kind = ?"));
  return Statements{std::move(begin),         std::move(commit),
                    std::move(rollback),      std::move(add_vote),
                    std::move(find_vote),     std::move(add_owed),
                    std::move(drop_delivery), std::move(drop_peer),
                    std::move(add_evidence),  std::move(add_evidence_vote),
                    std::move(newest),        std::move(surplus),
                    std::move(drop_vote),     std::move(set_forgotten)};
}

Result<SqliteJournal> SqliteJournal::over(SqliteDatabase database, const PublicKey& own_key,
                                          std::uint64_t retention_votes) {
  HALFOPEN_ASSERT(retention_votes > 0 && retention_votes <= kRetentionVotesMax);
  HALFOPEN_TRY(statements, prepare(database));
  HALFOPEN_TRY(forgotten_up_to, read_forgotten_up_to(database));
  HALFOPEN_TRY(voters, read_voters(database));
  return SqliteJournal(std::move(database), std::move(statements), {forgotten_up_to, 0},
                       std::move(voters), own_key, retention_votes);
}

SqliteJournal::SqliteJournal(SqliteDatabase database, Statements statements, Progress progress,
                             std::set<PublicKey> voters, const PublicKey& own_key,
                             std::uint64_t retention_votes)
    : database_(std::move(database)),
      statements_(std::move(statements)),
      progress_(progress),
      voters_(std::move(voters)),
      own_key_(own_key),
      retention_votes_(static_cast<std::int64_t>(retention_votes)),
      forget_every_(
          std::clamp(retention_votes / kForgettingShare, kForgetEveryMin, kForgetEveryMax)) {}

template <class Work>
Result<void> SqliteJournal::in_transaction(Work work) {
  HALFOPEN_CHECK(statements_.begin.run());
  Progress progress = progress_;
  Result<void> done = work(progress);
  if (done.has_value()) done = statements_.commit.run();
  if (done.has_value()) {
    progress_ = progress;
    return {};
  }
  // If this fails as well, the next BEGIN does, and says why.
  if (database_.is_in_transaction()) (void)statements_.rollback.run();
  return done;
}

Result<void> SqliteJournal::commit(std::span<const JournalEntry> entries) {
  return in_transaction([&](Progress& progress) -> Result<void> {
    for (const JournalEntry& entry : entries) {
      HALFOPEN_CHECK(std::visit([this](const auto& kind) { return keep(kind); }, entry));
    }
    progress.changes_since_forgetting += entries.size();
    if (progress.changes_since_forgetting < forget_every_) return {};
    // Twice what came, so that a surplus melts while votes come in.
    HALFOPEN_CHECK(forget(progress, 2 * progress.changes_since_forgetting));
    progress.changes_since_forgetting = 0;
    return {};
  });
}

Result<void> SqliteJournal::forget_surplus() {
  std::size_t forgotten = 0;
  do {
    HALFOPEN_CHECK(in_transaction([&](Progress& progress) -> Result<void> {
      HALFOPEN_TRY(count, forget(progress, kForgetEveryMax));
      forgotten = count;
      return {};
    }));
  } while (forgotten > 0);
  return {};
}

Result<void> SqliteJournal::add(const SignedVote& vote, const VoteId& id) {
  voters_.insert(vote.vote.voter);
  bind_vote(statements_.add_vote, vote, id);
  return statements_.add_vote.run();
}

Result<std::optional<std::int64_t>> SqliteJournal::sequence_of(const VoteId& id) {
  statements_.find_vote.bind(1, id.bytes());
  HALFOPEN_TRY(has_row, statements_.find_vote.step());
  std::optional<std::int64_t> sequence;
  if (has_row) sequence = statements_.find_vote.integer(0);
  statements_.find_vote.reset();
  return sequence;
}

Result<void> SqliteJournal::keep(const KeepOwnVote& own) {
  HALFOPEN_CHECK(add(own.vote, own.id));
  HALFOPEN_TRY(sequence, sequence_of(own.id));
  HALFOPEN_ASSERT(sequence.has_value());
  for (const std::string& peer : own.owed_to) {
    HALFOPEN_CHECK(statements_.add_owed.bind(1, *sequence).bind(2, std::string_view(peer)).run());
  }
  return {};
}

Result<void> SqliteJournal::keep(const KeepPeerVote& peers) {
  return add(peers.vote, peers.id);
}

Result<void> SqliteJournal::keep(const KeepDelivery& delivery) {
  HALFOPEN_TRY(sequence, sequence_of(delivery.id));
  if (!sequence) return {};  // It went, so it was owed to nobody.
  return statements_.drop_delivery.bind(1, *sequence)
      .bind(2, std::string_view(delivery.peer))
      .run();
}

Result<void> SqliteJournal::keep(const KeepEvidence& kept) {
  const SignedVote& first = kept.evidence.first;
  const SignedVote& second = kept.evidence.second;
  const VoteId first_id = id_of(first.vote);
  const VoteId second_id = id_of(second.vote);
  const auto& [lower, upper] = std::minmax(first_id, second_id);
  const std::int64_t before = database_.total_changes();
  HALFOPEN_CHECK(statements_.add_evidence.bind(1, lower.bytes()).bind(2, upper.bytes()).run());
  if (database_.total_changes() == before) return {};  // It is known.
  const std::int64_t pair = database_.last_row();
  std::int64_t place = 1;
  for (const auto& [vote, id] : {std::pair(&first, &first_id), std::pair(&second, &second_id)}) {
    bind_vote(statements_.add_evidence_vote, *vote, *id);
    statements_.add_evidence_vote.bind(kVoteColumnCount + 1, pair)
        .bind(kVoteColumnCount + 2, place++);
    HALFOPEN_CHECK(statements_.add_evidence_vote.run());
  }
  return {};
}

Result<void> SqliteJournal::keep(const ForgetPeer& peer) {
  return statements_.drop_peer.bind(1, std::string_view(peer.peer)).run();
}

Result<std::size_t> SqliteJournal::forget(Progress& progress, std::size_t votes_max) {
  std::size_t forgotten = 0;
  for (const PublicKey& voter : voters_) {
    HALFOPEN_TRY(count, forget_of(voter, progress, votes_max - forgotten));
    forgotten += count;
  }
  return forgotten;
}

Result<std::size_t> SqliteJournal::forget_of(const PublicKey& voter, Progress& progress,
                                             std::size_t votes_max) {
  auto& newest = statements_.newest.bind(1, voter.bytes());
  HALFOPEN_TRY(has_newest, newest.step());
  const auto surplus_up_to = (has_newest ? newest.integer(0) : 0) - retention_votes_;
  newest.reset();
  if (surplus_up_to <= 0) return std::size_t{0};

  std::vector<std::int64_t> surplus;
  std::optional<Slot> highest;
  auto& query = statements_.surplus.bind(1, voter.bytes())
                    .bind(2, surplus_up_to)
                    .bind(3, static_cast<std::int64_t>(votes_max));
  for (;;) {
    HALFOPEN_TRY(has_row, query.step());
    if (!has_row) break;
    surplus.push_back(query.integer(0));
    const auto slot = slot_from_columns(query.integer(1), query.integer(2), query.integer(3));
    if (!slot) {
      query.reset();
      return damaged_store(database_.path(), "a row is no vote");
    }
    if (!highest || *slot > *highest) highest = slot;
  }
  query.reset();
  if (highest && voter == own_key_) HALFOPEN_CHECK(remember_slot(progress, *highest));
  for (const std::int64_t sequence : surplus) {
    HALFOPEN_CHECK(statements_.drop_vote.bind(1, sequence).run());
  }
  return surplus.size();
}

Result<void> SqliteJournal::remember_slot(Progress& progress, const Slot& slot) {
  if (progress.forgotten_up_to && slot <= *progress.forgotten_up_to) return {};
  progress.forgotten_up_to = slot;
  return statements_.set_forgotten.bind(1, to_column(slot.height))
      .bind(2, std::int64_t{slot.round})
      .bind(3, static_cast<std::int64_t>(slot.kind))
      .run();
}

}  // namespace halfopen::node
