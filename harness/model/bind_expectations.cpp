// The list of expectations: which kind each is, and that each has a name of its own.
#include <map>
#include <utility>
#include <variant>

#include "base/duration_text.hpp"
#include "harness/model/bind_expectation_parts.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/expression_rules.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kExpectationsMax = 1000;
constexpr std::size_t kQuotedBytesMax = 200;
Result<BoundBody> bind_body(const DocumentEntry& entry, bool race, const Scenario& scenario) {
  const std::string& key = entry.key;
  if (key == "holds_for") return bind_holds_for(entry.value);
  if (key == "count") return bind_count(entry.value, scenario);
  if (key == "sends") return bind_sends(entry.value, race, scenario);
  if (key == "sequence") return bind_sequence(entry.value, scenario);
  if (key == "log") return bind_log(entry.value, scenario);
  if (key == "invariant") return bind_invariants(entry.value);
  if (key == "lost_votes") return bind_lost_votes(entry.value, scenario);
  if (key == "detected_by") return bind_detected_by(entry.value, scenario);
  if (key == "alerts") return bind_alerts(entry.value);
  return bind_condition(entry);
}

// A stretch that is longer than the time in which one looks can never be seen.
Result<void> check_stretch_fits(const Expectation& expectation, const Document& body) {
  const auto* holds = std::get_if<HoldsFor>(&expectation.body);
  const auto& within = expectation.window.within;
  if (holds == nullptr || !within || holds->at_least < *within) return {};
  return problem_at(body.mark, "\"at_least\" (" + format_duration(holds->at_least) +
                                   ") does not fit into \"within\" (" + format_duration(*within) +
                                   "); expected a longer \"within\"");
}

Result<Expectation> bind_expectation(const Document& item, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(item, expectation_shape()));
  Expectation expectation;
  expectation.mark = item.mark;
  HALFOPEN_TRY(id, fields.need("id"));
  HALFOPEN_TRY(id_text, read_id(*id, "the expectation id"));
  expectation.id = id_text;
  if (const Document* race = fields.find("race")) {
    HALFOPEN_TRY(flag, read_flag(*race, "\"race\""));
    expectation.race = flag;
  }
  if (const Document* reason = fields.find("uncontrolled")) {
    HALFOPEN_TRY(reason_text, read_text(*reason, "\"uncontrolled\""));
    expectation.uncontrolled = reason_text;
  }
  HALFOPEN_TRY(window, bind_window(item, scenario));
  expectation.window = std::move(window);
  HALFOPEN_TRY(entry, fields.need_main());
  HALFOPEN_TRY(body, bind_body(*entry, expectation.race, scenario));
  expectation.body = std::move(body.body);
  expectation.body_mark = entry->value.mark;
  expectation.text = body.text + window_text(expectation.window);
  HALFOPEN_CHECK(check_stretch_fits(expectation, entry->value));
  return expectation;
}

}  // namespace

std::vector<std::string> expectation_ids(const Scenario& scenario) {
  std::vector<std::string> ids;
  for (const Expectation& expectation : scenario.expectations)
    ids.push_back(expectation.id);
  return ids;
}

std::vector<std::string> expectation_parts(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Expectation& expectation : scenario.expectations) {
    for (const std::string& part : parts_of(expectation.body))
      names.push_back(expectation.id + "." + part);
  }
  return names;
}

Result<Expression> read_expression(const Document& document) {
  HALFOPEN_TRY(text, read_text(document, "a condition"));
  auto expression = Expression::parse(text);
  if (expression.has_error()) {
    return problem_at(document.mark, "in the condition '" + excerpt(text, kQuotedBytesMax) +
                                         "': " + expression.error().text);
  }
  HALFOPEN_CHECK(check_looks_at_the_run(*expression, document.mark));
  HALFOPEN_CHECK(check_comparisons(*expression, document.mark));
  return expression;
}

Result<void> bind_expectations(const Document& expect, const RunTerms& terms, Scenario& scenario) {
  HALFOPEN_CHECK(check_list(expect, "\"expect\""));
  if (expect.items.size() > kExpectationsMax) {
    return problem_at(expect.mark,
                      "expected at most " + std::to_string(kExpectationsMax) + " expectations");
  }
  std::map<std::string, int> line_of;
  for (const Document& item : expect.items) {
    HALFOPEN_CHECK(check_map(item, "an expectation"));
    HALFOPEN_TRY(belongs, belongs_to_run(item, terms));
    if (!belongs) continue;
    HALFOPEN_TRY(expectation, bind_expectation(item, scenario));
    if (const auto [first, fresh] = line_of.emplace(expectation.id, item.mark.line); !fresh) {
      return problem_at(item.find("id")->mark, "duplicate expectation id \"" + expectation.id +
                                                   "\"; it was given on line " +
                                                   std::to_string(first->second));
    }
    scenario.expectations.push_back(std::move(expectation));
  }
  if (scenario.expectations.empty()) {
    return problem_at(expect.mark, "there is no expectation; expected at least one");
  }
  return {};
}

}  // namespace halfopen
