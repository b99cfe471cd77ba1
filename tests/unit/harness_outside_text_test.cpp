// What processes say reaches a verdict whole and harmless, whatever bytes it is made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/shell/last_words.hpp"
#include "harness/shell/run_directory.hpp"
#include "harness/shell/run_result.hpp"
#include "harness/shell/worker_line.hpp"

namespace halfopen {
namespace {

using testing::HasSubstr;

class LastWords : public testing::Test {
 protected:
  LastWords() : folder_(make_temporary_directory().value()) {}
  ~LastWords() override { remove_directory(folder_); }
  std::string of(const std::string& text) {
    std::ofstream(folder_ + "/n1.log", std::ios::binary) << text;
    return last_words(folder_ + "/n1.log");
  }
  std::string folder_;
};

TEST_F(LastWords, AreTheLastLineThatIsNotBlank) {
  EXPECT_EQ(of("one\ntwo\n\n \r\n"), "two");
  EXPECT_EQ(of("one\ntwo"), "two");
  EXPECT_EQ(of(""), "(nothing)");
  EXPECT_EQ(of("\n\n"), "(nothing)");
  EXPECT_EQ(last_words(folder_ + "/nobody.log"), "(nothing)");
}

TEST_F(LastWords, ALineIsFoundByItsWords) {
  (void)of("started\nno: could not be created\nno: could not either\nstopped\n");
  EXPECT_EQ(first_line_with(folder_ + "/n1.log", "could not"), "no: could not be created");
  EXPECT_EQ(first_line_with(folder_ + "/n1.log", "ended"), "");
  EXPECT_EQ(first_line_with(folder_ + "/nobody.log", "started"), "");
}

TEST_F(LastWords, ArePrintableAndShort) {
  EXPECT_EQ(of("\x1b[31mdead\xFF\n"), " [31mdead\xEF\xBF\xBD");
  EXPECT_LT(of(std::string(1000, 'x')).size(), 500U);
}

TEST_F(LastWords, LookAtTheEndOfALongLogOnly) {
  const std::string blank(70'000, '\n');
  EXPECT_EQ(of("early\n" + blank + "late\n"), "late");
  EXPECT_EQ(of("early\n" + blank), "(nothing)");
}

TEST(WorkerLine, AVerdictIsNotLostToOneByte) {
  RunResult result;
  result.run_id = "a";
  result.verdict = Verdict::kFail;
  result.reason = "n1 said: \xC3";
  const auto line = read_worker_line(worker_line_text(to_json(result)));
  ASSERT_TRUE(line.has_value()) << line.error().text;
  const auto read = run_result_from_json(*line);
  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(read->verdict, Verdict::kFail);
  EXPECT_EQ(read->reason, "n1 said: \xEF\xBF\xBD");
}

TEST(WorkerLine, OneThatCannotBeReadNamesItself) {
  for (const char* text :
       {"{\"type\": \"result\", \"reason\": \"\xC3\"}", "hello\x1b[2J", "[1]", ""}) {
    const auto line = read_worker_line(text);
    ASSERT_TRUE(line.has_error()) << text;
    EXPECT_THAT(line.error().text, HasSubstr("the worker wrote a line that is no JSON object"));
    EXPECT_THAT(line.error().text, testing::Not(HasSubstr("\x1b")));
  }
}

}  // namespace
}  // namespace halfopen
