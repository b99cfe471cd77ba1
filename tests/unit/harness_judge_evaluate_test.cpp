#include "harness/model/expression/evaluate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

Instant at_seconds(double time) {
  return Instant::from_nanoseconds(static_cast<std::int64_t>(std::llround(time * 1e9)));
}

class Evaluation : public testing::Test {
 protected:
  void add(const std::string& name, const SeriesLabels& labels, double time, double value) {
    ASSERT_TRUE(store_.append(name, labels, {at_seconds(time), value}));
  }
  // Values a second apart, from 0 on.
  void add_every_second(const std::string& name, const SeriesLabels& labels,
                        const std::vector<double>& values) {
    double time = 0;
    for (const double value : values)
      add(name, labels, time++, value);
  }

  // "{a="b"} 1; {a="c"} 2", or the error.
  [[nodiscard]] std::string value(const std::string& text, double time) const {
    const auto parsed = Expression::parse(text);
    if (parsed.has_error()) return parsed.error().text;
    const auto result = evaluate(*parsed, store_, at_seconds(time), settings_);
    if (result.has_error()) return result.error().text;
    std::string joined;
    for (const ExpressionSample& sample : *result) {
      if (!joined.empty()) joined += "; ";
      for (const auto& [label, label_value] : sample.labels)
        joined.append(label).append("=").append(label_value).append(" ");
      joined += value_text(sample.value);
    }
    return joined;
  }
  [[nodiscard]] Truth truth(const std::string& text, double time,
                            Reading reading = Reading::kEvery) const {
    const auto parsed = Expression::parse(text);
    if (parsed.has_error()) return {false, parsed.error().text};
    const auto result = holds(*parsed, store_, at_seconds(time), settings_, reading);
    return result.has_error() ? Truth{false, result.error().text} : *result;
  }

  SeriesStore store_;
  EvaluationSettings settings_{seconds(3), std::nullopt};
};

TEST_F(Evaluation, NumbersFollowPromql) {
  EXPECT_EQ(value("1 + 2 * 3 ^ 2 - -4 % 3", 0), "20");
  EXPECT_EQ(value("1 / 0", 0), "+Inf");
  EXPECT_EQ(value("-1 / 0", 0), "-Inf");
  EXPECT_EQ(value("0 / 0", 0), "NaN");
  EXPECT_EQ(value("0x1F + 1e1 + .5", 0), "41.5");
  EXPECT_EQ(value("2 >= bool 2", 0), "1");
  EXPECT_EQ(value("NaN == bool NaN", 0), "0");
}

TEST_F(Evaluation, PowersAreGos) {
  EXPECT_EQ(value("2 ^ 10", 0), "1024");
  EXPECT_EQ(value("2 ^ -2", 0), "0.25");
  EXPECT_EQ(value("2 ^ 0.5", 0), "1.4142135623730951");
  EXPECT_EQ(value("2 ^ -0.5", 0), "0.7071067811865475");
  EXPECT_EQ(value("-8 ^ 0.5", 0), "-2.8284271247461903");
  EXPECT_EQ(value("(-8) ^ (1 / 3)", 0), "NaN");
  EXPECT_EQ(value("(-2) ^ 3", 0), "-8");
  EXPECT_EQ(value("0 ^ -1", 0), "+Inf");
  EXPECT_EQ(value("(-1) ^ Inf", 0), "1");
  EXPECT_EQ(value("10 ^ 400", 0), "+Inf");
  EXPECT_EQ(value("10 ^ -400", 0), "0");
  EXPECT_EQ(value("1.0001 ^ 1e300", 0), "+Inf");
  // What Prometheus 2.42 says; the C library's pow ends in another digit.
  EXPECT_EQ(value("7 % (1 - 1700006406.249 ^ 3)", 0), "7");
  EXPECT_EQ(value("1e300 % (1 - 1700006406.249 ^ 3)", 0), "4.4062921284189476e+27");
}

TEST_F(Evaluation, InstantSelectorLooksBackSoFarAndNoFurther) {
  add("x", {{"node", "n1"}}, 10, 7);
  EXPECT_EQ(value("x", 9.9), "");
  EXPECT_EQ(value("x", 10), "__name__=x node=n1 7");
  EXPECT_EQ(value("x", 13), "__name__=x node=n1 7");
  EXPECT_EQ(value("x", 13.001), "");
  EXPECT_EQ(value("x offset 5s", 15), "__name__=x node=n1 7");
}

TEST_F(Evaluation, AStaleSeriesIsGoneAtOnceAndMayReturn) {
  add("x", {{"node", "n1"}, {"peer", "n2"}}, 1, 7);
  add("x", {{"node", "n2"}, {"peer", "n1"}}, 1, 8);
  store_.mark_stale({{"node", "n1"}}, at_seconds(2));
  EXPECT_EQ(value("x", 2), "__name__=x node=n2 peer=n1 8");
  EXPECT_EQ(value("count_over_time(x[5s])", 2), "node=n1 peer=n2 1; node=n2 peer=n1 1");
  add("x", {{"node", "n1"}, {"peer", "n2"}}, 3, 9);
  EXPECT_EQ(value("x{node=\"n1\"}", 3), "__name__=x node=n1 peer=n2 9");
}

TEST_F(Evaluation, MarkingAGoneSeriesAgainCostsNothing) {
  add("x", {}, 1, 7);
  for (int i = 2; i < 1000; ++i)
    store_.mark_stale({}, at_seconds(i));
  EXPECT_EQ(store_.sample_count(), 2U);
}

TEST_F(Evaluation, MatchersSelect) {
  add("x", {{"a", "p"}}, 0, 1);
  add("x", {{"a", "pq"}}, 0, 2);
  add("x", {{"b", "r"}}, 0, 3);
  EXPECT_EQ(value("x{a=\"p\"}", 0), "__name__=x a=p 1");
  EXPECT_EQ(value("x{a=~\"p\"}", 0), "__name__=x a=p 1");
  EXPECT_EQ(value("x{a=~\"p.?\"}", 0), "__name__=x a=p 1; __name__=x a=pq 2");
  EXPECT_EQ(value("x{a!=\"p\"}", 0), "__name__=x a=pq 2; __name__=x b=r 3");
  EXPECT_EQ(value("x{a=\"\"}", 0), "__name__=x b=r 3");
  EXPECT_EQ(value("x{a!~\"p|\"}", 0), "__name__=x a=pq 2");
}

TEST_F(Evaluation, AMissingMetricIsAnErrorUnlessAbsentAsksForIt) {
  add("x", {}, 0, 1);
  EXPECT_THAT(value("x + gone", 0), HasSubstr("no process has exposed the metric gone"));
  EXPECT_EQ(value("absent(gone)", 0), "1");
  EXPECT_EQ(value("absent(gone{a=\"b\",c=~\"d\"})", 0), "a=b 1");
  EXPECT_EQ(value("absent(x)", 0), "");
  EXPECT_EQ(value("absent(x)", 9), "1");
}

TEST_F(Evaluation, RatesAreExtrapolatedAsPrometheusDoes) {
  // Expected values by `promtool test rules` 2.42.
  add_every_second("x", {}, {0, 10, 20, 30, 40, 50});
  EXPECT_EQ(value("increase(x[5s])", 5), "50");
  EXPECT_EQ(value("rate(x[5s])", 5), "10");
  add_every_second("y", {}, {100, 110, 120, 5, 15, 25});
  EXPECT_EQ(value("resets(y[5s])", 5), "1");
  EXPECT_EQ(value("increase(y[5s])", 5), "45");
  EXPECT_EQ(value("delta(y[5s])", 5), "-75");
  EXPECT_EQ(value("changes(y[5s])", 5), "5");
  EXPECT_EQ(value("rate(x[1s] offset 20s)", 5), "");
}

TEST_F(Evaluation, FunctionsOverTime) {
  add_every_second("x", {}, {3, 1, 4, 1, 5});
  EXPECT_EQ(value("avg_over_time(x[4s])", 4), "2.8");
  EXPECT_EQ(value("min_over_time(x[4s])", 4), "1");
  EXPECT_EQ(value("max_over_time(x[4s])", 4), "5");
  EXPECT_EQ(value("sum_over_time(x[2s])", 4), "10");
  EXPECT_EQ(value("count_over_time(x[2s])", 4), "3");
  EXPECT_EQ(value("last_over_time(x[2s])", 5), "__name__=x 5");
}

TEST_F(Evaluation, QuantilesOfBuckets) {
  add("h_bucket", {{"le", "1"}}, 0, 2);
  add("h_bucket", {{"le", "2"}}, 0, 4);
  add("h_bucket", {{"le", "+Inf"}}, 0, 4);
  add("h_bucket", {{"le", "no number"}}, 0, 9);
  EXPECT_EQ(value("histogram_quantile(0.25, h_bucket)", 0), "0.5");
  EXPECT_EQ(value("histogram_quantile(0.75, h_bucket)", 0), "1.5");
  EXPECT_EQ(value("histogram_quantile(1, h_bucket)", 0), "2");
  EXPECT_EQ(value("histogram_quantile(-0.1, h_bucket)", 0), "-Inf");
  EXPECT_EQ(value("histogram_quantile(0 / 0, h_bucket)", 0), "NaN");
  EXPECT_EQ(value("histogram_quantile(0.5, h_bucket{le!=\"+Inf\"})", 0), "NaN");
  EXPECT_EQ(value("histogram_quantile(0.5, h_bucket{le=\"+Inf\"})", 0), "NaN");
  EXPECT_EQ(value("histogram_quantile(0.5, h_bucket{le=\"no number\"})", 0), "");
}

TEST_F(Evaluation, QuantilesAndDeviationsOverTime) {
  add_every_second("x", {}, {5, 1, 4, 2, 3, NAN});
  EXPECT_EQ(value("quantile_over_time(0.5, x[4s])", 4), "3");
  EXPECT_EQ(value("quantile_over_time(0.375, x[4s])", 4), "2.5");
  EXPECT_EQ(value("quantile_over_time(0, x[5s])", 5), "NaN");
  EXPECT_EQ(value("stdvar_over_time(x[4s])", 4), "2");
  EXPECT_EQ(value("stddev_over_time(x[0s1ms])", 4), "0");
  EXPECT_EQ(value("present_over_time(x[4s])", 4), "1");
  EXPECT_EQ(value("absent_over_time(x[4s])", 4), "");
  EXPECT_EQ(value("absent_over_time(x{a=\"b\"}[4s])", 4), "a=b 1");
}

TEST_F(Evaluation, WhereWeAreStricterPrometheusIsLetSpeak) {
  add("x", {{"a", "1"}}, 0, 1);
  add("x", {{"a", "2"}}, 0, 2);
  add("y", {}, 0, 1);
  EXPECT_THAT(value("x == on() y", 0), HasSubstr("several series on the left"));
  EXPECT_THAT(value("gone or y", 0), HasSubstr("no process has exposed the metric gone"));
  settings_.as_prometheus = true;
  EXPECT_EQ(value("x == on() y", 0), "1");
  EXPECT_THAT(value("x >= on() y", 0), HasSubstr("several series on the left"));
  EXPECT_THAT(value("y == on() x", 0), HasSubstr("several series on the right"));
  EXPECT_EQ(value("y{a=\"1\"} == on() x", 0), "");
  EXPECT_EQ(value("gone or y", 0), "__name__=y 1");
}

TEST_F(Evaluation, WhatItCostsIsBounded) {
  for (int i = 0; i < 250'000; ++i)
    ASSERT_TRUE(store_.append("long", {}, {at_seconds(i * 1e-6), 1}));
  const auto terms = [](int count) {
    std::string text = "count_over_time(long[1h])";
    for (int i = 1; i < count; ++i)
      text += " + count_over_time(long[1h])";
    return text;
  };
  EXPECT_EQ(value(terms(78), 30), "19500000");
  EXPECT_THAT(value(terms(85), 30), HasSubstr("looks at too many samples"));
  EXPECT_THAT(truth(terms(40) + " or " + terms(1), 30).seen, HasSubstr("too many samples"));
}

TEST_F(Evaluation, AggregationsGroup) {
  add("x", {{"node", "n1"}, {"peer", "n2"}}, 0, 1);
  add("x", {{"node", "n1"}, {"peer", "n3"}}, 0, 2);
  add("x", {{"node", "n2"}, {"peer", "n1"}}, 0, 4);
  EXPECT_EQ(value("sum(x)", 0), "7");
  EXPECT_EQ(value("sum by (node) (x)", 0), "node=n1 3; node=n2 4");
  EXPECT_EQ(value("max without (node) (x)", 0), "peer=n1 4; peer=n2 1; peer=n3 2");
  EXPECT_EQ(value("avg(x{node=\"n1\"})", 0), "1.5");
  EXPECT_EQ(value("min(x)", 0), "1");
  EXPECT_EQ(value("count(x)", 0), "3");
  EXPECT_EQ(value("sum(x{node=\"n9\"})", 0), "");
}

TEST_F(Evaluation, VectorsMatchOneToOne) {
  add("x", {{"a", "1"}}, 0, 10);
  add("x", {{"a", "2"}}, 0, 20);
  add("y", {{"a", "1"}, {"b", "k"}}, 0, 3);
  EXPECT_EQ(value("x - on(a) y", 0), "a=1 7");
  EXPECT_EQ(value("x - ignoring(b) y", 0), "a=1 7");
  EXPECT_EQ(value("x - y", 0), "");
  EXPECT_EQ(value("x > on(a) y", 0), "a=1 10");
  EXPECT_EQ(value("x > ignoring(b) y", 0), "__name__=x a=1 10");
  EXPECT_EQ(value("x > bool ignoring(b) y", 0), "a=1 1");
  EXPECT_EQ(value("x and on(a) y", 0), "__name__=x a=1 10");
  EXPECT_EQ(value("x unless on(a) y", 0), "__name__=x a=2 20");
  EXPECT_EQ(value("y or x", 0), "__name__=x a=1 10; __name__=x a=2 20; __name__=y a=1 b=k 3");
  EXPECT_EQ(value("y or on(a) x", 0), "__name__=x a=2 20; __name__=y a=1 b=k 3");
  EXPECT_THAT(value("y + on() x", 0), HasSubstr("several series on the right"));
  EXPECT_THAT(value("x + on() y", 0), HasSubstr("several series on the left"));
  EXPECT_EQ(value("15 < x", 0), "__name__=x a=2 20");
  EXPECT_EQ(value("-x", 0), "a=1 -10; a=2 -20");
}

TEST_F(Evaluation, TimesAreUnixTimesOrAnError) {
  add("x", {}, 10, 1);
  EXPECT_THAT(value("time()", 10), HasSubstr("wall clock"));
  settings_.wall_offset = seconds(1000);
  EXPECT_EQ(value("time()", 11), "1011");
  EXPECT_EQ(value("timestamp(x)", 11), "1010");
  EXPECT_EQ(value("timestamp(abs(x))", 11), "1011");
}

// --- conditions ---

TEST_F(Evaluation, AComparisonHoldsForEverySeriesOrNot) {
  add("up", {{"peer", "n2"}}, 0, 1);
  add("up", {{"peer", "n3"}}, 0, 0);
  const Truth every = truth("up == 1", 0);
  EXPECT_FALSE(every.holds);
  EXPECT_EQ(every.seen, "up{peer=\"n3\"} 0");
  EXPECT_TRUE(truth("up == 1", 0, Reading::kAny).holds);
  EXPECT_TRUE(truth("1 >= up", 0).holds);
  EXPECT_FALSE(truth("min(up) == 1", 0).holds);
  EXPECT_EQ(truth("min(up) == 1", 0).seen, "min(up) 0");
  EXPECT_TRUE(truth("min(up) == 0", 0).holds) << "a sample of value 0 counts";
  EXPECT_FALSE(truth("up == 2", 0, Reading::kAny).holds);
}

TEST_F(Evaluation, WhatIsFilteredInsideCountsAsFilteredOut) {
  add("x", {{"a", "1"}}, 0, 1);
  add("x", {{"a", "2"}}, 0, 0);
  for (const char* text : {"x > 0 < 10", "(x > 0) * 1 > 0", "-(x > 0) < 0", "abs(x > 0) > 0",
                           "(x > 0) * 1", "(x and x > 0) + 1 > 0", "(x > 0) * 1 and x"}) {
    const Truth every = truth(text, 0);
    EXPECT_FALSE(every.holds) << text;
    EXPECT_TRUE(truth(text, 0, Reading::kAny).holds) << text;
  }
  EXPECT_EQ(truth("x > 0 < 10", 0).seen, "x{a=\"2\"} 0");
  EXPECT_TRUE(truth("x >= 0 < 10", 0).holds);
  EXPECT_TRUE(truth("count(x > 0) == 1", 0).holds) << "an aggregation may choose";
  EXPECT_TRUE(truth("absent(x > 1) == 1", 0).holds);
}

TEST_F(Evaluation, AnEmptyVectorNeverHolds) {
  add("up", {}, 0, 1);
  EXPECT_FALSE(truth("up == 1", 9).holds);
  EXPECT_EQ(truth("up == 1", 9).seen, "nothing: up has no sample in the last 3s");
  EXPECT_FALSE(truth("up", 9).holds);
}

TEST_F(Evaluation, ABareValueHoldsWhenItIsNotZero) {
  add("x", {{"a", "1"}}, 0, 1);
  add("x", {{"a", "2"}}, 0, 0);
  EXPECT_FALSE(truth("x", 0).holds);
  EXPECT_EQ(truth("x", 0).seen, "x{a=\"2\"} 0, x{a=\"1\"} 1");
  EXPECT_TRUE(truth("x", 0, Reading::kAny).holds);
  EXPECT_TRUE(truth("absent(gone)", 0).holds);
  EXPECT_FALSE(truth("absent(x)", 0).holds);
  EXPECT_FALSE(truth("x{a=\"2\"} == bool 1", 0).holds);
  EXPECT_FALSE(truth("0 / 0", 0).holds);
}

TEST_F(Evaluation, SetOperationsOfConditions) {
  add("a", {{"peer", "n2"}}, 0, 1);
  add("a", {{"peer", "n3"}}, 0, 0);
  add("b", {{"peer", "n2"}}, 0, 5);
  add("b", {{"peer", "n3"}}, 0, 6);
  EXPECT_FALSE(truth("a == 1 and b > 0", 0).holds);
  EXPECT_TRUE(truth("a == 1 and b > 0", 0, Reading::kAny).holds);
  EXPECT_TRUE(truth("a < 2 and b > 0", 0).holds);
  EXPECT_FALSE(truth("a < 2 and b > 5", 0).holds);
  EXPECT_TRUE(truth("a == 1 or a == 0", 0).holds) << "each series on one side or the other";
  EXPECT_FALSE(truth("a == 1 or a == 7", 0).holds);
  EXPECT_TRUE(truth("absent(gone) or b == 9", 0).holds);
  EXPECT_TRUE(truth("a < 2 unless b > 6", 0).holds);
  EXPECT_FALSE(truth("a < 2 unless b > 5", 0).holds);
}

TEST_F(Evaluation, ASampleWithoutAPartnerIsNotPassedOver) {
  add("sent", {{"peer", "n2"}}, 0, 2);
  add("sent", {{"peer", "n3"}}, 0, 2);
  add("acked", {{"peer", "n2"}}, 0, 2);
  const Truth result = truth("sent == acked", 0);
  EXPECT_FALSE(result.holds);
  EXPECT_EQ(result.seen, "sent{peer=\"n3\"} 2 (without a partner in acked)");
  add("acked", {{"peer", "n3"}}, 0, 1);
  EXPECT_EQ(truth("sent == acked", 0).seen, "sent{peer=\"n3\"} 2 (against 1)");
}

}  // namespace
}  // namespace halfopen
