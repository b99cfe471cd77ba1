// What a store file gives back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "node_store_support.hpp"

namespace halfopen::node {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NodeStoreFile : public ::testing::Test {
 protected:
  [[nodiscard]] StoreUser open() const {
    Inbox inbox;
    auto store = open_sqlite(path_, inbox);
    return StoreUser(std::move(store.value()), inbox);
  }
  [[nodiscard]] Journal load() const { return load_from(path_); }

  TemporaryFolder folder_{::testing::TempDir()};
  std::string path_ = folder_.file("votes");
};

VoteId own_id(std::uint64_t height) {
  return id_of(vote_at(height).vote);
}

TEST_F(NodeStoreFile, ANewStoreIsEmpty) {
  const Journal journal = load();
  EXPECT_THAT(journal.votes, IsEmpty());
  EXPECT_THAT(journal.owed, IsEmpty());
  EXPECT_THAT(journal.evidence, IsEmpty());
  EXPECT_FALSE(journal.forgotten_up_to.has_value());
}

TEST_F(NodeStoreFile, VotesComeBackWholeAndInOrder) {
  const std::uint64_t highest = ~std::uint64_t{0};
  ASSERT_TRUE(open().put_all({own_vote(5), peer_vote(2), own_vote(highest), own_vote(3)}));
  const Journal journal = load();
  ASSERT_THAT(heights_of(journal.votes), ElementsAre(5, 2, highest, 3));
  EXPECT_EQ(journal.votes[0].vote, vote_at(5));
  EXPECT_EQ(journal.votes[1].vote, vote_at(2, test_key(2)));
  EXPECT_EQ(journal.votes[2].vote, vote_at(highest));
  EXPECT_EQ(journal.votes[3].vote, vote_at(3));
  EXPECT_EQ(journal.votes[3].id, own_id(3));
}

TEST_F(NodeStoreFile, AVoteIsOwedUntilItsPeerHasIt) {
  ASSERT_TRUE(open().put_all({own_vote(2, {"n2", "n3"}), own_vote(1, {"n2", "n3"}),
                              delivery(2, "n2"), delivery(1, "n4"), delivery(9, "n2")}));
  const Journal journal = load();
  ASSERT_THAT(journal.owed, SizeIs(2));
  EXPECT_THAT(journal.owed.at("n2"), ElementsAre(own_id(1)));
  EXPECT_THAT(journal.owed.at("n3"), ElementsAre(own_id(2), own_id(1)));
}

TEST_F(NodeStoreFile, NothingIsOwedToAForgottenPeer) {
  ASSERT_TRUE(open().put_all({own_vote(1, {"n2", "n3"}), ForgetPeer{"n2"}, own_vote(2, {"n3"})}));
  const Journal journal = load();
  EXPECT_THAT(journal.owed, SizeIs(1));
  EXPECT_THAT(journal.owed.at("n3"), SizeIs(2));
}

TEST_F(NodeStoreFile, EvidenceIsKeptOnceAPair) {
  const Equivocation proof{vote_at(1, test_key(2), 1), vote_at(1, test_key(2), 2)};
  const Equivocation mirrored{proof.second, proof.first};
  const Equivocation other{vote_at(2, test_key(2), 1), vote_at(2, test_key(2), 2)};
  ASSERT_TRUE(open().put_all({KeepEvidence{proof}, KeepEvidence{mirrored}, KeepEvidence{other}}));
  ASSERT_TRUE(open().put_all({KeepEvidence{proof}}));
  EXPECT_THAT(load().evidence, ElementsAre(proof, other));
}

TEST_F(NodeStoreFile, TheEndFinishesWhatWasPut) {
  {
    StoreUser user = open();
    for (std::uint64_t height = 1; height <= 300; ++height)
      user.put(own_vote(height));
  }
  EXPECT_THAT(load().votes, SizeIs(300));
}

TEST_F(NodeStoreFile, SequencesGoOnAfterAStart) {
  ASSERT_TRUE(open().put_all({own_vote(1), own_vote(2)}));
  StoreUser user = open();
  ASSERT_TRUE(user.put_all({own_vote(3)}));
  const auto listed = user.store().list(2, 10);
  ASSERT_TRUE(listed.has_value());
  ASSERT_THAT(*listed, SizeIs(1));
  EXPECT_EQ(listed->front().sequence, 3U);
  EXPECT_EQ(listed->front().kept.vote, vote_at(3));
}

TEST_F(NodeStoreFile, ItIsReadableByItsOwnerAlone) {
  StoreUser user = open();
  ASSERT_TRUE(user.put_all({own_vote(1)}));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3);  // with SQLite's log and its index
}

TEST_F(NodeStoreFile, AGoodEndLeavesOneFile) {
  ASSERT_TRUE(open().put_all({own_vote(1)}));
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
}

TEST_F(NodeStoreFile, ACommitIsSyncedAndCounted) {
  Inbox inbox;
  auto opened = open_sqlite(path_, inbox);
  SqliteVoteStore& store = **opened;
  StoreUser user(std::move(*opened), inbox);
  ASSERT_TRUE(user.put_all({own_vote(1)}));
  ASSERT_TRUE(user.put_all({own_vote(2), delivery(1, "n2")}));
  EXPECT_GE(store.statistics().commits, 2U);
  EXPECT_EQ(store.statistics().entries, 3U);
  EXPECT_GT(store.statistics().last_commit, Duration{0});
}

}  // namespace
}  // namespace halfopen::node
