// Expectations that are about a condition over metrics, and how many of something there may be.
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/bind_expectation_parts.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr unsigned kCountMax = 1'000'000;

template <class Condition>
BoundBody with_condition(const std::string& word, const Expression& expression) {
  return {Condition{expression}, word + " " + expression.text()};
}

}  // namespace

std::string joined_with(const std::vector<std::string>& parts, const std::string& between) {
  std::string text;
  for (const std::string& part : parts)
    text += (text.empty() ? "" : between) + part;
  return text;
}

Result<BoundBody> bind_condition(const DocumentEntry& entry) {
  HALFOPEN_TRY(expression, read_expression(entry.value));
  if (entry.key == "always") return with_condition<Always>(entry.key, expression);
  if (entry.key == "never") return with_condition<Never>(entry.key, expression);
  if (entry.key == "eventually") return with_condition<Eventually>(entry.key, expression);
  return with_condition<Sometimes>(entry.key, expression);
}

Result<BoundBody> bind_holds_for(const Document& value) {
  HALFOPEN_TRY(fields, Fields::of(value, holds_for_shape()));
  HALFOPEN_TRY(condition, fields.need("condition"));
  HALFOPEN_TRY(expression, read_expression(*condition));
  HALFOPEN_TRY(at_least, fields.need("at_least"));
  HALFOPEN_TRY(time, read_duration(*at_least, "\"at_least\""));
  if (time <= Duration::zero()) {
    return problem_at(at_least->mark, "\"at_least: 0s\" is \"sometimes\"; expected a longer time");
  }
  const std::string text = expression.text() + " holds for at least " + format_duration(time);
  return BoundBody{HoldsFor{std::move(expression), time}, text};
}

Result<CountBound> read_count_bound(const Fields& fields, CountBound otherwise) {
  constexpr std::pair<const char*, Comparison> kWords[] = {
      {"equals", Comparison::kEqual},
      {"at_least", Comparison::kAtLeast},
      {"at_most", Comparison::kAtMost},
  };
  const char* found = nullptr;
  for (const auto& [word, comparison] : kWords) {
    const Document* value = fields.find(word);
    if (value == nullptr) continue;
    if (found != nullptr) {
      return problem_at(value->mark, std::string("there are both \"") + found + "\" and \"" + word +
                                         "\"; expected one of them");
    }
    found = word;
    HALFOPEN_TRY(count, read_count(*value, "\"" + std::string(word) + "\"", 0, kCountMax));
    if (comparison == Comparison::kAtLeast && count == 0) {
      return problem_at(value->mark, "\"at_least: 0\" always holds; expected 1 or more");
    }
    otherwise = {comparison, count};
  }
  return otherwise;
}

Result<BoundBody> bind_count(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, count_shape()));
  HALFOPEN_TRY(entry, fields.need_main());
  HALFOPEN_CHECK(fields.need_one_of({"equals", "at_least", "at_most"}));
  HALFOPEN_TRY(bound, read_count_bound(fields, {}));
  if (entry->key == "event") {
    HALFOPEN_TRY(event, read_event_pattern(entry->value, scenario));
    const std::string text = bound.text() + " x " + event.text();
    return BoundBody{CountEvents{std::move(event), bound}, text};
  }
  HALFOPEN_TRY(expression, read_expression(entry->value));
  const std::string text = expression.text() + " becomes true " + bound.text() + " times";
  return BoundBody{CountTimes{std::move(expression), bound}, text};
}

}  // namespace halfopen
