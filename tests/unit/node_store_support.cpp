#include "node_store_support.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

namespace halfopen::node {

const SigningKey& test_key(std::uint8_t number) {
  static const auto keys = [] {
    std::vector<SigningKey> made;
    for (std::uint8_t i = 0; i < 4; ++i) {
      SigningKey::Seed seed{};
      seed[0] = i;
      made.emplace_back(seed);
    }
    return made;
  }();
  return keys.at(number);
}

SignedVote vote_at(std::uint64_t height, const SigningKey& key, std::uint8_t choice) {
  std::array<std::uint8_t, Choice::kSize> bytes{};
  bytes[0] = choice;
  // Every third one is nil, so that both shapes are everywhere.
  const auto chosen = height % 3 == 0 ? std::nullopt : std::optional<Choice>(Choice{bytes});
  return sign({.network = "lab",
               .height = height,
               .round = 7,
               .kind = height % 2 == 0 ? VoteKind::kPrevote : VoteKind::kPrecommit,
               .choice = chosen,
               .voter = key.public_key(),
               .time_milliseconds = 5},
              key);
}

KeepOwnVote own_vote(std::uint64_t height, std::vector<std::string> owed_to) {
  SignedVote vote = vote_at(height);
  const VoteId id = id_of(vote.vote);
  return {std::move(vote), id, std::move(owed_to)};
}

KeepPeerVote peer_vote(std::uint64_t height, std::uint8_t key_number) {
  SignedVote vote = vote_at(height, test_key(key_number));
  const VoteId id = id_of(vote.vote);
  return {std::move(vote), id};
}

KeepDelivery delivery(std::uint64_t height, const std::string& peer) {
  return {peer, id_of(vote_at(height).vote)};
}

std::vector<std::uint64_t> heights_of(const std::vector<KeptVote>& votes) {
  std::vector<std::uint64_t> heights;
  for (const KeptVote& kept : votes)
    heights.push_back(kept.vote.vote.height);
  return heights;
}

VoteStore::Post Inbox::post() const {
  return [shared = shared_](std::function<void()> work) {
    {
      const std::lock_guard lock(shared->mutex);
      shared->posted.push_back(std::move(work));
    }
    shared->wake.notify_one();
  };
}

std::vector<std::function<void()>> Inbox::take() {
  const std::lock_guard lock(shared_->mutex);
  return std::exchange(shared_->posted, {});
}

bool Inbox::run_until(const std::function<bool()>& condition) {
  while (!condition()) {
    {
      std::unique_lock lock(shared_->mutex);
      if (!shared_->wake.wait_for(lock, kAnswerDeadline, [&] { return !shared_->posted.empty(); }))
        return false;
    }
    for (const auto& work : take())
      work();
  }
  return true;
}

StoreUser::StoreUser(std::unique_ptr<VoteStore> store, Inbox inbox)
    : inbox_(std::move(inbox)), store_(std::move(store)) {
  store_->on_answer([this](std::span<const StoreAnswer> answers) {
    answers_.insert(answers_.end(), answers.begin(), answers.end());
  });
}

void StoreUser::put(JournalEntry entry) {
  store_->put(std::move(entry), next_ticket_++);
}

bool StoreUser::wait_for_answers() {
  return inbox_.run_until([&] { return answers_.size() + 1 == next_ticket_; });
}

bool StoreUser::put_all(std::vector<JournalEntry> entries) {
  const std::size_t before = answers_.size();
  for (JournalEntry& entry : entries)
    put(std::move(entry));
  if (!wait_for_answers()) return false;
  for (std::size_t i = before; i < answers_.size(); ++i) {
    if (!answers_[i].is_durable) return false;
  }
  return true;
}

int run_in_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TemporaryFolder::TemporaryFolder(const std::string& parent) {
  std::string pattern = parent + "/node_store_XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "cannot make a folder in " << parent;
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::filesystem::remove_all(path_);
}

SqliteStoreSettings test_settings(std::uint64_t retention_votes) {
  return {test_key(1).public_key(), "lab", retention_votes};
}

Result<std::unique_ptr<SqliteVoteStore>> open_sqlite(const std::string& path, const Inbox& inbox,
                                                     const SqliteStoreSettings& settings) {
  return SqliteVoteStore::open(path, settings, inbox.post());
}

Journal load_from(const std::string& path, const SqliteStoreSettings& settings) {
  const Inbox inbox;
  const auto store = open_sqlite(path, inbox, settings);
  if (store.has_error()) {
    ADD_FAILURE() << store.error().text;
    return {};
  }
  auto journal = (*store)->load();
  if (journal.has_error()) {
    ADD_FAILURE() << journal.error().text;
    return {};
  }
  return std::move(*journal);
}

}  // namespace halfopen::node
