// Our half of the test that holds expressions against a real Prometheus; Python has the other half.
//
//   metrics                          every metric of our programs, as JSON
//   conditions FILE...               every condition of the scenario files' runs, as JSON
//   write < LINES                    name{label="value"} value milliseconds, as OpenMetrics
//   evaluate SAMPLES LOOKBACK_MS < QUERIES
//                                    a line {"expression": "...", "at": [ms, ...]} each; answers
//                                    line by line {"parse_error": "..."} or {"answers": [...]}
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <charconv>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/model/expression/evaluate.hpp"
#include "harness/model/open_metrics.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/series.hpp"
#include "harness/shell/metric_families.hpp"
#include "metrics/names.hpp"

namespace halfopen {
namespace {

namespace json = boost::json;

int usage() {
  std::cerr << "usage: metrics | conditions FILE... | write | evaluate SAMPLES LOOKBACK_MS\n";
  return 64;
}

double number(std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    throw std::runtime_error("no number: " + std::string(text));
  }
  return value;
}

// Lines of samples with a time each; seconds are read as Prometheus reads OpenMetrics.
SeriesStore read_samples(std::istream& lines, bool times_are_seconds) {
  SeriesStore store;
  std::string line;
  while (std::getline(lines, line)) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t space = line.rfind(' ');
    if (space == std::string::npos) throw std::runtime_error("no time: " + line);
    const auto page = parse_exposition(std::string_view(line).substr(0, space));
    if (page.has_error()) throw std::runtime_error(page.error().text + ": " + line);
    const double time = number(std::string_view(line).substr(space + 1));
    const std::chrono::milliseconds at(
        static_cast<std::int64_t>(times_are_seconds ? time * 1000 : time));
    const ExposedSample& sample = page->at(0);
    if (!store.append(sample.name, sample.labels, {Instant{} + at, sample.value})) {
      throw std::runtime_error("too many samples");
    }
  }
  return store;
}

json::array metrics() {
  json::array all;
  for (const MetricDefinition& definition : all_metrics()) {
    constexpr const char* kKinds[] = {"counter", "gauge", "histogram"};
    all.push_back(json::object{{"name", definition.name},
                               {"kind", kKinds[static_cast<std::size_t>(definition.kind)]},
                               {"labels", definition.labels}});
  }
  return all;
}

// Whatever a step or an expectation is, its condition is called so.
template <class Body>
void add_conditions(const Body& body, std::set<std::string>& conditions) {
  std::visit(
      [&conditions](const auto& one) {
        if constexpr (requires { one.condition.text(); }) conditions.insert(one.condition.text());
        if constexpr (requires { one.fire.front().expression.text(); }) {
          for (const auto* rules : {&one.fire, &one.silent}) {
            for (const auto& rule : *rules)
              conditions.insert(rule.expression.text());
          }
        }
      },
      body);
}

json::array conditions_of(const std::vector<std::string>& files) {
  std::set<std::string> conditions;
  for (const std::string& path : files) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    const auto document = parse_yaml(text.str(), path);
    if (document.has_error()) throw std::runtime_error(document.error().text);
    const auto plan = plan_scenario(*document, {});
    if (plan.has_error()) throw std::runtime_error(plan.error().text);
    for (const PlannedRun& run : plan->runs) {
      for (const Step& step : run.scenario.steps)
        add_conditions(step.action, conditions);
      for (const Expectation& expectation : run.scenario.expectations)
        add_conditions(expectation.body, conditions);
    }
  }
  json::array all;
  for (const std::string& condition : conditions)
    all.emplace_back(condition);
  return all;
}

json::object answer(const Result<ExpressionValue>& result) {
  if (result.has_error()) return {{"error", result.error().text}};
  json::array samples;
  for (const ExpressionSample& sample : *result) {
    json::object labels;
    for (const auto& [label, value] : sample.labels)
      labels[label] = value;
    samples.push_back(json::object{{"labels", labels}, {"value", value_text(sample.value)}});
  }
  return {{"samples", samples}};
}

// `strict` is what a scenario gets, `lenient` what Prometheus would have to say.
json::object evaluate_query(const json::object& query, const SeriesStore& store,
                            Duration lookback) {
  const auto parsed = Expression::parse(json::value_to<std::string>(query.at("expression")));
  if (parsed.has_error()) return {{"parse_error", parsed.error().text}};
  json::array answers;
  for (const json::value& milliseconds : query.at("at").as_array()) {
    const Instant at = Instant{} + std::chrono::milliseconds(milliseconds.as_int64());
    const EvaluationSettings strict{lookback, Duration{}, false};
    const EvaluationSettings lenient{lookback, Duration{}, true};
    answers.push_back(json::object{{"strict", answer(evaluate(*parsed, store, at, strict))},
                                   {"lenient", answer(evaluate(*parsed, store, at, lenient))}});
  }
  return {{"answers", answers}};
}

int evaluate_all(const std::string& samples, const std::string& lookback_milliseconds) {
  std::ifstream file(samples);
  if (!file) throw std::runtime_error("cannot open " + samples);
  const SeriesStore store = read_samples(file, true);
  const std::chrono::milliseconds lookback(
      static_cast<std::int64_t>(number(lookback_milliseconds)));
  std::string line;
  while (std::getline(std::cin, line)) {
    const json::value query = json::parse(line);
    std::cout << json::serialize(evaluate_query(query.as_object(), store, lookback)) << "\n";
  }
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return usage();
  const std::string& command = arguments.front();
  if (command == "metrics") {
    std::cout << json::serialize(metrics()) << "\n";
  } else if (command == "conditions") {
    std::cout << json::serialize(conditions_of({arguments.begin() + 1, arguments.end()})) << "\n";
  } else if (command == "write") {
    std::cout << open_metrics_text(read_samples(std::cin, false), Duration{}, metric_families());
  } else if (command == "evaluate" && arguments.size() == 3) {
    return evaluate_all(arguments[1], arguments[2]);
  } else {
    return usage();
  }
  return 0;
}

}  // namespace
}  // namespace halfopen

int main(int count, char** arguments) {
  try {
    return halfopen::run({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 70;
  }
}
