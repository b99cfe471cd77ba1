// An answer means that the disk was told to keep it. The test stands in for the system's sync
// calls, which SQLite finds here first: it counts them, and makes them fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "node_store_support.hpp"

namespace {

std::atomic<int> synced = 0;
std::atomic<bool> sync_fails = false;
std::atomic<bool> sync_waits = false;

int sync_by(long call, int descriptor) {
  sync_waits.wait(true);
  if (sync_fails) {
    errno = EIO;
    return -1;
  }
  ++synced;
  return static_cast<int>(::syscall(call, descriptor));
}

}  // namespace

extern "C" int fsync(int descriptor) {
  return sync_by(SYS_fsync, descriptor);
}
extern "C" int fdatasync(int descriptor) {
  return sync_by(SYS_fdatasync, descriptor);
}

namespace halfopen::node {
namespace {

using ::testing::ElementsAre;

class NodeStoreSync : public ::testing::Test {
 protected:
  NodeStoreSync() {
    Inbox inbox;
    auto opened = open_sqlite(path_, inbox);
    opened.value()->on_problem(
        [this](const Problem& problem) { problems_.push_back(problem.text); });
    user_ = std::make_unique<StoreUser>(std::move(*opened), inbox);
  }

  TemporaryFolder folder_{::testing::TempDir()};
  std::string path_ = folder_.file("votes");
  std::vector<std::string> problems_;
  std::unique_ptr<StoreUser> user_;
};

TEST_F(NodeStoreSync, EachCommitIsSyncedBeforeItsAnswer) {
  for (std::uint64_t height = 1; height <= 5; ++height) {
    const int before = synced;
    ASSERT_TRUE(user_->put_all({own_vote(height)}));
    EXPECT_GE(synced - before, 1);
  }
}

TEST_F(NodeStoreSync, WhatComesDuringASyncSharesTheNext) {
  ASSERT_TRUE(user_->put_all({own_vote(1)}));
  const int before = synced;
  sync_waits = true;
  for (std::uint64_t height = 2; height <= 1'001; ++height)
    user_->put(own_vote(height));
  sync_waits = false;
  sync_waits.notify_all();
  ASSERT_TRUE(user_->wait_for_answers());
  EXPECT_LE(synced - before, 2);
}

TEST_F(NodeStoreSync, AFailedSyncIsNoDurableVoteAndTheNextIsTriedAgain) {
  ASSERT_TRUE(user_->put_all({own_vote(1)}));
  sync_fails = true;
  EXPECT_FALSE(user_->put_all({own_vote(2, {"n2"})}));
  EXPECT_FALSE(user_->put_all({own_vote(4)}));
  sync_fails = false;
  EXPECT_TRUE(user_->put_all({own_vote(3)}));
  // A row of failures is told once.
  EXPECT_THAT(problems_, ElementsAre(::testing::HasSubstr("disk I/O error")));
  user_->close();
  const Journal journal = load_from(path_);
  EXPECT_THAT(heights_of(journal.votes), ElementsAre(1, 3));
  EXPECT_TRUE(journal.owed.empty());
}

}  // namespace
}  // namespace halfopen::node
