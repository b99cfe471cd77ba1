// What every VoteStore promises, asked of both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node_store_support.hpp"

namespace halfopen::node {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Memory {
  StoreUser open() const {
    Inbox inbox;
    return StoreUser(std::make_unique<MemoryVoteStore>(inbox.post()), inbox);
  }
};

struct Sqlite {
  StoreUser open() const {
    Inbox inbox;
    auto store = open_sqlite(folder->file("votes"), inbox);
    return StoreUser(std::move(store.value()), inbox);
  }
  std::unique_ptr<TemporaryFolder> folder = std::make_unique<TemporaryFolder>(::testing::TempDir());
};

template <class Kind>
class NodeStoreContract : public ::testing::Test {
 protected:
  Kind kind_;
};

using Kinds = ::testing::Types<Memory, Sqlite>;
struct KindName {
  template <class Kind>
  static std::string GetName(int) {
    return std::is_same_v<Kind, Memory> ? "Memory" : "Sqlite";
  }
};
TYPED_TEST_SUITE(NodeStoreContract, Kinds, KindName);

std::vector<std::uint64_t> sequences_of(const std::vector<ListedVote>& listed) {
  std::vector<std::uint64_t> sequences;
  for (const ListedVote& vote : listed)
    sequences.push_back(vote.sequence);
  return sequences;
}

TYPED_TEST(NodeStoreContract, EachPutIsAnsweredOnceAndInOrder) {
  StoreUser user = this->kind_.open();
  constexpr std::uint64_t kCount = 500;
  for (std::uint64_t height = 1; height <= kCount; ++height) {
    user.put(own_vote(height, {"n2"}));
    user.put(delivery(height, "n2"));
  }
  ASSERT_TRUE(user.wait_for_answers());
  ASSERT_EQ(user.answers().size(), 2 * kCount);
  for (std::size_t i = 0; i < user.answers().size(); ++i) {
    EXPECT_EQ(user.answers()[i].ticket, i + 1);
    EXPECT_TRUE(user.answers()[i].is_durable);
  }
}

TYPED_TEST(NodeStoreContract, NoAnswerComesWithinPut) {
  StoreUser user = this->kind_.open();
  user.put(own_vote(1));
  EXPECT_THAT(user.answers(), IsEmpty());
  EXPECT_TRUE(user.wait_for_answers());
}

TYPED_TEST(NodeStoreContract, VotesAreListedInTheOrderOfTheirComingPageByPage) {
  StoreUser user = this->kind_.open();
  ASSERT_TRUE(user.put_all({own_vote(9), peer_vote(3), own_vote(4), peer_vote(8)}));
  const auto first = user.store().list(0, 3);
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(sequences_of(*first), ElementsAre(1, 2, 3));
  EXPECT_EQ(first->at(0).kept.vote, vote_at(9));
  EXPECT_EQ(first->at(0).kept.id, id_of(vote_at(9).vote));
  EXPECT_EQ(first->at(1).kept.vote, vote_at(3, test_key(2)));
  const auto second = user.store().list(3, 3);
  ASSERT_TRUE(second.has_value());
  EXPECT_THAT(sequences_of(*second), ElementsAre(4));
  EXPECT_THAT(user.store().list(4, 3).value(), IsEmpty());
  EXPECT_THAT(user.store().list(~std::uint64_t{0}, ~std::size_t{0}).value(), IsEmpty());
}

TYPED_TEST(NodeStoreContract, AKnownVoteIsKeptOnceAndNoError) {
  StoreUser user = this->kind_.open();
  ASSERT_TRUE(user.put_all({peer_vote(1), own_vote(1), peer_vote(1), own_vote(1), peer_vote(2)}));
  EXPECT_THAT(sequences_of(user.store().list(0, 10).value()), ElementsAre(1, 2, 3));
}

TEST(NodeMemoryStore, TheOldestVotesGoAndSequencesGoOn) {
  Inbox inbox;
  StoreUser user(std::make_unique<MemoryVoteStore>(inbox.post(), 2), inbox);
  ASSERT_TRUE(user.put_all({own_vote(1), own_vote(2), own_vote(2), own_vote(3)}));
  EXPECT_THAT(sequences_of(user.store().list(0, 10).value()), ElementsAre(2, 3));
  EXPECT_THAT(sequences_of(user.store().list(2, 10).value()), ElementsAre(3));
  EXPECT_THAT(user.store().list(~std::uint64_t{0}, 1).value(), IsEmpty());
  ASSERT_TRUE(user.put_all({own_vote(1)}));
  EXPECT_THAT(sequences_of(user.store().list(0, 1).value()), ElementsAre(3)) << "one at a time";
  EXPECT_THAT(sequences_of(user.store().list(3, 1).value()), ElementsAre(4));
}

TYPED_TEST(NodeStoreContract, AnswersThatWereNotGivenAreNotGivenToADeadUser) {
  std::vector<std::function<void()>> late;
  {
    StoreUser user = this->kind_.open();
    user.put(own_vote(1));
    Inbox inbox = user.inbox();
    user.close();
    late = inbox.take();
    EXPECT_THAT(user.answers(), IsEmpty());
  }
  for (const auto& work : late)
    work();  // touches neither the store nor its user
}

}  // namespace
}  // namespace halfopen::node
