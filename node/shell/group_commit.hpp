// One sync of the disk for all that came meanwhile: a queue, and a thread that commits it.
//
// While a commit waits for the disk, further entries gather; the next commit takes all of them. So
// a lone vote waits for one sync, and a thousand at once wait for two, whatever the disk is like.
// Deliveries alone are not worth a sync: whoever loses one sends a vote once too often. They go
// with the next entry that somebody waits for, or when they have waited for long enough.
//
// Invariants: entries are committed and answered in the order of put(); each is answered once;
// what is queued is bounded, and what comes above the bound is answered as not durable, in its
// turn.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "node/core/journal.hpp"
#include "node/shell/vote_store.hpp"

namespace halfopen::node {

// The core has its own bounds (outboxes, votes in flight), which are met first; these are for a
// disk that stands still while hundreds of peers send.
struct GroupCommitLimits {
  std::size_t queued_bytes = std::size_t{64} * 1024 * 1024;
  // Bounds how large a transaction, and with it SQLite's log, can grow.
  std::size_t entries_per_commit = 4'096;
  // How long deliveries wait for company.
  std::chrono::milliseconds patience{50};
};

struct StoreStatistics {
  std::uint64_t commits = 0;          // transactions that became durable
  std::uint64_t entries = 0;          // in those
  std::uint64_t failed_commits = 0;   // their entries were answered as not durable
  std::uint64_t refused_entries = 0;  // the queue was full
  std::size_t queued_bytes = 0;       // put and not answered
  Duration last_commit{0};            // how long the last durable one took
};

class GroupCommit {
 public:
  using Commit = std::function<Result<void>(std::span<const JournalEntry>)>;
  // The problem is what made them fail, if something did.
  using Answer = std::function<void(std::vector<StoreAnswer>, std::optional<Problem>)>;

  // Both are called on the thread that this owns.
  GroupCommit(Commit commit, Answer answer, GroupCommitLimits limits = {});
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;
  // Commits what is queued, then ends the thread.
  ~GroupCommit();

  void put(JournalEntry entry, std::uint64_t ticket);
  [[nodiscard]] StoreStatistics statistics() const;

 private:
  struct Ticket {
    std::uint64_t ticket = 0;
    bool is_refused = false;  // it has no entry
  };
  struct Queue {
    std::vector<JournalEntry> entries;
    std::vector<Ticket> tickets;
    bool is_urgent = false;  // somebody waits for one of them
  };

  void run();
  void commit_all(const Queue& queue);
  void note(const Result<void>& done, std::span<const JournalEntry> entries, Duration took);

  const Commit commit_;
  const Answer answer_;
  const GroupCommitLimits limits_;
  mutable std::mutex mutex_;  // over what follows
  std::condition_variable wake_;
  Queue queue_;
  StoreStatistics statistics_;
  bool is_ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace halfopen::node
