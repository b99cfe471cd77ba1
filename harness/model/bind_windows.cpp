// When an expectation looks, and which events it means.
#include <algorithm>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/bind_expectation_parts.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

std::vector<std::string> link_ids(const Scenario& scenario) {
  std::vector<std::string> ids;
  for (const LinkSpec& link : scenario.links)
    ids.push_back(link.id);
  return ids;
}

// Every fault that the link has at some time, by name.
std::vector<std::string> fault_names(const Scenario& scenario, const std::string& link) {
  std::vector<std::string> names;
  for (const LinkSpec& spec : scenario.links) {
    if (spec.id != link) continue;
    for (const FaultSpec& fault : spec.faults)
      names.push_back(fault.name);
  }
  for (const Step& step : scenario.steps) {
    const auto* set = std::get_if<SetFault>(&step.action);
    if (set != nullptr && set->link == link) names.push_back(set->fault.name);
  }
  return names;
}

Result<std::string> read_step(const Document& value, const Scenario& scenario) {
  // A file may have a thousand steps, and a thousand windows: their names are listed only for the
  // one who asks for a step that is not there.
  const bool is_known = value.kind == Document::Kind::kScalar &&
                        std::any_of(scenario.steps.begin(), scenario.steps.end(),
                                    [&](const Step& step) { return step.id == value.scalar; });
  if (is_known) return value.scalar;
  return read_known(value, "step", step_ids(scenario));
}

Result<FaultSpan> read_fault_span(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, fault_span_shape()));
  HALFOPEN_TRY(link, fields.need("link"));
  HALFOPEN_TRY(id, read_known(*link, "link", link_ids(scenario)));
  const std::vector<std::string> known = fault_names(scenario, id);
  if (const Document* name = fields.find("name")) {
    HALFOPEN_TRY(fault, read_known(*name, "fault of " + id, known));
    return FaultSpan{id, fault};
  }
  if (known.size() == 1) return FaultSpan{id, known.front()};
  return problem_at(value.mark, "the link " + id + " has " + std::to_string(known.size()) +
                                    " faults; add the name of the one that is meant");
}

Result<void> read_during(const Document& value, const Scenario& scenario, Window& window) {
  HALFOPEN_TRY(fields, Fields::of(value, during_shape(), "\"during\""));
  HALFOPEN_TRY(entry, fields.need_main());
  if (entry->key == "step") {
    HALFOPEN_TRY(step, read_step(entry->value, scenario));
    window.during = std::move(step);
  } else {
    HALFOPEN_TRY(fault, read_fault_span(entry->value, scenario));
    window.during_fault = std::move(fault);
  }
  return {};
}

Result<void> read_since(const Document& value, const Scenario& scenario, Window& window) {
  HALFOPEN_TRY(fields, Fields::of(value, since_shape(), "\"since\""));
  const Document* step = fields.find("step");
  const Document* event = fields.find("event");
  if (step == nullptr && event == nullptr) HALFOPEN_CHECK(fields.need("step"));
  if (step != nullptr) {
    HALFOPEN_TRY(id, read_step(*step, scenario));
    window.since = std::move(id);
  }
  if (event != nullptr) {
    HALFOPEN_TRY(pattern, read_event_pattern(*event, scenario));
    window.since_event = std::move(pattern);
  }
  return {};
}

}  // namespace

Result<Window> bind_window(const Document& item, const Scenario& scenario) {
  Window window;
  const Document* during = item.find("during");
  const Document* since = item.find("since");
  const Document* within = item.find("within");
  if (during != nullptr) HALFOPEN_CHECK(read_during(*during, scenario, window));
  if (since != nullptr) HALFOPEN_CHECK(read_since(*since, scenario, window));
  if (within != nullptr) {
    HALFOPEN_TRY(limit, read_limit(*within, "\"within\""));
    window.within = limit;
  }
  if (during != nullptr && since != nullptr) {
    return problem_at(item.mark,
                      "an expectation looks \"during\" a step or \"since\" one, not both");
  }
  if (within != nullptr && since == nullptr && !window.during_fault) {
    return problem_at(within->mark, "\"within\" counts from a step; add since: {step: ...}");
  }
  return window;
}

std::string window_text(const Window& window) {
  std::string text;
  if (window.during_fault) {
    const std::string span = window.during_fault->link + " has " + window.during_fault->name;
    return (window.within ? " within " + format_duration(*window.within) : "") + " while " + span;
  }
  if (!window.during.empty()) text += " during " + window.during;
  if (window.within) text += " within " + format_duration(*window.within);
  const char* from = window.within ? " of " : " since ";
  if (window.since_event) {
    text += from + window.since_event->text();
    if (!window.since.empty()) text += " after " + window.since;
  } else if (!window.since.empty()) {
    text += from + window.since;
  }
  return text;
}

Result<EventPattern> read_event_pattern(const Document& value, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, event_shape()));
  HALFOPEN_TRY(teller, fields.need_main());
  EventPattern pattern;
  const bool by_node = teller->key == "node";
  auto who = by_node ? read_vote_node(teller->value, scenario)
                     : read_known(teller->value, "link", link_ids(scenario));
  if (who.has_error()) return who.error();
  pattern.fields[teller->key] = std::move(*who);
  HALFOPEN_TRY(event, fields.need("event"));
  HALFOPEN_TRY(name, read_known(*event, by_node ? "event of a vote-node" : "event of a link",
                                by_node ? node_event_names() : link_event_names()));
  pattern.event = std::move(name);
  for (const DocumentEntry& entry : value.entries) {
    if (entry.key == teller->key || entry.key == "event") continue;
    if (entry.key == "peer") {
      HALFOPEN_CHECK(read_known(entry.value, "node", node_names(scenario)));
    }
    HALFOPEN_TRY(text, read_text(entry.value, "\"" + entry.key + "\""));
    pattern.fields[entry.key] = std::move(text);
  }
  return pattern;
}

}  // namespace halfopen
