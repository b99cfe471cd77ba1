#include "node/shell/file_vote_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace halfopen::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NodeStore : public ::testing::Test {
 protected:
  NodeStore() {
    std::string pattern = ::testing::TempDir() + "node_store_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    path_ = directory_ + "/votes";
  }
  ~NodeStore() override { std::filesystem::remove_all(directory_); }

  void append(const std::string& text) const { std::ofstream(path_, std::ios::app) << text; }
  [[nodiscard]] std::vector<std::uint64_t> heights() const {
    const auto opened = FileVoteStore::open(path_);
    std::vector<std::uint64_t> heights;
    if (opened.has_error()) return heights;
    for (const StoredVote& stored : opened->store->votes())
      heights.push_back(stored.vote.height);
    return heights;
  }

  std::string directory_;
  std::string path_;
};

Vote vote_at(std::uint64_t height) {
  return {.network = "lab",
          .height = height,
          .choice = Choice{},
          .voter = "n1",
          .time_milliseconds = 5};
}

void put(VoteStore& store, std::uint64_t height) {
  const auto stored = store.put(vote_at(height), id_of(vote_at(height)));
  ASSERT_FALSE(stored.has_error());
}

TEST_F(NodeStore, WhatWasPutIsReadBack) {
  {
    const auto opened = FileVoteStore::open(path_);
    ASSERT_TRUE(opened.has_value());
    put(*opened->store, 1);
    put(*opened->store, 2);
    put(*opened->store, 1);  // a duplicate
    ASSERT_FALSE(opened->store->put_delivery(id_of(vote_at(2)), "n2").has_error());
  }
  const auto opened = FileVoteStore::open(path_);
  ASSERT_TRUE(opened.has_value());
  ASSERT_EQ(opened->store->votes().size(), 2U);
  EXPECT_EQ(opened->store->votes()[0].vote, vote_at(1));
  EXPECT_TRUE(opened->store->votes()[0].delivered_to.empty());
  EXPECT_EQ(opened->store->votes()[1].id, id_of(vote_at(2)));
  EXPECT_THAT(opened->store->votes()[1].delivered_to, ElementsAre("n2"));
  EXPECT_EQ(opened->torn_bytes, 0U);
}

TEST_F(NodeStore, ATornLastLineIsCutOffAndSaid) {
  put(*FileVoteStore::open(path_)->store, 1);
  append(R"({"id":"12)");
  {
    const auto opened = FileVoteStore::open(path_);
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    EXPECT_EQ(opened->torn_bytes, 9U);
    put(*opened->store, 2);
  }
  EXPECT_THAT(heights(), ElementsAre(1, 2));
}

TEST_F(NodeStore, ADamagedLineIsNeverSkipped) {
  put(*FileVoteStore::open(path_)->store, 1);
  append("{}\n");
  put(*FileVoteStore::open(directory_ + "/other")->store, 2);
  const auto opened = FileVoteStore::open(path_);
  ASSERT_TRUE(opened.has_error());
  EXPECT_THAT(opened.error().text, HasSubstr("votes:2: not a record of a vote store"));
}

TEST_F(NodeStore, AVoteThatWasChangedIsNoticed) {
  put(*FileVoteStore::open(path_)->store, 1);
  std::ifstream in(path_);
  std::string line;
  std::getline(in, line);
  const auto place = line.find("\"height\":1");
  ASSERT_NE(place, std::string::npos);
  line.replace(place, 10, "\"height\":9");
  std::ofstream(path_) << line << "\n";
  const auto opened = FileVoteStore::open(path_);
  ASSERT_TRUE(opened.has_error());
  EXPECT_THAT(opened.error().text, HasSubstr("\"id\" is not this vote's"));
}

TEST_F(NodeStore, OneProcessAFile) {
  const auto first = FileVoteStore::open(path_);
  ASSERT_TRUE(first.has_value());
  const auto second = FileVoteStore::open(path_);
  ASSERT_TRUE(second.has_error());
  EXPECT_THAT(second.error().text, HasSubstr("in use by another process"));
}

TEST_F(NodeStore, ADeviceIsNoStore) {
  const auto opened = FileVoteStore::open("/dev/zero");
  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().text, "the store /dev/zero is no regular file");
}

// A limit on file sizes stands for a full disk: the write is cut short.
TEST_F(NodeStore, AVoteThatDoesNotFitIsRefusedAndLeavesNoHalfLine) {
  const auto opened = FileVoteStore::open(path_);
  ASSERT_TRUE(opened.has_value());
  put(*opened->store, 1);
  const auto size = std::filesystem::file_size(path_);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{size + 10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto stored = opened->store->put(vote_at(2), id_of(vote_at(2)));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(stored.has_error());
  EXPECT_EQ(std::filesystem::file_size(path_), size);
  EXPECT_EQ(opened->store->votes().size(), 1U);
  put(*opened->store, 3);
  EXPECT_EQ(opened->store->votes().size(), 2U);
}

}  // namespace
}  // namespace halfopen::node
