// Scenarios of one expectation, to be judged against an invented record.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "harness/model/judge.hpp"
#include "tests/unit/harness_judge_record.hpp"

namespace halfopen::test {

inline const SeriesLabels kN2{{"node", "n1"}, {"peer", "n2"}};
inline const SeriesLabels kN3{{"node", "n1"}, {"peer", "n3"}};

inline Scenario scenario_of(ExpectationBody body, Window window = {}) {
  Scenario scenario;
  scenario.nodes.resize(2);
  scenario.nodes[0].name = "n1";
  scenario.nodes[1].name = "n2";
  LinkSpec link;
  link.dialer = "n1";
  link.listener = "n2";
  scenario.links.push_back(link);
  Expectation expectation;
  expectation.id = "it";
  expectation.text = "its text";
  expectation.body = std::move(body);
  expectation.window = std::move(window);
  scenario.expectations.push_back(std::move(expectation));
  return scenario;
}

inline ExpectationResult judged(ExpectationBody body, RecordBuilder& builder, Window window = {}) {
  return judge(scenario_of(std::move(body), std::move(window)), builder.record()).at(0);
}

inline Expression expression(const std::string& text) {
  return Expression::parse(text).value();
}

inline Window since(const std::string& step, std::optional<Duration> within = {}) {
  return {"", step, within};
}

}  // namespace halfopen::test
