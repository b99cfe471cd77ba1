// Journal entries into the store's tables: a span of them is one transaction, all or nothing.
//
// Retention: the newest `retention_votes` stay, and older ones for as long as they are owed to a
// peer; the others go, a few in each transaction, so that no commit has to wait for a big clean-up.
// Before a vote of our own goes, `forgotten_up_to` rises to its slot in the same transaction: what
// guards against signing twice is the vote itself or this mark, at every moment.
//
// A known vote is kept once. One that went by retention is not known any more: if a peer sends it
// again it is kept again, under a new sequence.
#pragma once

#include <optional>
#include <span>

#include "node/core/journal.hpp"
#include "node/shell/sqlite_database.hpp"

namespace halfopen::node {

// Proofs kept against one voter. One proves as much as a thousand; further ones are let go, so that
// a voter who signs anything at all cannot fill the disk.
inline constexpr std::int64_t kEvidencePairsPerVoterMax = 64;

class SqliteJournal {
 public:
  // `retention_votes` from 1.
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
    SqliteStatement count_evidence, add_evidence, add_evidence_vote;
    SqliteStatement newest, surplus, drop_vote, set_forgotten;
  };
  // What the tables do not say by themselves. Taken over only when its transaction is durable.
  struct Progress {
    std::optional<Slot> forgotten_up_to;
    std::uint64_t changes_since_forgetting = 0;
  };

  SqliteJournal(SqliteDatabase database, Statements statements, Progress progress,
                const PublicKey& own_key, std::uint64_t retention_votes);
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
  // Answers how many went.
  [[nodiscard]] Result<std::size_t> forget(Progress& progress, std::size_t votes_max);
  [[nodiscard]] Result<void> remember_slot(Progress& progress, const Slot& slot);

  SqliteDatabase database_;  // outlives its statements
  Statements statements_;
  Progress progress_;
  PublicKey own_key_;
  std::uint64_t retention_votes_;
  std::uint64_t forget_every_;
};

}  // namespace halfopen::node
