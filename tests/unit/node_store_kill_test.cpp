// kill -9 at any moment: what was answered is there, whole and in order, and nothing has a hole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <numeric>

#include "base/prng.hpp"
#include "node_store_support.hpp"

namespace halfopen::node {
namespace {

constexpr std::uint64_t kEntriesAtOnce = 64;

// Puts own votes of rising heights, without end, and writes a byte for each that was answered as
// durable.
[[noreturn]] void vote_until_killed(const std::string& path, std::uint64_t first, int pipe) {
  const Inbox inbox;
  auto opened = open_sqlite(path, inbox);
  if (opened.has_error()) ::_exit(1);
  StoreUser user(std::move(*opened), inbox);
  std::size_t told = 0;
  for (std::uint64_t height = first;; ++height) {
    user.put(own_vote(height, {"n2"}));
    if (height % kEntriesAtOnce != 0) continue;
    if (!user.inbox().run_until([&] { return user.answers().size() > told; })) ::_exit(2);
    const std::string bytes(user.answers().size() - told, '.');
    if (::write(pipe, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) ::_exit(3);
    told = user.answers().size();
  }
}

// The number of votes that were answered until the child died.
std::uint64_t answered_until_killed(const std::string& path, std::uint64_t first,
                                    std::uint64_t kill_after) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    vote_until_killed(path, first, ends[1]);
  }
  ::close(ends[1]);
  std::uint64_t answered = 0;
  bool is_killed = false;
  for (;;) {
    char buffer[256];
    const ssize_t count = ::read(ends[0], buffer, sizeof(buffer));
    if (count <= 0) break;
    answered += static_cast<std::uint64_t>(count);
    if (answered < kill_after || is_killed) continue;
    EXPECT_EQ(::kill(child, SIGKILL), 0);
    is_killed = true;
  }
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself, with code " << WEXITSTATUS(status);
  return answered;
}

TEST(NodeStoreKill, EveryAnsweredVoteIsThereAndNoneWithoutItsForerunners) {
  const TemporaryFolder folder(::testing::TempDir());
  const std::string path = folder.file("votes");
  Prng prng(20'251'129);
  std::uint64_t kept = 0;
  for (int round = 0; round < 8; ++round) {
    const std::uint64_t answered = answered_until_killed(path, kept + 1, 1 + prng.below(300));
    const Journal journal = load_from(path);
    ASSERT_GE(journal.votes.size(), kept + answered);
    kept = journal.votes.size();
    for (std::uint64_t i = 0; i < kept; ++i) {
      ASSERT_EQ(journal.votes[i].vote, vote_at(i + 1));
    }
    // A vote and what is owed of it are one entry.
    ASSERT_EQ(journal.owed.at("n2").size(), kept);
  }
}

}  // namespace
}  // namespace halfopen::node
