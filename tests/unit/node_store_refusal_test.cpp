// Files that are no store of this node: each is refused with one line that says what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "node_store_support.hpp"

namespace halfopen::node {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class NodeStoreRefusal : public ::testing::Test {
 protected:
  // What is said to an attempt to open it.
  [[nodiscard]] static std::string refusal(const std::string& path,
                                           const SqliteStoreSettings& settings = test_settings()) {
    const Inbox inbox;
    const auto opened = open_sqlite(path, inbox, settings);
    if (opened.has_value()) return "opened";
    EXPECT_THAT(opened.error().text, AllOf(HasSubstr(path), Not(HasSubstr("\n"))));
    return opened.error().text;
  }
  // By load(), of a store that could be opened.
  [[nodiscard]] std::string damage() const {
    const Inbox inbox;
    const auto opened = open_sqlite(path_, inbox);
    if (opened.has_error()) return opened.error().text;
    const auto journal = (*opened)->load();
    return journal.has_error() ? journal.error().text : "loaded";
  }
  void make_store() const {
    Inbox inbox;
    auto opened = open_sqlite(path_, inbox);
    StoreUser user(std::move(opened.value()), inbox);
    std::vector<JournalEntry> entries;
    for (std::uint64_t height = 1; height <= 200; ++height)
      entries.emplace_back(own_vote(height, {"n2"}));
    ASSERT_TRUE(user.put_all(std::move(entries)));
  }
  void run_sql(const std::string& sql) const {
    std::ofstream(path_, std::ios::app).close();
    auto database =
        SqliteDatabase::open(path_, SqliteDatabase::Mode::kReadWrite, std::chrono::milliseconds(0));
    ASSERT_TRUE(database.has_value());
    ASSERT_TRUE(database->run(sql).has_value());
  }
  [[nodiscard]] std::string bytes() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

  TemporaryFolder folder_{::testing::TempDir()};
  std::string path_ = folder_.file("votes");
};

TEST_F(NodeStoreRefusal, AFolder) {
  EXPECT_THAT(refusal(folder_.path()), HasSubstr("is a folder"));
}

TEST_F(NodeStoreRefusal, AFolderThatIsNotThere) {
  EXPECT_THAT(refusal(folder_.file("nowhere/votes")), HasSubstr("its folder must exist"));
}

TEST_F(NodeStoreRefusal, ADevice) {
  EXPECT_THAT(refusal("/dev/null"), HasSubstr("is no regular file"));
}

TEST_F(NodeStoreRefusal, AFileThatIsNoDatabase) {
  const std::string text(10'000, 'x');
  write(text);
  EXPECT_THAT(refusal(path_), HasSubstr("is no SQLite database"));
  EXPECT_EQ(bytes(), text);
}

TEST_F(NodeStoreRefusal, AnotherProgramsDatabase) {
  run_sql("CREATE TABLE cats(name)");
  const std::string before = bytes();
  EXPECT_THAT(refusal(path_), HasSubstr("is a database of another program"));
  EXPECT_EQ(bytes(), before);
}

TEST_F(NodeStoreRefusal, ANewerSchema) {
  make_store();
  run_sql("PRAGMA user_version=2");
  EXPECT_THAT(refusal(path_), HasSubstr("has version 2 and this vote-node knows version 1"));
}

TEST_F(NodeStoreRefusal, AStoreOfAnotherKey) {
  make_store();
  SqliteStoreSettings settings = test_settings();
  settings.own_key = test_key(2).public_key();
  EXPECT_THAT(refusal(path_, settings),
              AllOf(HasSubstr("belongs to the key " + test_key(1).public_key().hex()),
                    HasSubstr(test_key(2).public_key().hex())));
}

TEST_F(NodeStoreRefusal, AStoreOfAnotherNetwork) {
  make_store();
  SqliteStoreSettings settings = test_settings();
  settings.network = "main";
  EXPECT_THAT(refusal(path_, settings), HasSubstr("belongs to the network lab"));
}

TEST_F(NodeStoreRefusal, AStoreInUse) {
  Inbox inbox;
  const auto first = open_sqlite(path_, inbox);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(run_in_child([&] {
              return refusal(path_).find("is in use by another process") != std::string::npos ? 0
                                                                                              : 1;
            }),
            0);
}

TEST_F(NodeStoreRefusal, AStoreThatMayNotBeWritten) {
  make_store();
  EXPECT_EQ(run_in_child([&] {
              // Root may write everywhere, so it becomes nobody.
              if (::geteuid() == 0 && ::setuid(65'534) != 0) return 1;
              std::filesystem::permissions(path_, std::filesystem::perms::owner_read,
                                           *std::make_unique<std::error_code>());
              return refusal(path_).find("Permission denied") != std::string::npos ? 0 : 2;
            }),
            0);
}

TEST_F(NodeStoreRefusal, EveryPageThatWasOverwrittenIsNoticedOrMeansNothing) {
  make_store();
  const std::string good = bytes();
  constexpr std::size_t kPage = 4'096;
  ASSERT_GT(good.size(), 10 * kPage);
  for (std::size_t at = 0; at < good.size(); at += kPage) {
    std::string bad = good;
    std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(at), kPage, 'x');
    write(bad);
    EXPECT_THAT(damage(), AnyOf(HasSubstr("is damaged"), HasSubstr("is no SQLite database")))
        << "at byte " << at;
  }
  write(good);
  EXPECT_EQ(damage(), "loaded");
}

TEST_F(NodeStoreRefusal, ATruncatedStore) {
  make_store();
  const std::string good = bytes();
  write(good.substr(0, good.size() / 2));
  EXPECT_THAT(damage(), HasSubstr("is damaged"));
}

TEST_F(NodeStoreRefusal, AVoteThatWasChanged) {
  make_store();
  run_sql("UPDATE votes SET height = 9999 WHERE height = 7");
  EXPECT_THAT(damage(), HasSubstr("a vote is not the one of its id"));
}

TEST_F(NodeStoreRefusal, ASignatureThatWasChanged) {
  make_store();
  run_sql("UPDATE votes SET signature = zeroblob(64) WHERE height = 7");
  EXPECT_THAT(damage(), HasSubstr("a signature is wrong"));
}

TEST_F(NodeStoreRefusal, ValuesThatNoVoteHas) {
  for (const char* change : {"kind = 3", "round = -1", "round = 5000000000", "choice = x'00'",
                             "signature = x'00'", "voter = x'00'", "id = x'00'"}) {
    std::filesystem::remove(path_);
    make_store();
    run_sql(std::string("UPDATE votes SET ") + change + " WHERE height = 7");
    EXPECT_THAT(damage(), HasSubstr("a row is no vote")) << change;
  }
}

TEST_F(NodeStoreRefusal, AVoteThatIsOwedAndGone) {
  make_store();
  run_sql("DELETE FROM votes WHERE height = 7");
  EXPECT_THAT(damage(), HasSubstr("a vote that is owed is gone"));
}

TEST_F(NodeStoreRefusal, AStoreThatDoesNotSayWhoseItIs) {
  make_store();
  run_sql("DELETE FROM meta");
  EXPECT_THAT(damage(), HasSubstr("does not say whose it is"));
}

TEST_F(NodeStoreRefusal, ATableThatIsMissing) {
  make_store();
  run_sql("DROP TABLE evidence_votes");
  EXPECT_THAT(damage(), HasSubstr("no such table"));
}

TEST_F(NodeStoreRefusal, AnEmptyFileBecomesAStore) {
  write("");
  EXPECT_EQ(damage(), "loaded");
}

}  // namespace
}  // namespace halfopen::node
