#include "node/shell/group_commit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <semaphore>

#include "node_store_support.hpp"
#include "tests/support/wait_until.hpp"

namespace halfopen::node {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// A disk that waits for the test's word at each commit.
class NodeGroupCommit : public ::testing::Test {
 protected:
  GroupCommit::Commit slow_disk() {
    return [this](std::span<const JournalEntry> entries) -> Result<void> {
      begun_.release();
      may_end_.acquire();
      sizes_.push_back(entries.size());
      if (fails_) return Problem{"no disk"};
      return {};
    };
  }
  GroupCommit::Answer to_answers() {
    return [this](std::vector<StoreAnswer> answers, const std::optional<Problem>& problem) {
      answers_.insert(answers_.end(), answers.begin(), answers.end());
      problems_.push_back(problem ? problem->text : "");
    };
  }
  [[nodiscard]] std::vector<std::uint64_t> tickets() const {
    std::vector<std::uint64_t> tickets;
    for (const StoreAnswer& answer : answers_)
      tickets.push_back(answer.ticket);
    return tickets;
  }
  [[nodiscard]] std::vector<bool> durable() const {
    std::vector<bool> durable;
    for (const StoreAnswer& answer : answers_)
      durable.push_back(answer.is_durable);
    return durable;
  }

  std::counting_semaphore<> begun_{0};
  std::counting_semaphore<> may_end_{0};
  bool fails_ = false;  // set while no commit runs
  // Written by the writer's thread, read after it ended.
  std::vector<std::size_t> sizes_;
  std::vector<StoreAnswer> answers_;
  std::vector<std::string> problems_;
};

TEST_F(NodeGroupCommit, WhatComesDuringACommitSharesTheNext) {
  {
    GroupCommit writer(slow_disk(), to_answers());
    writer.put(ForgetPeer{"n2"}, 1);
    begun_.acquire();
    for (std::uint64_t ticket = 2; ticket <= 100; ++ticket)
      writer.put(ForgetPeer{"n2"}, ticket);
    may_end_.release();
    begun_.acquire();  // The second has begun, so the first is counted.
    EXPECT_EQ(writer.statistics().commits, 1U);
    EXPECT_EQ(writer.statistics().entries, 1U);
    may_end_.release();
  }
  EXPECT_THAT(sizes_, ElementsAre(1, 99));
  ASSERT_THAT(answers_, SizeIs(100));
  for (std::size_t i = 0; i < answers_.size(); ++i)
    EXPECT_EQ(answers_[i].ticket, i + 1);
}

TEST_F(NodeGroupCommit, ATransactionIsBounded) {
  {
    GroupCommit writer(slow_disk(), to_answers(), {.entries_per_commit = 3});
    writer.put(ForgetPeer{"n2"}, 1);
    begun_.acquire();
    for (std::uint64_t ticket = 2; ticket <= 8; ++ticket)
      writer.put(ForgetPeer{"n2"}, ticket);
    may_end_.release(4);
  }
  EXPECT_THAT(sizes_, ElementsAre(1, 3, 3, 1));
  EXPECT_THAT(tickets(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(NodeGroupCommit, DeliveriesGoWithTheNextThatSomebodyWaitsFor) {
  may_end_.release(10);
  {
    GroupCommit writer(slow_disk(), to_answers(), {.patience = std::chrono::hours(1)});
    for (std::uint64_t ticket = 1; ticket <= 5; ++ticket)
      writer.put(KeepDelivery{"n2", {}}, ticket);
    writer.put(ForgetPeer{"n2"}, 6);
    begun_.acquire();
    writer.put(KeepDelivery{"n2", {}}, 7);
  }  // The end does not wait for an hour either.
  EXPECT_THAT(sizes_, ElementsAre(6, 1));
  EXPECT_THAT(tickets(), ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(NodeGroupCommit, DeliveriesWaitNoLongerThanTheyMay) {
  may_end_.release(10);
  GroupCommit writer(slow_disk(), to_answers(), {.patience = std::chrono::milliseconds(1)});
  writer.put(KeepDelivery{"n2", {}}, 1);
  EXPECT_TRUE(test::wait_until([&] { return writer.statistics().commits == 1; }, kAnswerDeadline));
}

TEST_F(NodeGroupCommit, ACommitFullOfDeliveriesDoesNotWait) {
  may_end_.release(10);
  GroupCommit writer(slow_disk(), to_answers(),
                     {.entries_per_commit = 3, .patience = std::chrono::hours(1)});
  for (std::uint64_t ticket = 1; ticket <= 3; ++ticket)
    writer.put(KeepDelivery{"n2", {}}, ticket);
  EXPECT_TRUE(test::wait_until([&] { return writer.statistics().commits == 1; }, kAnswerDeadline));
}

TEST_F(NodeGroupCommit, AFailureIsOfItsOwnCommitAndTheNextIsTriedAgain) {
  {
    GroupCommit writer(slow_disk(), to_answers());
    writer.put(ForgetPeer{"n2"}, 1);
    begun_.acquire();
    fails_ = true;
    may_end_.release();
    EXPECT_TRUE(
        test::wait_until([&] { return writer.statistics().failed_commits == 1; }, kAnswerDeadline));
    fails_ = false;
    writer.put(ForgetPeer{"n2"}, 2);
    may_end_.release();
  }
  EXPECT_THAT(tickets(), ElementsAre(1, 2));
  EXPECT_THAT(durable(), ElementsAre(false, true));
  EXPECT_THAT(problems_, ElementsAre("no disk", ""));
}

TEST_F(NodeGroupCommit, AFullQueueRefusesInTurnAndTakesAgainWhenThereIsRoom) {
  {
    GroupCommit writer(slow_disk(), to_answers(), {.queued_bytes = 2 * sizeof(JournalEntry)});
    for (std::uint64_t ticket = 1; ticket <= 4; ++ticket)
      writer.put(ForgetPeer{"n2"}, ticket);
    EXPECT_EQ(writer.statistics().refused_entries, 2U);
    may_end_.release(2);
    EXPECT_TRUE(
        test::wait_until([&] { return writer.statistics().queued_bytes == 0; }, kAnswerDeadline));
    writer.put(ForgetPeer{"n2"}, 5);
    may_end_.release();
  }
  EXPECT_THAT(tickets(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(durable(), ElementsAre(true, true, false, false, true));
}

TEST_F(NodeGroupCommit, TheEndFinishesWhatWasPut) {
  may_end_.release(10);
  {
    GroupCommit writer(slow_disk(), to_answers(), {.entries_per_commit = 10});
    for (std::uint64_t ticket = 1; ticket <= 50; ++ticket)
      writer.put(ForgetPeer{"n2"}, ticket);
    may_end_.release(50);
  }
  EXPECT_THAT(answers_, SizeIs(50));
}

}  // namespace
}  // namespace halfopen::node
