// Our evaluation against Prometheus's own, from the file that promtool reads.
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include "base/duration_text.hpp"
#include "harness/model/document.hpp"
#include "harness/model/expression/binary_operation.hpp"
#include "harness/model/expression/evaluate.hpp"

namespace halfopen {
namespace {

const Document& child(const Document& map, const std::string& key) {
  const Document* found = map.find(key);
  if (found == nullptr) throw std::runtime_error(map.mark.text() + ": no " + key);
  return *found;
}

double number(const std::string& text) {
  if (text == ".inf") return std::numeric_limits<double>::infinity();
  if (text == "-.inf") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{}) throw std::runtime_error("no number: " + text);
  return value;
}

// "up{a="b"}" is itself an expression of our language: equality matchers are its labels.
std::pair<std::string, SeriesLabels> series_of(const std::string& text) {
  std::pair<std::string, SeriesLabels> result;
  const std::size_t brace = text.find('{');
  result.first = text.substr(0, brace);
  if (brace == std::string::npos) return result;
  const auto page = parse_exposition("name" + text.substr(brace) + " 1");
  if (page.has_error()) throw std::runtime_error(page.error().text);
  result.second = page->at(0).labels;
  return result;
}

Instant at(int seconds) {
  return Instant{} + std::chrono::seconds(seconds);
}

void load(SeriesStore& store, const Document& input) {
  const auto [name, labels] = series_of(child(input, "series").scalar);
  std::istringstream values(child(input, "values").scalar);
  std::string value;
  for (int second = 0; values >> value; ++second) {
    if (value == "stale") {
      SeriesLabels subset = labels;
      ASSERT_FALSE(subset.empty()) << "mark_stale selects by labels";
      store.mark_stale(subset, at(second));
    } else if (value != "_") {
      ASSERT_TRUE(store.append(name, labels, {at(second), number(value)}));
    }
  }
}

std::string identity(SeriesLabels labels, const std::string& name) {
  if (!name.empty()) labels.emplace("__name__", name);
  return expression::labels_text(labels);
}

void compare(const Document& test, const SeriesStore& store) {
  const std::string text = child(test, "expr").scalar;
  const Duration time = parse_duration(child(test, "eval_time").scalar).value();
  SCOPED_TRACE(text + " at " + format_duration(time));
  const auto parsed = Expression::parse(text);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
  const EvaluationSettings settings{std::chrono::minutes(5), Duration{0}};
  const auto result = evaluate(*parsed, store, Instant{} + time, settings);
  ASSERT_TRUE(result.has_value()) << result.error().text;
  std::map<std::string, double> ours;
  for (const ExpressionSample& sample : *result)
    ours[identity(sample.labels, "")] = sample.value;

  const auto& expected = child(test, "exp_samples").items;
  EXPECT_EQ(ours.size(), expected.size());
  for (const Document& sample : expected) {
    const auto [name, labels] = series_of(child(sample, "labels").scalar);
    const std::string key = identity(labels, name);
    ASSERT_TRUE(ours.contains(key)) << key;
    const double theirs = number(child(sample, "value").scalar);
    if (std::isinf(theirs)) {
      EXPECT_EQ(ours[key], theirs) << key;
    } else {
      EXPECT_NEAR(ours[key], theirs, std::abs(theirs) * 1e-12) << key;
    }
  }
}

TEST(Promql, EveryExpressionIsWorthWhatPrometheusSays) {
  const std::string path = HALFOPEN_SOURCE_DIR "/tests/unit/harness_judge_promql.yaml";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto document = parse_yaml(text.str(), path);
  ASSERT_TRUE(document.has_value()) << document.error().text;
  const Document& test = child(*document, "tests").items.at(0);
  SeriesStore store;
  for (const Document& input : child(test, "input_series").items)
    load(store, input);
  const auto& cases = child(test, "promql_expr_test").items;
  ASSERT_GT(cases.size(), 300U);
  for (const Document& one : cases)
    compare(one, store);
}

}  // namespace
}  // namespace halfopen
