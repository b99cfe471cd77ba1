#include "harness/model/open_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <limits>
#include <string>
#include <vector>

namespace halfopen {
namespace {

using std::chrono::milliseconds;

class OpenMetrics : public testing::Test {
 protected:
  void add(const std::string& name, const SeriesLabels& labels, std::int64_t at_milliseconds,
           double value) {
    ASSERT_TRUE(store_.append(name, labels, {Instant{} + milliseconds(at_milliseconds), value}));
  }
  [[nodiscard]] std::string text(const std::vector<MetricFamily>& known = {}) const {
    return open_metrics_text(store_, milliseconds(0), known);
  }

  SeriesStore store_;
};

TEST_F(OpenMetrics, AnEmptyRunIsAnEmptyFile) {
  EXPECT_EQ(text(), "# EOF\n");
}

TEST_F(OpenMetrics, CountersKeepTotalAndTheirFamilyHasNone) {
  add("votes_total", {{"node", "n1"}}, 1500, 3);
  EXPECT_EQ(text({{"votes_total", MetricFamily::Kind::kCounter, "Votes"}}),
            "# TYPE votes counter\n"
            "# HELP votes Votes\n"
            "votes_total{node=\"n1\"} 3 1.500\n"
            "# EOF\n");
  // To OpenMetrics a counter without _total is none.
  SeriesStore other;
  ASSERT_TRUE(other.append("votes", {}, {Instant{}, 1}));
  const std::vector<MetricFamily> known{{"votes", MetricFamily::Kind::kCounter, ""}};
  EXPECT_EQ(open_metrics_text(other, milliseconds(0), known),
            "# TYPE votes unknown\nvotes 1 0.000\n# EOF\n");
}

TEST_F(OpenMetrics, AHistogramsMomentStandsTogetherInTheOrderOfItsBounds) {
  for (const std::int64_t at : {1000, 2000}) {
    add("rtt_bucket", {{"le", "+Inf"}, {"peer", "n2"}}, at, 3);
    add("rtt_bucket", {{"le", "10"}, {"peer", "n2"}}, at, 2);
    add("rtt_bucket", {{"le", "2.5"}, {"peer", "n2"}}, at, 1);
    add("rtt_sum", {{"peer", "n2"}}, at, 0.5);
    add("rtt_count", {{"peer", "n2"}}, at, 3);
  }
  EXPECT_EQ(text({{"rtt", MetricFamily::Kind::kHistogram, ""}}),
            "# TYPE rtt histogram\n"
            "rtt_bucket{le=\"2.5\",peer=\"n2\"} 1 1.000\n"
            "rtt_bucket{le=\"10\",peer=\"n2\"} 2 1.000\n"
            "rtt_bucket{le=\"+Inf\",peer=\"n2\"} 3 1.000\n"
            "rtt_count{peer=\"n2\"} 3 1.000\n"
            "rtt_sum{peer=\"n2\"} 0.5 1.000\n"
            "rtt_bucket{le=\"2.5\",peer=\"n2\"} 1 2.000\n"
            "rtt_bucket{le=\"10\",peer=\"n2\"} 2 2.000\n"
            "rtt_bucket{le=\"+Inf\",peer=\"n2\"} 3 2.000\n"
            "rtt_count{peer=\"n2\"} 3 2.000\n"
            "rtt_sum{peer=\"n2\"} 0.5 2.000\n"
            "# EOF\n");
}

TEST_F(OpenMetrics, WhatIsNotKnownIsUnknown) {
  add("other_count", {}, 1000, 1);
  add("other_sum", {}, 1000, std::numeric_limits<double>::quiet_NaN());
  add("x", {{"a", "b\\c\"d\ne"}}, 1000, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(text({{"other", MetricFamily::Kind::kGauge, ""}}),
            "# TYPE other_count unknown\nother_count 1 1.000\n"
            "# TYPE other_sum unknown\nother_sum NaN 1.000\n"
            "# TYPE x unknown\nx{a=\"b\\\\c\\\"d\\ne\"} -Inf 1.000\n"
            "# EOF\n");
}

TEST_F(OpenMetrics, StaleMarksAreLeftOutAndTheLastOfAMillisecondCounts) {
  add("x", {}, 1000, 1);
  store_.mark_stale({}, Instant{} + milliseconds(1100));
  ASSERT_TRUE(store_.append("x", {}, {Instant::from_nanoseconds(1'200'000'001), 2}));
  ASSERT_TRUE(store_.append("x", {}, {Instant::from_nanoseconds(1'200'900'000), 3}));
  EXPECT_EQ(text(), "# TYPE x unknown\nx 1 1.000\nx 3 1.200\n# EOF\n");
}

// What Prometheus does with a timestamp: a double, times 1000, the rest dropped.
std::int64_t read_back(const std::string& line) {
  const std::string seconds = line.substr(line.rfind(' ') + 1);
  double value = 0;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  return static_cast<std::int64_t>(value * 1000);
}

TEST_F(OpenMetrics, EveryMillisecondIsReadBackAsItself) {
  for (std::int64_t i = 0; i < 3000; ++i)
    add("x", {}, i, static_cast<double>(i));
  int mended = 0;
  for (const std::int64_t first : {0LL, 1'764'400'000'000LL, 2'150'000'000'000LL}) {
    const std::string all = open_metrics_text(store_, milliseconds(first));
    std::size_t begin = all.find('\n') + 1;
    for (std::int64_t i = 0; i < 3000; ++i) {
      const std::string line = all.substr(begin, all.find('\n', begin) - begin);
      ASSERT_EQ(read_back(line), first + i) << line;
      mended += line.ends_with("0005") ? 1 : 0;
      begin += line.size() + 1;
    }
  }
  // Were there none, this test would prove nothing.
  EXPECT_GT(mended, 0);
}

}  // namespace
}  // namespace halfopen
