// Votes a second into the store, answered as durable, by how many come at once: what a sync of the
// disk costs, and how far one sync is shared. Run in a folder of the disk in question.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "node/shell/sqlite_journal.hpp"
#include "node/shell/sqlite_vote_store.hpp"

namespace halfopen::node {
namespace {

constexpr std::uint64_t kRetentionVotes = 20'000;

class Folder {
 public:
  Folder() { made_ = ::mkdtemp(path_.data()) != nullptr; }
  ~Folder() {
    if (made_) std::filesystem::remove_all(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return path_ + "/votes"; }

 private:
  std::string path_ = "store_bench_XXXXXX";
  bool made_ = false;
};

const SqliteStoreSettings& settings() {
  static const SqliteStoreSettings made{SigningKey(SigningKey::Seed{}).public_key(), "lab",
                                        kRetentionVotes};
  return made;
}

// A node of four in its steady state: each vote of its own is owed to three, and has been delivered
// to them by the time the one before the last is cast.
void append_round(std::vector<JournalEntry>& entries, std::uint64_t height) {
  Vote vote{.network = "lab", .height = height, .choice = Choice{}, .voter = settings().own_key};
  const VoteId id = id_of(vote);
  vote.height = height - 1;
  const VoteId before = id_of(vote);
  vote.height = height;
  entries.emplace_back(KeepOwnVote{{vote, {}}, id, {"n2", "n3", "n4"}});
  for (const char* peer : {"n2", "n3", "n4"})
    entries.emplace_back(KeepDelivery{peer, before});
}

// Through the thread and back: what a caller waits for.
void put_and_wait(benchmark::State& state) {
  const Folder folder;
  std::mutex mutex;
  std::condition_variable wake;
  std::uint64_t answered = 0;
  auto opened = SqliteVoteStore::open(folder.file(), settings(),
                                      [](const std::function<void()>& work) { work(); });
  if (opened.has_error()) return state.SkipWithError(opened.error().text.c_str());
  SqliteVoteStore& store = **opened;
  store.on_answer([&](std::span<const StoreAnswer> answers) {
    const std::lock_guard lock(mutex);
    answered += answers.size();
    wake.notify_one();
  });
  std::uint64_t height = 0;
  std::uint64_t ticket = 0;
  std::vector<JournalEntry> entries;
  for (auto _ : state) {
    entries.clear();
    for (std::int64_t i = 0; i < state.range(0); ++i)
      append_round(entries, ++height);
    for (JournalEntry& entry : entries)
      store.put(std::move(entry), ++ticket);
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return answered == ticket; });
  }
  const StoreStatistics statistics = store.statistics();
  state.SetItemsProcessed(static_cast<std::int64_t>(height));
  state.counters["votes_per_commit"] =
      static_cast<double>(height) /
      static_cast<double>(std::max<std::uint64_t>(statistics.commits, 1));
}
BENCHMARK(put_and_wait)->Arg(1)->Arg(16)->Arg(256)->UseRealTime();

// Without the thread: one transaction of so many votes.
void commit(benchmark::State& state) {
  const Folder folder;
  const auto lock = StoreLock::take(folder.file());
  auto database = open_store_database(folder.file(), settings().own_key, settings().network);
  if (database.has_error()) return state.SkipWithError(database.error().text.c_str());
  auto journal = SqliteJournal::over(std::move(*database), settings().own_key, kRetentionVotes);
  std::uint64_t height = 0;
  std::vector<JournalEntry> entries;
  for (auto _ : state) {
    entries.clear();
    for (std::int64_t i = 0; i < state.range(0); ++i)
      append_round(entries, ++height);
    if (journal->commit(entries).has_error()) state.SkipWithError("a commit failed");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(height));
}
BENCHMARK(commit)->Arg(1)->Arg(16)->Arg(256)->UseRealTime();

}  // namespace
}  // namespace halfopen::node

BENCHMARK_MAIN();
