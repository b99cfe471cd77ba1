// Where the journal is kept. put() never waits: entries that come together become durable together,
// with one sync of the disk, and the answers come later on the caller's own thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "node/core/journal.hpp"

namespace halfopen::node {

struct ListedVote {
  std::uint64_t sequence = 0;  // rises with every vote, from 1; never used twice
  KeptVote kept;
};

class VoteStore {
 public:
  using AnswerHandler = std::function<void(std::span<const StoreAnswer>)>;
  // Runs the work on the caller's thread, later; may be called from any thread.
  using Post = std::function<void(std::function<void()>)>;

  VoteStore() = default;
  VoteStore(const VoteStore&) = delete;
  VoteStore& operator=(const VoteStore&) = delete;
  // Finishes what was put; answers that were not given yet are not given any more.
  virtual ~VoteStore() = default;

  // Before the first put().
  [[nodiscard]] virtual Result<Journal> load() = 0;
  // Once, before the first put().
  virtual void on_answer(AnswerHandler handler) = 0;
  // Answers come in the order of puts, each once. After a failure the entry is not in the store
  // (and all that were committed together with it are answered as failed too).
  virtual void put(JournalEntry entry, std::uint64_t ticket) = 0;
  // Votes with a larger sequence than `after`, at most `limit`, in order: what is durable now.
  [[nodiscard]] virtual Result<std::vector<ListedVote>> list(std::uint64_t after,
                                                             std::size_t limit) = 0;
};

// For as long as the process lives: for tests and for labs. Invariant: at most `votes_max` votes
// are kept; the oldest go first.
class MemoryVoteStore final : public VoteStore {
 public:
  static constexpr std::size_t kVotesMaxDefault = 1'000'000;

  explicit MemoryVoteStore(Post post, std::size_t votes_max = kVotesMaxDefault)
      : post_(std::move(post)), votes_max_(votes_max) {}
  [[nodiscard]] Result<Journal> load() override { return Journal{}; }
  void on_answer(AnswerHandler handler) override { handler_ = std::move(handler); }
  void put(JournalEntry entry, std::uint64_t ticket) override;
  [[nodiscard]] Result<std::vector<ListedVote>> list(std::uint64_t after,
                                                     std::size_t limit) override;

 private:
  void answer();
  void keep(SignedVote vote, const VoteId& id);

  Post post_;
  AnswerHandler handler_;
  std::vector<StoreAnswer> answers_;
  std::deque<KeptVote> votes_;
  std::uint64_t gone_ = 0;  // votes that were in front of them
  std::size_t votes_max_;
  std::set<VoteId> known_;
  // Posted work may run when this is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace halfopen::node
