// What a store lets go, and that it stays bounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "node_store_support.hpp"

namespace halfopen::node {
namespace {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

class NodeStoreRetention : public ::testing::Test {
 protected:
  [[nodiscard]] StoreUser open(std::uint64_t retention) const {
    Inbox inbox;
    auto store = open_sqlite(path_, inbox, test_settings(retention));
    return StoreUser(std::move(store.value()), inbox);
  }
  [[nodiscard]] Journal load(std::uint64_t retention) const {
    return load_from(path_, test_settings(retention));
  }
  [[nodiscard]] std::uintmax_t bytes_on_disk() const {
    std::uintmax_t bytes = 0;
    for (const char* suffix : {"", "-wal"}) {
      std::error_code absent;
      const auto size = std::filesystem::file_size(path_ + suffix, absent);
      if (!absent) bytes += size;
    }
    return bytes;
  }

  // In memory where there is such a place: the bound has nothing to do with a disk.
  TemporaryFolder folder_{::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ::testing::TempDir()};
  std::string path_ = folder_.file("votes");
};

std::vector<JournalEntry> own_votes(std::uint64_t first, std::uint64_t last) {
  std::vector<JournalEntry> entries;
  for (std::uint64_t height = first; height <= last; ++height)
    entries.emplace_back(own_vote(height));
  return entries;
}

// What guards against signing twice: each own vote is there, or the mark is at its slot or above.
void expect_guarded(const Journal& journal, std::uint64_t last_height) {
  const auto heights = heights_of(journal.votes);
  for (std::uint64_t height = 1; height <= last_height; ++height) {
    const bool is_kept = std::find(heights.begin(), heights.end(), height) != heights.end();
    const bool is_marked =
        journal.forgotten_up_to && slot_of(vote_at(height).vote) <= *journal.forgotten_up_to;
    EXPECT_TRUE(is_kept || is_marked) << height;
  }
}

TEST_F(NodeStoreRetention, TheNewestStayAndTheMarkRises) {
  ASSERT_TRUE(open(100).put_all(own_votes(1, 1'000)));
  const Journal journal = load(100);
  ASSERT_THAT(journal.votes, SizeIs(100));
  EXPECT_EQ(journal.votes.front().vote, vote_at(901));
  EXPECT_EQ(journal.votes.back().vote, vote_at(1'000));
  EXPECT_EQ(journal.forgotten_up_to, slot_of(vote_at(900).vote));
}

TEST_F(NodeStoreRetention, WhatIsOwedStaysHoweverOldItIs) {
  StoreUser user = open(10);
  ASSERT_TRUE(user.put_all({own_vote(1, {"n2"}), own_vote(2, {"n2", "n3"})}));
  ASSERT_TRUE(user.put_all(own_votes(3, 500)));
  ASSERT_TRUE(user.put_all({delivery(2, "n2")}));
  user.close();
  Journal journal = load(10);
  EXPECT_THAT(journal.votes, SizeIs(12));
  EXPECT_THAT(journal.owed.at("n2"), ElementsAre(id_of(vote_at(1).vote)));
  EXPECT_THAT(journal.owed.at("n3"), ElementsAre(id_of(vote_at(2).vote)));
  expect_guarded(journal, 500);

  ASSERT_TRUE(open(10).put_all({delivery(1, "n2"), ForgetPeer{"n3"}}));
  EXPECT_THAT(load(10).votes, SizeIs(10));
}

TEST_F(NodeStoreRetention, VotesGoWhileTheStoreIsOpen) {
  StoreUser user = open(100);
  for (std::uint64_t height = 1; height <= 2'000; height += 10)
    ASSERT_TRUE(user.put_all(own_votes(height, height + 9)));
  EXPECT_THAT(user.store().list(0, 10'000).value(), SizeIs(Le(100U + 16U + 10U)));
}

TEST_F(NodeStoreRetention, NoVoterPushesOutAnothersVotes) {
  std::vector<JournalEntry> entries;
  for (std::uint64_t height = 1; height <= 5; ++height)
    entries.emplace_back(own_vote(height));
  for (std::uint64_t height = 1; height <= 300; ++height)
    entries.emplace_back(peer_vote(height));
  ASSERT_TRUE(open(10).put_all(std::move(entries)));
  const Journal journal = load(10);
  ASSERT_THAT(journal.votes, SizeIs(5 + 10));
  EXPECT_EQ(journal.votes[4].vote, vote_at(5));
  EXPECT_EQ(journal.votes[5].vote, vote_at(291, test_key(2)));
  EXPECT_FALSE(journal.forgotten_up_to.has_value());
}

TEST_F(NodeStoreRetention, AnOldSlotThatGoesLateDoesNotLowerTheMark) {
  ASSERT_TRUE(open(10).put_all(own_votes(1'000, 1'100)));
  ASSERT_TRUE(open(10).put_all(own_votes(1, 100)));
  EXPECT_EQ(load(10).forgotten_up_to, slot_of(vote_at(1'100).vote));
}

TEST_F(NodeStoreRetention, HeightsAboveAllSignedNumbersAreOrderedAsWhatTheyAre) {
  const std::uint64_t high = std::uint64_t{1} << 63U;
  ASSERT_TRUE(open(1).put_all({own_vote(high + 1), own_vote(5), own_vote(6)}));
  EXPECT_EQ(load(1).forgotten_up_to, slot_of(vote_at(high + 1).vote));
}

TEST_F(NodeStoreRetention, ALowerBoundTakesEffectAtTheNextStart) {
  ASSERT_TRUE(open(10'000).put_all(own_votes(1, 3'000)));
  ASSERT_THAT(load(10'000).votes, SizeIs(3'000));
  const Journal journal = load(50);
  EXPECT_THAT(journal.votes, SizeIs(50));
  expect_guarded(journal, 3'000);
}

TEST_F(NodeStoreRetention, AFailedCleanUpTakesItsCommitBackAndNoMore) {
  StoreUser user = open(10);
  ASSERT_TRUE(user.put_all(own_votes(1, 10)));
  auto database = SqliteDatabase::open(path_, SqliteDatabase::Mode::kReadWrite, kAnswerDeadline);
  ASSERT_TRUE(database.has_value());
  // No vote has such a kind, so letting it go finds damage.
  ASSERT_TRUE(database->run("UPDATE votes SET kind = kind + 2 WHERE sequence = 1").has_value());
  EXPECT_FALSE(user.put_all(own_votes(11, 110)));
  ASSERT_TRUE(database->run("UPDATE votes SET kind = kind - 2 WHERE sequence = 1").has_value());
  EXPECT_TRUE(user.put_all(own_votes(111, 210)));
  user.close();
  expect_guarded(load(10), 10);
}

TEST_F(NodeStoreRetention, TheFilesStayBounded) {
  constexpr std::uint64_t kRetention = 5'000;
  constexpr std::uint64_t kVotes = 200'000;
  constexpr std::uint64_t kStep = 2'000;
  // 6,000 votes by 350 bytes, the log's bound, and half as much for what is under way. All votes
  // together would be five times as much.
  constexpr std::uintmax_t kBytesMax = 2'100'000 + kLogBytesMax + kLogBytesMax / 2;
  StoreUser user = open(kRetention);
  Vote vote = vote_at(1, test_key(2)).vote;
  std::uintmax_t most = 0;
  for (std::uint64_t first = 1; first <= kVotes; first += kStep) {
    std::vector<JournalEntry> entries;
    for (vote.height = first; vote.height < first + kStep; ++vote.height)
      entries.emplace_back(KeepPeerVote{{vote, {}}, id_of(vote)});
    ASSERT_TRUE(user.put_all(std::move(entries)));
    most = std::max(most, bytes_on_disk());
  }
  RecordProperty("most_bytes", std::to_string(most));
  EXPECT_LT(most, kBytesMax);
  const auto listed = user.store().list(0, kVotes);
  ASSERT_TRUE(listed.has_value());
  EXPECT_THAT(*listed, SizeIs(Ge(kRetention)));
  EXPECT_EQ(listed->back().sequence, kVotes);
  EXPECT_LE(listed->size(), kRetention + kStep + 1'024);
}

}  // namespace
}  // namespace halfopen::node
