// Journal entries into the store's tables: a span of them is one transaction, all or nothing.
//
// Retention: of each voter the newest `retention_votes` stay, so that no peer can push out what
// another one has sent; older ones of our own stay for as long as they are owed to a peer. The
// others go, a few in each transaction, so that no commit has to wait for a big clean-up. Before a
// vote of our own goes, `forgotten_up_to` rises to its slot in the same transaction: what guards
// against signing twice is the vote itself or this mark, at every moment.
//
// A known vote is kept once. One that went by retention is not known any more: if a peer sends it
// again it is kept again, under a new sequence.
#pragma once

#include <optional>
#include <set>
#include <span>

#include "node/core/journal.hpp"
#include "node/shell/sqlite_database.hpp"

namespace halfopen::node {

class SqliteJournal {
 public:
  // `retention_votes` from 1 to kRetentionVotesMax.
  [[nodiscard]] static Result<SqliteJournal> over(SqliteDatabase database, const PublicKey& own_key,
                                                  std::uint64_t retention_votes);

  // Durable when it answers without an error; with one, nothing of it is in the store.
  [[nodiscard]] Result<void> commit(std::span<const JournalEntry> entries);
  // Lets all go that retention does not keep, in transactions of a bounded size.
  [[nodiscard]] Result<void> forget_surplus();

 private:
  struct Statements {
    SqliteStatement begin, commit, rollback;
    SqliteStatement add_vote, find_vote, add_owed, drop_delivery, drop_peer;
    SqliteStatement add_evidence, add_evidence_vote;
    SqliteStatement newest, surplus, drop_vote, set_forgotten;
  };
  // Taken over only when its transaction is durable.
  struct Progress {
    std::optional<Slot> forgotten_up_to;
    std::uint64_t changes_since_forgetting = 0;
  };

  SqliteJournal(SqliteDatabase database, Statements statements, Progress progress,
                std::set<PublicKey> voters, const PublicKey& own_key,
                std::uint64_t retention_votes);
  [[nodiscard]] static Result<Statements> prepare(SqliteDatabase& database);

  template <class Work>
  [[nodiscard]] Result<void> in_transaction(Work work);
  [[nodiscard]] Result<void> keep(const KeepOwnVote& own);
  [[nodiscard]] Result<void> keep(const KeepPeerVote& peers);
  [[nodiscard]] Result<void> keep(const KeepDelivery& delivery);
  [[nodiscard]] Result<void> keep(const KeepEvidence& evidence);
  [[nodiscard]] Result<void> keep(const ForgetPeer& peer);
  [[nodiscard]] Result<void> add(const SignedVote& vote, const VoteId& id);
  [[nodiscard]] Result<std::optional<std::int64_t>> sequence_of(const VoteId& id);
  // These answer how many went.
  [[nodiscard]] Result<std::size_t> forget(Progress& progress, std::size_t votes_max);
  [[nodiscard]] Result<std::size_t> forget_of(const PublicKey& voter, Progress& progress,
                                              std::size_t votes_max);
  [[nodiscard]] Result<void> remember_slot(Progress& progress, const Slot& slot);

  SqliteDatabase database_;  // outlives its statements
  Statements statements_;
  Progress progress_;
  // All who have votes in the store. One too many, after a failed transaction, does no harm.
  std::set<PublicKey> voters_;
  PublicKey own_key_;
  std::int64_t retention_votes_;
  std::uint64_t forget_every_;
};

}  // namespace halfopen::node
