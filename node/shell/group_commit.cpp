#include "node/shell/group_commit.hpp"

#include <algorithm>
#include <utility>

#include "metrics/clock.hpp"

namespace halfopen::node {
namespace {

// What an entry holds in memory, roughly: the bound is a guard, not an account.
std::size_t bytes_of(const JournalEntry& entry) {
  std::size_t bytes = sizeof(entry);
  if (const auto* own = std::get_if<KeepOwnVote>(&entry)) {
    for (const std::string& peer : own->owed_to)
      bytes += sizeof(peer) + peer.size();
  }
  return bytes;
}

}  // namespace

GroupCommit::GroupCommit(Commit commit, Answer answer, GroupCommitLimits limits)
    : commit_(std::move(commit)),
      answer_(std::move(answer)),
      limits_(limits),
      thread_([this] { run(); }) {}

GroupCommit::~GroupCommit() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void GroupCommit::put(JournalEntry entry, std::uint64_t ticket) {
  const std::size_t bytes = bytes_of(entry);
  const bool is_delivery = std::holds_alternative<KeepDelivery>(entry);
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    const bool is_refused = statistics_.queued_bytes + bytes > limits_.queued_bytes;
    queue_.tickets.push_back({ticket, is_refused});
    if (is_refused) {
      ++statistics_.refused_entries;
    } else {
      statistics_.queued_bytes += bytes;
      queue_.entries.push_back(std::move(entry));
    }
    if (!is_delivery || is_refused || queue_.entries.size() >= limits_.entries_per_commit) {
      queue_.is_urgent = true;
    }
    // The first of all wakes the thread to be patient from now on.
    wakes = queue_.is_urgent || queue_.tickets.size() == 1;
  }
  if (wakes) wake_.notify_one();
}

StoreStatistics GroupCommit::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

void GroupCommit::run() {
  Queue taken;  // swapped with the queue, so that both keep their memory
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return !queue_.tickets.empty() || is_ending_; });
      if (queue_.tickets.empty()) return;
      wake_.wait_for(lock, limits_.patience, [&] { return queue_.is_urgent || is_ending_; });
      std::swap(taken, queue_);
    }
    commit_all(taken);
    taken.entries.clear();
    taken.tickets.clear();
    taken.is_urgent = false;
  }
}

void GroupCommit::commit_all(const Queue& queue) {
  std::span<const JournalEntry> rest(queue.entries);
  auto ticket = queue.tickets.begin();
  while (ticket != queue.tickets.end()) {
    const auto entries = rest.first(std::min(rest.size(), limits_.entries_per_commit));
    rest = rest.subspan(entries.size());
    Result<void> done;
    if (!entries.empty()) {
      const Instant begin = monotonic_now();
      done = commit_(entries);
      note(done, entries, monotonic_now() - begin);
    }
    std::vector<StoreAnswer> answers;
    std::optional<Problem> problem;
    if (done.has_error()) problem = done.error();
    // The tickets up to the next entry that was not in this commit.
    for (std::size_t answered = 0; ticket != queue.tickets.end(); ++ticket) {
      if (!ticket->is_refused && answered++ == entries.size()) break;
      answers.push_back({ticket->ticket, !ticket->is_refused && done.has_value()});
      if (ticket->is_refused && !problem) problem = Problem{"the store's queue is full"};
    }
    answer_(std::move(answers), std::move(problem));
  }
}

void GroupCommit::note(const Result<void>& done, std::span<const JournalEntry> entries,
                       Duration took) {
  std::size_t bytes = 0;
  for (const JournalEntry& entry : entries)
    bytes += bytes_of(entry);
  const std::lock_guard lock(mutex_);
  statistics_.queued_bytes -= bytes;
  if (done.has_error()) {
    ++statistics_.failed_commits;
    return;
  }
  ++statistics_.commits;
  statistics_.entries += entries.size();
  statistics_.last_commit = took;
}

}  // namespace halfopen::node
