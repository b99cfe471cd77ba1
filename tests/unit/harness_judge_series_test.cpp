#include "harness/model/series.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/prng.hpp"
#include "harness/model/diagnosis.hpp"
#include "harness/model/expression/evaluate.hpp"
#include "harness/model/judge_wall.hpp"

namespace halfopen {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(Exposition, AWholePage) {
  const auto page = parse_exposition(
      "# HELP up 1 when the last scrape succeeded\n"
      "# TYPE up gauge\n"
      "up 1\r\n"
      "\n"
      "  votes_total { peer = \"n2\" , } 3 1700000000000\n"
      "path{p=\"C:\\\\d\\\"q\\\"\\nx\"} -2.5e3\n"
      "latency_bucket{le=\"+Inf\"} +Inf\n"
      "latency_sum NaN\n"
      "tiny 1e-999\n"
      "huge -1e999\n"
      "a:b{c=\"\"} 0");
  ASSERT_TRUE(page.has_value()) << page.error().text;
  ASSERT_THAT(*page, SizeIs(8));
  EXPECT_EQ((*page)[0].name, "up");
  EXPECT_EQ((*page)[0].value, 1);
  EXPECT_EQ((*page)[1].labels, (SeriesLabels{{"peer", "n2"}}));
  EXPECT_EQ((*page)[1].value, 3);
  EXPECT_EQ((*page)[2].labels, (SeriesLabels{{"p", "C:\\d\"q\"\nx"}}));
  EXPECT_EQ((*page)[2].value, -2500);
  EXPECT_EQ((*page)[3].labels, (SeriesLabels{{"le", "+Inf"}}));
  EXPECT_EQ((*page)[3].value, INFINITY);
  EXPECT_TRUE(std::isnan((*page)[4].value));
  EXPECT_EQ((*page)[5].value, 0);
  EXPECT_EQ((*page)[6].value, -INFINITY);
  EXPECT_EQ((*page)[7].name, "a:b");
  EXPECT_TRUE((*page)[7].labels.empty());
}

TEST(Exposition, ErrorsNameTheLine) {
  const auto error_of = [](std::string_view text) {
    const auto page = parse_exposition(text);
    return page.has_error() ? page.error().text : std::string("no error");
  };
  EXPECT_EQ(error_of("a 1\n9b 1"), "line 2 of the metrics page: expected a metric's name");
  EXPECT_THAT(error_of("a"), HasSubstr("a number as the value"));
  EXPECT_THAT(error_of("a 1x"), HasSubstr("a number as the value"));
  EXPECT_THAT(error_of("a 1 soon"), HasSubstr("a timestamp"));
  EXPECT_THAT(error_of("a 1 2 3"), HasSubstr("the end of the line"));
  EXPECT_THAT(error_of("a{b} 1"), HasSubstr("\"=\" after the label b"));
  EXPECT_THAT(error_of("a{b=c} 1"), HasSubstr("a quoted value"));
  EXPECT_THAT(error_of("a{b=\"c} 1"), HasSubstr("the end of a quoted value"));
  EXPECT_THAT(error_of("a{b=\"\\t\"} 1"), HasSubstr("after a backslash"));
  EXPECT_THAT(error_of("a{b=\"c\" d=\"e\"} 1"), HasSubstr("\",\" or \"}\""));
  EXPECT_THAT(error_of("a{b=\"c\",b=\"d\"} 1"), HasSubstr("b is there twice"));
  EXPECT_THAT(error_of(std::string(5U << 20U, ' ')), HasSubstr("longer than 4 MiB"));
  EXPECT_EQ(error_of(""), "no error");
}

TEST(WallClock, Rfc3339) {
  using std::chrono::seconds;
  EXPECT_EQ(parse_rfc3339("1970-01-02T00:00:01Z"), seconds(86'401));
  EXPECT_EQ(parse_rfc3339("2025-11-29T02:28:26.5+01:00"),
            seconds(1'764'379'706) + std::chrono::milliseconds(500));
  EXPECT_FALSE(parse_rfc3339("2025-02-29T00:00:00Z")) << "no such day";
  EXPECT_FALSE(parse_rfc3339("2025-11-29T24:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2025-11-29T02:28:26Zulu"));
  EXPECT_FALSE(parse_rfc3339("2025-11-29"));
  EXPECT_FALSE(parse_rfc3339(""));
}

TEST(WallClock, EventsCarryBothClocks) {
  RunRecord record;
  EXPECT_FALSE(wall_offset_of(record));
  Event event;
  event.at = Instant::from_nanoseconds(5'000'000'000);
  record.events.push_back(event);
  event.fields["wall"] = "1970-01-01T00:01:45Z";
  record.events.push_back(event);
  EXPECT_EQ(wall_offset_of(record), std::chrono::seconds(100));
}

// Random text from an alphabet that reaches deep into each grammar: no crash, no hang, and what
// parses can be evaluated.
std::string random_text(Prng& prng, const std::vector<std::string>& words) {
  std::string text;
  const std::uint64_t count = prng.below(30);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (prng.chance(1, 20)) {
      text += static_cast<char>(prng.below(256));
    } else {
      text += words[prng.below(words.size())];
    }
  }
  return text;
}

TEST(RandomText, ExpressionsNeverCrash) {
  const std::vector<std::string> words{"x",        "y",          "sum",    "(",
                                       ")",        "rate",       "[5s]",   "{",
                                       "}",        "a",          "=",      "!=",
                                       "=~",       "!~",         "\"b\"",  "\"(a*)*\"",
                                       ",",        "+",          "-",      "*",
                                       "/",        "%",          "^",      "==",
                                       ">",        "<=",         " and ",  " or ",
                                       " unless ", " on(",       " by(a)", " ",
                                       "1",        "2.5e3",      "bool ",  "offset 5s",
                                       "absent(",  "time()",     "0x1F",   "NaN",
                                       "Inf",      "x[1m30s]",   "abs(",   "max_over_time(x[2s])",
                                       "# c\n",    "ignoring(a)"};
  SeriesStore store;
  for (int i = 0; i < 10; ++i) {
    const Instant at = Instant::from_nanoseconds(i * 1'000'000'000LL);
    ASSERT_TRUE(store.append("x", {{"a", "b"}}, {at, i * 1.0}));
    ASSERT_TRUE(store.append("x", {{"a", "c"}}, {at, -i * 1.0}));
    ASSERT_TRUE(store.append("y", {}, {at, 1}));
  }
  const EvaluationSettings settings{std::chrono::seconds(3), std::chrono::seconds(1000)};
  Prng prng{2025};
  std::size_t parsed_count = 0;
  for (int round = 0; round < 100'000; ++round) {
    const std::string text = random_text(prng, words);
    const auto parsed = Expression::parse(text);
    if (parsed.has_error()) {
      ASSERT_FALSE(parsed.error().text.empty()) << text;
      continue;
    }
    ++parsed_count;
    const Instant at =
        Instant::from_nanoseconds(static_cast<std::int64_t>(prng.below(12)) * 1'000'000'000);
    const auto every = holds(*parsed, store, at, settings, Reading::kEvery);
    const auto any = holds(*parsed, store, at, settings, Reading::kAny);
    ASSERT_EQ(every.has_error(), any.has_error()) << text;
    if (every.has_value() && every->holds) {
      ASSERT_TRUE(any->holds) << text << ": what holds for every series holds for one";
    }
  }
  EXPECT_GT(parsed_count, 500U) << "the alphabet must reach valid expressions";
}

TEST(RandomText, PagesAndLogsNeverCrash) {
  const std::vector<std::string> words{
      "up",   "{",           "}",           "a",         "=",     "\"b\"",
      "\\",   ",",           " 1",          "\n",        "# ",    "+Inf",
      "NaN",  "10:00:00",    " connected",  "vote sent", "EPIPE", "broken pipe",
      "\r\n", "2025-11-29T", "02:28:26.5Z", "broadcast", "not ",  "starting"};
  Prng prng{7};
  std::size_t pages = 0;
  std::size_t errors = 0;
  for (int round = 0; round < 50'000; ++round) {
    const std::string text = random_text(prng, words);
    if (parse_exposition(text).has_value()) ++pages;
    const LogFacts facts = read_log(text);
    if (!facts.errors.empty()) ++errors;
    ASSERT_LE(facts.lines.size(), 20U);
  }
  EXPECT_GT(pages, 100U);
  EXPECT_GT(errors, 1000U);
}

}  // namespace
}  // namespace halfopen
