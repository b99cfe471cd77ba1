// A process's own log, read while it is written. Files only; the writer is the test.
#include "harness/shell/log_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/model/line_pattern.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

using testing::ElementsAre;
using testing::Field;

class LogWatchTest : public testing::Test {
 protected:
  LogWatchTest() {
    char folder[] = "/tmp/halfopen-log-XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  ~LogWatchTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name + ".log", std::ios::app) << text;
  }
  // Until so many lines have come, with a deadline.
  void wait_for(std::size_t lines, const std::string& name) {
    const Instant deadline = monotonic_now() + std::chrono::seconds(20);
    while (record_.logs[name].lines.size() < lines && monotonic_now() < deadline) {
      context_.restart();
      context_.run_one_for(std::chrono::milliseconds(100));
    }
  }

  std::string folder_;
  boost::asio::io_context context_{1};
  RunRecord record_;
};

TEST_F(LogWatchTest, LinesAreDatedWhenTheyArrive) {
  LogWatch watch(context_, folder_, {"n1", "n2"}, record_);
  const Instant before = monotonic_now();
  write("n1", "one\r\ntwo\nthr");
  wait_for(2, "n1");
  const Instant between = monotonic_now();
  write("n1", "ee\n");
  wait_for(3, "n1");
  const auto& lines = record_.logs["n1"].lines;
  ASSERT_THAT(lines, ElementsAre(Field(&LogLine::text, "one"), Field(&LogLine::text, "two"),
                                 Field(&LogLine::text, "three")));
  EXPECT_GE(lines[0].at, before);
  EXPECT_LE(lines[1].at, between);
  EXPECT_GE(lines[2].at, between);
  EXPECT_EQ(record_.logs["n1"].trouble, "");
  EXPECT_TRUE(record_.logs["n2"].lines.empty());
}

TEST_F(LogWatchTest, FinishTakesWhatIsThereOnce) {
  LogWatch watch(context_, folder_, {"n1"}, record_);
  write("n1", "one\nand a line without an end");
  watch.finish();
  watch.finish();
  EXPECT_THAT(record_.logs["n1"].lines,
              ElementsAre(Field(&LogLine::text, "one"),
                          Field(&LogLine::text, "and a line without an end")));
}

TEST_F(LogWatchTest, ALongLineIsCut) {
  LogWatch watch(context_, folder_, {"n1"}, record_);
  std::string text(3 * LinePattern::kLineBytesMax, 'x');
  text.append("\nnext\n");
  write("n1", text);
  watch.finish();
  const auto& lines = record_.logs["n1"].lines;
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text.size(), LinePattern::kLineBytesMax);
  EXPECT_EQ(record_.logs["n1"].trouble, "a line is longer than 4000 bytes and was cut");
}

TEST_F(LogWatchTest, ALineThatJustFitsIsNoTrouble) {
  LogWatch watch(context_, folder_, {"n1"}, record_);
  std::string text(LinePattern::kLineBytesMax, 'x');
  text.append("\r\nnext\n");
  write("n1", text);
  watch.finish();
  EXPECT_EQ(record_.logs["n1"].lines.size(), 2U);
  EXPECT_EQ(record_.logs["n1"].trouble, "");
}

TEST_F(LogWatchTest, TooMuchIsATrouble) {
  LogWatch watch(context_, folder_, {"n1"}, record_);
  const std::string block(1024 * 1024, '\n');
  for (int i = 0; i < 3; ++i)
    write("n1", block);
  watch.finish();
  EXPECT_LT(record_.logs["n1"].lines.size(), 3U * 1024 * 1024);
  EXPECT_EQ(record_.logs["n1"].trouble, "the logs are longer than 64 MiB, and lines are missing");
}

TEST_F(LogWatchTest, AFolderThatIsNotThereIsATrouble) {
  LogWatch watch(context_, folder_ + "/none", {"n1"}, record_);
  EXPECT_THAT(record_.logs["n1"].trouble, testing::HasSubstr("could not be watched"));
}

}  // namespace
}  // namespace halfopen
