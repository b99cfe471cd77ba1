// A disk without room: what does not fit is answered so and is not in the store, and what comes
// when there is room again is kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "node_store_support.hpp"

namespace halfopen::node {
namespace {

constexpr int kGood = 0;
constexpr int kNotAllowed = 77;

int fail(const char* what) {
  std::fprintf(stderr, "in the child: %s\n", what);
  return 1;
}

// Puts votes until one fails, makes room, puts more, and compares the store with the answers.
// Answers are by ticket, and a vote's ticket is its height.
int fill_and_go_on(const std::string& path, const std::function<void()>& make_room,
                   const std::string& expected_problem) {
  const Inbox inbox;
  auto opened = open_sqlite(path, inbox);
  if (opened.has_error()) return fail(opened.error().text.c_str());
  std::vector<std::string> problems;
  (*opened)->on_problem([&](const Problem& problem) { problems.push_back(problem.text); });
  const SqliteVoteStore& store = **opened;
  StoreUser user(std::move(*opened), inbox);
  std::uint64_t height = 1;
  const auto put_some = [&] {
    std::vector<JournalEntry> entries;
    // Few, so that they fit into the room that is made even if each is a commit of its own.
    for (int i = 0; i < 20; ++i)
      entries.emplace_back(own_vote(height++, {"n2"}));
    return user.put_all(std::move(entries));
  };
  while (put_some()) {
    if (height > 100'000) return fail("it never became full");
  }
  if (put_some()) return fail("it was full, and is not any more");
  if (store.statistics().failed_commits < 2) return fail("failures are not counted");
  if (problems.empty()) return fail("failures are not told");
  if (problems[0].find(expected_problem) == std::string::npos) return fail(problems[0].c_str());
  make_room();
  if (!put_some()) return fail("there is room, and it is not used");
  user.close();

  std::vector<std::uint64_t> durable;
  for (const StoreAnswer& answer : user.answers()) {
    if (answer.is_durable) durable.push_back(answer.ticket);
  }
  const Journal journal = load_from(path);
  if (heights_of(journal.votes) != durable) return fail("the store is not what was answered");
  if (journal.owed.at("n2").size() != durable.size()) return fail("owed is not what was answered");
  return kGood;
}

TEST(NodeStoreFullDisk, ALimitOnFileSizes) {
  const TemporaryFolder folder(::testing::TempDir());
  EXPECT_EQ(run_in_child([&] {
              rlimit before{};
              (void)::signal(SIGXFSZ, SIG_IGN);
              if (::getrlimit(RLIMIT_FSIZE, &before) != 0) return 1;
              const rlimit tight{rlim_t{512} * 1024, before.rlim_max};
              if (::setrlimit(RLIMIT_FSIZE, &tight) != 0) return 1;
              return fill_and_go_on(
                  folder.file("votes"), [&] { (void)::setrlimit(RLIMIT_FSIZE, &before); },
                  "disk I/O error");
            }),
            kGood);
}

TEST(NodeStoreFullDisk, ASmallFileSystem) {
  const TemporaryFolder folder(::testing::TempDir());
  const int code = run_in_child([&] {
    // A name space of its own: nobody else sees the mount, and it goes with the process.
    const int flags = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
    if (::unshare(flags) != 0) return kNotAllowed;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return kNotAllowed;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=6m") != 0) return kNotAllowed;
    const std::string ballast = folder.file("ballast");
    std::ofstream(ballast) << std::string(4'000'000, 'x');
    return fill_and_go_on(
        folder.file("votes"), [&] { ::unlink(ballast.c_str()); }, "the disk is full");
  });
  if (code == kNotAllowed) GTEST_SKIP() << "a mount name space is not allowed here";
  EXPECT_EQ(code, kGood);
}

}  // namespace
}  // namespace halfopen::node
