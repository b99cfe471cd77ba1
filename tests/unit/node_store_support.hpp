// What tests of the store share: signed votes by height, a loop's inbox, a folder of their own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "node/shell/sqlite_vote_store.hpp"

namespace halfopen::node {

inline constexpr std::chrono::seconds kAnswerDeadline{60};

// Key number 1 is the store's own in these tests.
[[nodiscard]] const SigningKey& test_key(std::uint8_t number);
[[nodiscard]] SignedVote vote_at(std::uint64_t height, const SigningKey& key = test_key(1),
                                 std::uint8_t choice = 0);
[[nodiscard]] KeepOwnVote own_vote(std::uint64_t height, std::vector<std::string> owed_to = {});
[[nodiscard]] KeepPeerVote peer_vote(std::uint64_t height, std::uint8_t key_number = 2);
[[nodiscard]] KeepDelivery delivery(std::uint64_t height, const std::string& peer);
[[nodiscard]] std::vector<std::uint64_t> heights_of(const std::vector<KeptVote>& votes);

// Work that other threads post and the test runs: the part of an event loop that a store sees.
class Inbox {
 public:
  [[nodiscard]] VoteStore::Post post() const;
  // Runs what was posted until the condition holds; false when the deadline passes first.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition);
  // What was posted, unrun.
  [[nodiscard]] std::vector<std::function<void()>> take();

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<std::function<void()>> posted;
  };
  // Shared, because a store's thread may post while the inbox goes.
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

// A store with its inbox and all of its answers, in order.
class StoreUser {
 public:
  explicit StoreUser(std::unique_ptr<VoteStore> store, Inbox inbox);
  StoreUser(const StoreUser&) = delete;
  StoreUser& operator=(const StoreUser&) = delete;

  void put(JournalEntry entry);
  // True when all answers came and were good.
  [[nodiscard]] bool put_all(std::vector<JournalEntry> entries);
  [[nodiscard]] bool wait_for_answers();
  [[nodiscard]] const std::vector<StoreAnswer>& answers() const { return answers_; }
  [[nodiscard]] VoteStore& store() { return *store_; }
  [[nodiscard]] Inbox& inbox() { return inbox_; }
  void close() { store_.reset(); }

 private:
  Inbox inbox_;
  std::unique_ptr<VoteStore> store_;
  std::vector<StoreAnswer> answers_;
  std::uint64_t next_ticket_ = 1;
};

// Runs the work in a process of its own and answers its exit code: for what a process can do to
// itself only (limits, namespaces, another user).
[[nodiscard]] int run_in_child(const std::function<int()>& work);

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& parent);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

[[nodiscard]] SqliteStoreSettings test_settings(std::uint64_t retention_votes = 100'000);
[[nodiscard]] Result<std::unique_ptr<SqliteVoteStore>> open_sqlite(
    const std::string& path, const Inbox& inbox,
    const SqliteStoreSettings& settings = test_settings());
// Everything in the file, or a failed test.
[[nodiscard]] Journal load_from(const std::string& path,
                                const SqliteStoreSettings& settings = test_settings());

}  // namespace halfopen::node
