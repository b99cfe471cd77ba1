// Expectations: what must hold, and when one looks.
#include <algorithm>
#include <cstring>
#include <map>

#include "base/duration_text.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/expression_rules.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kExpectationsMax = 1000;
constexpr std::size_t kQuotedBytesMax = 200;
constexpr unsigned kVotesMax = 1'000'000;

struct Body {
  ExpectationBody body;
  std::string text;  // the beginning of the expectation's text
};

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string text;
  for (const std::string& part : parts)
    text += (text.empty() ? "" : between) + part;
  return text;
}

// Two vote-nodes with a link between them, under `one_key` and `other_key`.
struct Pair {
  std::string one;
  std::string other;
};

Result<std::string> read_vote_node(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(name, read_known(value, "node", node_names(scenario)));
  if (find_node(scenario, name)->argv.empty()) return name;
  return problem_at(value.mark, "node " + name +
                                    " runs a command of its own and tells no events; "
                                    "expected a vote-node");
}

Result<Pair> read_pair(const Fields& fields, const std::string& one_key,
                       const std::string& other_key, const Scenario& scenario) {
  HALFOPEN_TRY(one, fields.need(one_key));
  HALFOPEN_TRY(other, fields.need(other_key));
  HALFOPEN_TRY(one_name, read_vote_node(*one, scenario));
  HALFOPEN_TRY(other_name, read_vote_node(*other, scenario));
  if (find_link(scenario, one_name, other_name) != nullptr) return Pair{one_name, other_name};
  return problem_at(other->mark,
                    "there is no link between " + one_name + " and " + other_name + " in this run");
}

template <class Condition>
Result<Body> bind_condition(const DocumentEntry& entry) {
  HALFOPEN_TRY(expression, read_expression(entry.value));
  return Body{Condition{expression}, entry.key + " " + expression.text()};
}

// "OK", or an errno by its name as this system knows it.
bool is_send_result(const std::string& name) {
  constexpr int kErrnoMax = 200;
  if (name == "OK") return true;
  for (int error = 1; error < kErrnoMax; ++error) {
    const char* known = strerrorname_np(error);
    if (known != nullptr && name == known) return true;
  }
  return false;
}

Result<std::vector<std::string>> read_send_results(const Document& value) {
  HALFOPEN_TRY(results, read_texts(value, "the sends' results"));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (is_send_result(results[i])) continue;
    return unknown_name(value.items[i].mark, "result of a send", results[i],
                        {"OK", "EPIPE", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH",
                         "ECONNABORTED", "EAGAIN", "ENOTCONN"});
  }
  return results;
}

Result<Body> bind_sends(const Document& value, bool race, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, sends_shape()));
  HALFOPEN_TRY(pair, read_pair(fields, "from", "to", scenario));
  HALFOPEN_TRY(entry, fields.need_main());
  SendSequence sequence{pair.one, pair.other, {}};
  if (entry->key == "are") {
    HALFOPEN_TRY(results, read_send_results(entry->value));
    sequence.one_of.push_back(std::move(results));
  } else {
    if (!race) {
      return problem_at(entry->key_mark,
                        "several outcomes are allowed only where times compete on purpose; add "
                        "race: true to the expectation, or use \"are\"");
    }
    HALFOPEN_CHECK(check_list(entry->value, "\"are_one_of\""));
    for (const Document& item : entry->value.items) {
      HALFOPEN_TRY(results, read_send_results(item));
      sequence.one_of.push_back(std::move(results));
    }
    if (sequence.one_of.empty()) {
      return problem_at(entry->value.mark, "\"are_one_of\" must be a list of at least one list");
    }
  }
  std::vector<std::string> outcomes;
  for (const auto& results : sequence.one_of)
    outcomes.push_back("[" + joined(results, ", ") + "]");
  const std::string text = "sends from " + pair.one + " to " + pair.other +
                           (outcomes.size() == 1 ? " are " : " are one of ") +
                           joined(outcomes, " or ");
  return Body{std::move(sequence), text};
}

Result<Body> bind_invariants(const Document& value) {
  HALFOPEN_TRY(names, read_texts(value, "\"invariant\""));
  const std::vector<std::string> known{"no_lost_votes", "no_duplicates", "no_equivocation"};
  Invariants invariants;
  for (std::size_t i = 0; i < names.size(); ++i) {
    HALFOPEN_TRY(name, read_known(value.items[i], "invariant", known));
    const auto index = std::find(known.begin(), known.end(), name) - known.begin();
    invariants.all.push_back(static_cast<Invariant>(index));
  }
  return Body{std::move(invariants), joined(names, ", ")};
}

Result<Body> bind_lost_votes(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, lost_votes_shape()));
  HALFOPEN_TRY(pair, read_pair(fields, "from", "to", scenario));
  HALFOPEN_TRY(entry, fields.need_main());
  HALFOPEN_TRY(count, read_count(entry->value, "\"" + entry->key + "\"", 0, kVotesMax));
  LostVotes lost{pair.one, pair.other, LostVotes::Comparison::kEqual, count};
  std::string words = "exactly ";
  if (entry->key == "at_least") {
    if (count == 0) {
      return problem_at(entry->value.mark, "\"at_least: 0\" always holds; expected 1 or more");
    }
    lost.comparison = LostVotes::Comparison::kAtLeast;
    words = "at least ";
  } else if (entry->key == "at_most") {
    lost.comparison = LostVotes::Comparison::kAtMost;
    words = "at most ";
  }
  return Body{lost, "lost votes from " + pair.one + " to " + pair.other + " are " + words +
                        std::to_string(count)};
}

Result<Body> bind_detected_by(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, detected_by_shape()));
  HALFOPEN_TRY(pair, read_pair(fields, "node", "peer", scenario));
  HALFOPEN_TRY(entry, fields.need_main());
  DetectedBy detected{pair.one, pair.other, {}};
  if (entry->key == "reason") {
    HALFOPEN_TRY(reason, read_id(entry->value, "the reason"));
    detected.one_of.push_back(std::move(reason));
  } else {
    HALFOPEN_TRY(reasons, read_texts(entry->value, "\"one_of\""));
    for (const Document& item : entry->value.items)
      HALFOPEN_CHECK(read_id(item, "the reason"));
    detected.one_of = std::move(reasons);
  }
  const std::string text = pair.one + " finds the death of its connection to " + pair.other +
                           " by " + joined(detected.one_of, " or ");
  return Body{std::move(detected), text};
}

Result<Body> bind_body(const DocumentEntry& entry, bool race, const Scenario& scenario) {
  if (entry.key == "always") return bind_condition<Always>(entry);
  if (entry.key == "never") return bind_condition<Never>(entry);
  if (entry.key == "eventually") return bind_condition<Eventually>(entry);
  if (entry.key == "sometimes") return bind_condition<Sometimes>(entry);
  if (entry.key == "sends") return bind_sends(entry.value, race, scenario);
  if (entry.key == "invariant") return bind_invariants(entry.value);
  if (entry.key == "lost_votes") return bind_lost_votes(entry.value, scenario);
  return bind_detected_by(entry.value, scenario);
}

Result<std::string> read_step(const DocumentEntry& entry, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(entry.value, window_step_shape(), "\"" + entry.key + "\""));
  HALFOPEN_TRY(step, fields.need("step"));
  return read_known(*step, "step", step_ids(scenario));
}

Result<Window> bind_window(const Document& item, const Scenario& scenario) {
  Window window;
  const Document* within = nullptr;
  for (const DocumentEntry& entry : item.entries) {
    if (entry.key == "during") {
      HALFOPEN_TRY(step, read_step(entry, scenario));
      window.during = step;
    } else if (entry.key == "since") {
      HALFOPEN_TRY(step, read_step(entry, scenario));
      window.since = step;
    } else if (entry.key == "within") {
      HALFOPEN_TRY(limit, read_duration(entry.value, "\"within\""));
      window.within = limit;
      within = &entry.value;
    }
  }
  if (!window.during.empty() && !window.since.empty()) {
    return problem_at(item.mark,
                      "an expectation looks \"during\" a step or \"since\" one, not both");
  }
  if (within != nullptr && window.since.empty()) {
    return problem_at(within->mark, "\"within\" counts from a step; add since: {step: ...}");
  }
  return window;
}

std::string window_text(const Window& window) {
  std::string text;
  if (!window.during.empty()) text += " during " + window.during;
  if (window.within) text += " within " + format_duration(*window.within);
  if (!window.since.empty()) text += (window.within ? " of " : " since ") + window.since;
  return text;
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
  expectation.window = window;
  HALFOPEN_TRY(entry, fields.need_main());
  HALFOPEN_TRY(body, bind_body(*entry, expectation.race, scenario));
  expectation.body = std::move(body.body);
  expectation.body_mark = entry->value.mark;
  expectation.text = body.text + window_text(window);
  return expectation;
}

}  // namespace

std::vector<std::string> expectation_ids(const Scenario& scenario) {
  std::vector<std::string> ids;
  for (const Expectation& expectation : scenario.expectations)
    ids.push_back(expectation.id);
  return ids;
}

Result<Expression> read_expression(const Document& document) {
  HALFOPEN_TRY(text, read_text(document, "a condition"));
  auto expression = Expression::parse(text);
  if (expression.has_error()) {
    return problem_at(document.mark, "in the condition '" + excerpt(text, kQuotedBytesMax) +
                                         "': " + expression.error().text);
  }
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
      return problem_at(item.mark, "duplicate expectation id \"" + expectation.id +
                                       "\"; it was given on line " + std::to_string(first->second));
    }
    scenario.expectations.push_back(std::move(expectation));
  }
  if (scenario.expectations.empty()) {
    return problem_at(expect.mark, "there is no expectation; expected at least one");
  }
  return {};
}

}  // namespace halfopen
