// Expectations that are about events: what was sent, lost, found, in which order, and what a
// process said in its own log.
#include <algorithm>
#include <cstring>
#include <utility>

#include "harness/model/bind_expectation_parts.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/shape_parts.hpp"
#include "harness/model/transition_reasons.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kPathMax = 100;

// Two vote-nodes with a link between them, under `one_key` and `other_key`.
struct Pair {
  std::string one;
  std::string other;
};

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

Result<std::string> read_error(const Document& value) {
  HALFOPEN_TRY(name, read_text(value, "an errno"));
  if (name != "OK" && is_send_result(name)) return name;
  return unknown_name(value.mark, "errno", name,
                      {"ETIMEDOUT", "ECONNRESET", "EPIPE", "ECONNREFUSED", "EHOSTUNREACH",
                       "ENETUNREACH", "ECONNABORTED"});
}

Result<std::vector<PathStop>> read_states(const Document& value) {
  const std::vector<std::string> known{"Idle",    "Dialing", "Handshaking", "Healthy",
                                       "Suspect", "Backoff", "Closed"};
  HALFOPEN_CHECK(read_texts(value, "\"states\""));
  std::vector<PathStop> path;
  for (const Document& item : value.items) {
    HALFOPEN_TRY(state, read_known(item, "state", known));
    path.push_back({std::move(state), "", ""});
  }
  return path;
}

Result<std::vector<PathStop>> read_errors(const Document& value) {
  HALFOPEN_CHECK(read_texts(value, "\"errnos\""));
  std::vector<PathStop> path;
  for (const Document& item : value.items) {
    HALFOPEN_TRY(error, read_error(item));
    path.push_back({"", "", std::move(error)});
  }
  return path;
}

// One of the node's own reasons, or the word that stands for something else here.
Result<std::string> read_reason(const Document& value, const std::string& other_word) {
  std::vector<std::string> known = transition_reasons();
  known.push_back(other_word);
  return read_known(value, "reason of a transition", known);
}

// A reason, or "any".
Result<std::vector<std::string>> read_reasons(const Document& value) {
  HALFOPEN_TRY(reasons, read_texts(value, "\"reasons\""));
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    HALFOPEN_CHECK(read_reason(value.items[i], "any"));
    if (reasons[i] == "any") reasons[i].clear();
  }
  return reasons;
}

// `states`, with `reasons` of the transitions between them; or `reasons` alone, or `errnos` alone.
Result<TransitionSequence> read_path(const Fields& fields, const Document& value) {
  TransitionSequence sequence;
  const Document* states = fields.find("states");
  const Document* reasons = fields.find("reasons");
  const Document* errnos = fields.find("errnos");
  if (states == nullptr && reasons == nullptr && errnos == nullptr) {
    return problem_at(value.mark,
                      "\"sequence\" lacks what must come; expected states, reasons or errnos");
  }
  if (errnos != nullptr) {
    if (states != nullptr || reasons != nullptr) {
      return problem_at(errnos->mark,
                        "\"errnos\" stands alone; states and reasons need a "
                        "sequence of their own");
    }
    HALFOPEN_TRY(path, read_errors(*errnos));
    sequence.errors_only = true;
    sequence.path = std::move(path);
    return sequence;
  }
  if (states != nullptr) {
    HALFOPEN_TRY(path, read_states(*states));
    sequence.begins_with_state = true;
    sequence.path = std::move(path);
  }
  if (reasons == nullptr) return sequence;
  HALFOPEN_TRY(names, read_reasons(*reasons));
  const std::size_t first = states == nullptr ? 0 : 1;
  if (states == nullptr) sequence.path.resize(names.size());
  if (names.size() + first != sequence.path.size()) {
    const std::size_t stops = sequence.path.size();
    return problem_at(reasons->mark,
                      "\"reasons\" are of the transitions between the states: expected " +
                          std::to_string(stops - 1) + " for " + std::to_string(stops) +
                          " states; \"any\" is any reason");
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    sequence.path[first + i].reason = std::move(names[i]);
  return sequence;
}

std::string path_text(const TransitionSequence& sequence) {
  std::vector<std::string> stops;
  for (const PathStop& stop : sequence.path) {
    std::string text = stop.state + stop.error;
    if (!stop.reason.empty()) text += (text.empty() ? "" : " by ") + stop.reason;
    stops.push_back(text.empty() ? "any" : text);
  }
  return joined_with(stops, ", ");
}

}  // namespace

Result<std::string> read_vote_node(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(name, read_known(value, "node", node_names(scenario)));
  if (find_node(scenario, name)->argv.empty()) return name;
  return problem_at(value.mark, "node " + name +
                                    " runs a command of its own and tells no events; "
                                    "expected a vote-node");
}

Result<BoundBody> bind_sends(const Document& value, bool race, const Scenario& scenario) {
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
    outcomes.push_back("[" + joined_with(results, ", ") + "]");
  const std::string text = "sends from " + pair.one + " to " + pair.other +
                           (outcomes.size() == 1 ? " are " : " are one of ") +
                           joined_with(outcomes, " or ");
  return BoundBody{std::move(sequence), text};
}

Result<BoundBody> bind_lost_votes(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, lost_votes_shape()));
  HALFOPEN_TRY(pair, read_pair(fields, "from", "to", scenario));
  HALFOPEN_CHECK(fields.need_main());
  HALFOPEN_TRY(bound, read_count_bound(fields, {}));
  const LostVotes lost{pair.one, pair.other, bound.comparison, bound.count};
  return BoundBody{lost,
                   "lost votes from " + pair.one + " to " + pair.other + " are " + bound.text()};
}

Result<BoundBody> bind_detected_by(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, detected_by_shape()));
  HALFOPEN_TRY(pair, read_pair(fields, "node", "peer", scenario));
  HALFOPEN_TRY(entry, fields.need_main());
  DetectedBy detected{pair.one, pair.other, {}};
  if (entry->key == "reason") {
    HALFOPEN_TRY(reason, read_reason(entry->value, "none"));
    detected.one_of.push_back(std::move(reason));
  } else {
    HALFOPEN_TRY(reasons, read_texts(entry->value, "\"one_of\""));
    for (const Document& item : entry->value.items)
      HALFOPEN_CHECK(read_reason(item, "none"));
    detected.one_of = std::move(reasons);
  }
  const std::string text = pair.one + " finds the death of its connection to " + pair.other +
                           " by " + joined_with(detected.one_of, " or ");
  return BoundBody{std::move(detected), text};
}

Result<BoundBody> bind_sequence(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, sequence_shape()));
  HALFOPEN_TRY(pair, read_pair(fields, "node", "peer", scenario));
  HALFOPEN_TRY(sequence, read_path(fields, value));
  if (sequence.path.size() > kPathMax) {
    return problem_at(value.mark,
                      "expected at most " + std::to_string(kPathMax) + " stops in a sequence");
  }
  sequence.node = pair.one;
  sequence.peer = pair.other;
  if (const Document* strict = fields.find("strict")) {
    HALFOPEN_TRY(flag, read_flag(*strict, "\"strict\""));
    sequence.strict = flag;
  }
  const std::string text = pair.one + "'s view of " + pair.other + " goes " +
                           (sequence.strict ? "exactly " : "") + "through " + path_text(sequence);
  return BoundBody{std::move(sequence), text};
}

Result<BoundBody> bind_log(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, log_shape()));
  HALFOPEN_TRY(node, fields.need("node"));
  HALFOPEN_TRY(name, read_known(*node, "node", node_names(scenario)));
  HALFOPEN_TRY(entry, fields.need_main());
  HALFOPEN_TRY(wanted, read_text(entry->value, "\"" + entry->key + "\""));
  LogLines lines{name, LinePattern::containing(wanted), {}};
  if (entry->key == "matches") {
    auto pattern = LinePattern::matching(wanted);
    if (pattern.has_error()) return problem_at(entry->value.mark, pattern.error().text);
    lines.pattern = std::move(*pattern);
  }
  HALFOPEN_TRY(bound, read_count_bound(fields, CountBound{Comparison::kAtLeast, 1}));
  lines.bound = bound;
  if (const Document* never = fields.find("never")) {
    HALFOPEN_TRY(flag, read_flag(*never, "\"never\""));
    const bool has_number = fields.find("equals") != nullptr ||
                            fields.find("at_least") != nullptr || fields.find("at_most") != nullptr;
    if (!flag || has_number) {
      return problem_at(never->mark,
                        "expected never: true and no number beside it, or a number alone");
    }
    lines.bound = {Comparison::kEqual, 0};
  }
  const bool is_never = lines.bound.comparison == Comparison::kEqual && lines.bound.count == 0;
  const std::string text = "the log of " + name + " has " +
                           (is_never ? "no line" : lines.bound.text() + " lines") + " " +
                           lines.pattern.text();
  return BoundBody{std::move(lines), text};
}

}  // namespace halfopen
