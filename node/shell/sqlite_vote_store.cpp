#include "node/shell/sqlite_vote_store.hpp"

#include <utility>

#include "node/shell/sqlite_journal.hpp"

namespace halfopen::node {

Result<std::unique_ptr<SqliteVoteStore>> SqliteVoteStore::open(const std::string& path,
                                                               const SqliteStoreSettings& settings,
                                                               Post post) {
  HALFOPEN_TRY(lock, StoreLock::take(path));
  HALFOPEN_TRY(database, open_store_database(path, settings.own_key, settings.network));
  HALFOPEN_TRY(journal, SqliteJournal::over(std::move(database), settings.own_key,
                                            settings.retention_votes));
  // The bound may have been lowered.
  HALFOPEN_CHECK(journal.forget_surplus());
  HALFOPEN_TRY(reader, open_store_for_reading(path));
  HALFOPEN_TRY(lister, SqliteLister::over(reader));
  std::unique_ptr<SqliteVoteStore> store(
      new SqliteVoteStore(std::move(lock), std::move(reader), std::move(lister)));
  store->start(std::move(journal), std::move(post));
  return store;
}

SqliteVoteStore::SqliteVoteStore(StoreLock lock, SqliteDatabase reader, SqliteLister lister)
    : lock_(std::move(lock)), reader_(std::move(reader)), lister_(std::move(lister)) {}

SqliteVoteStore::~SqliteVoteStore() {
  handlers_.reset();
}

void SqliteVoteStore::start(SqliteJournal journal, Post post) {
  // std::function wants what it holds to be copyable, which a connection is not.
  auto shared_journal = std::make_shared<SqliteJournal>(std::move(journal));
  auto commit = [shared_journal](std::span<const JournalEntry> entries) {
    return shared_journal->commit(entries);
  };
  auto answer = [post = std::move(post), handlers = std::weak_ptr(handlers_), was_failing = false](
                    std::vector<StoreAnswer> answers, std::optional<Problem> problem) mutable {
    const bool is_news = problem.has_value() && !was_failing;
    was_failing = problem.has_value();
    if (!is_news) problem.reset();
    post([handlers, answers = std::move(answers), problem = std::move(problem)] {
      const auto alive = handlers.lock();
      if (!alive) return;
      if (problem && alive->problem) alive->problem(*problem);
      if (alive->answer) alive->answer(answers);
    });
  };
  writer_ = std::make_unique<GroupCommit>(std::move(commit), std::move(answer));
}

Result<Journal> SqliteVoteStore::load() {
  return read_journal(reader_);
}

void SqliteVoteStore::on_answer(AnswerHandler handler) {
  handlers_->answer = std::move(handler);
}

void SqliteVoteStore::on_problem(ProblemHandler handler) {
  handlers_->problem = std::move(handler);
}

void SqliteVoteStore::put(JournalEntry entry, std::uint64_t ticket) {
  writer_->put(std::move(entry), ticket);
}

Result<std::vector<ListedVote>> SqliteVoteStore::list(std::uint64_t after, std::size_t limit) {
  return lister_.list(after, limit);
}

}  // namespace halfopen::node
