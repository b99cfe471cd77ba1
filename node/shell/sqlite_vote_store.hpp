// The journal in one SQLite file, which survives what the machine survives: a killed process, a
// panic, the loss of power.
//
//   put() --> queue --> writer thread: one transaction, one sync --> answers, by post()
//   list(), load() --> a connection that only reads
//
// Parts: group_commit (the thread), sqlite_journal (entries into tables, retention), sqlite_reading
// (tables into entries), sqlite_schema (the file), sqlite_database (SQLite itself).
//
// An entry that was answered as not durable (disk full, I/O error) is not in the store and later
// ones are tried again. Only if the process dies right after a failed sync, what the disk had taken
// nevertheless may be found at the next start.
#pragma once

#include <memory>
#include <string>

#include "node/core/limits.hpp"
#include "node/shell/group_commit.hpp"
#include "node/shell/sqlite_reading.hpp"
#include "node/shell/sqlite_schema.hpp"
#include "node/shell/vote_store.hpp"

namespace halfopen::node {

class SqliteJournal;

struct SqliteStoreSettings {
  PublicKey own_key;
  std::string network;
  // Votes of each voter that are kept besides those that are owed, from 1 to kRetentionVotesMax.
  std::uint64_t retention_votes = kRetentionVotesDefault;
};

class SqliteVoteStore final : public VoteStore {
 public:
  using ProblemHandler = std::function<void(const Problem&)>;

  [[nodiscard]] static Result<std::unique_ptr<SqliteVoteStore>> open(
      const std::string& path, const SqliteStoreSettings& settings, Post post);
  ~SqliteVoteStore() override;

  [[nodiscard]] Result<Journal> load() override;
  void on_answer(AnswerHandler handler) override;
  // Once, before the first put(): why entries were not durable. Told on the loop's thread when a
  // row of failures begins, not for each.
  void on_problem(ProblemHandler handler);
  void put(JournalEntry entry, std::uint64_t ticket) override;
  [[nodiscard]] Result<std::vector<ListedVote>> list(std::uint64_t after,
                                                     std::size_t limit) override;
  // From any thread.
  [[nodiscard]] StoreStatistics statistics() const { return writer_->statistics(); }

 private:
  struct Handlers {
    AnswerHandler answer;
    ProblemHandler problem;
  };

  SqliteVoteStore(StoreLock lock, SqliteDatabase reader, SqliteLister lister);
  void start(SqliteJournal journal, Post post);

  StoreLock lock_;  // let go last
  // Answers that are still under way when this goes find it gone.
  std::shared_ptr<Handlers> handlers_ = std::make_shared<Handlers>();
  // Closed after the reader: the last connection to go empties the log, and a reader may not.
  std::unique_ptr<GroupCommit> writer_;
  SqliteDatabase reader_;
  SqliteLister lister_;
};

}  // namespace halfopen::node
