// The shapes of what a file has at its top.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

using Need = ShapeKey::Need;

constexpr std::uint64_t kCostMax = 8;
constexpr std::uint64_t kRepeatMax = 1000;

ShapeKey set_key() {
  return {"set", Need::kOptional, takes_map(takes_anything()),
          "JSON pointers to what the file writes, each with the value it has instead"};
}

ShapeKey vars_key(const char* doc) {
  return {"vars", Need::kOptional, takes_map(takes_text()), doc};
}

std::vector<ShapeKey> settings() {
  return {
      {"name", Need::kRequired, takes_name(), "a-z, 0-9 and -; no other file's of the same run"},
      {"claim", Need::kRequired, takes_text(), "one sentence: what the scenario proves"},
      {"tags", Need::kOptional, takes_list(takes_name()), "words to choose scenarios by (--tags)"},
      {"needs", Need::kOptional,
       takes_list(takes_word({"filter", "repair", "mark", "nft", "world:proxy", "world:kernel"})),
       "abilities of the machine, or the only world that can play it; else INCONCLUSIVE"},
      {"cost", Need::kOptional, takes_count(1, kCostMax),
       "how much of the machine a run takes (1)"},
      {"seed", Need::kOptional, takes_count(0, std::numeric_limits<std::uint64_t>::max()),
       "of everything drawn in a run; without it each run draws one"},
      {"repeat", Need::kOptional, takes_count(1, kRepeatMax), "how often each run is played (1)"},
      {"sysctls", Need::kOptional, takes_map(takes_text()),
       "net.* settings of the run's own namespaces"},
      {"scrape_interval", Need::kOptional, takes_duration(), "10ms to 1m (100ms)"},
      vars_key("variables, for ${name} in any value"),
      {"choices", Need::kOptional, takes_map(takes_map(takes_map(takes_text()))),
       "variable: {its value: {the variables that this value gives}}"}};
}

std::vector<ShapeKey> parts() {
  return {
      {"nodes", Need::kRequired, takes_map(takes_shape(node_shape())), "the processes, by name"},
      {"links", Need::kOptional, takes_list(takes_shape(link_shape())),
       "which pairs of nodes may talk, and through what"},
      {"steady_state", Need::kOptional, takes_shape(steady_state_shape()),
       steady_state_shape().doc},
      {"steps", Need::kRequired, takes_list(takes_shape(step_shape())),
       "what is done, one after another"},
      {"liveness", Need::kOptional, takes_shape(liveness_shape()), liveness_shape().doc},
      {"expect", Need::kRequired, takes_list(takes_shape(expectation_shape())), "what must hold"},
      {"matrix", Need::kOptional,
       takes_map(takes_either(
           {takes_map(takes_shape(axis_value_shape())), takes_list(takes_map(takes_text()))})),
       "axis: {its value: what that changes}; include and exclude are lists of cells"},
      {"controls", Need::kOptional, takes_list(takes_shape(control_shape())),
       "runs without a defence, in which expectations must fail"},
      {"report", Need::kOptional, takes_shape(report_shape()), report_shape().doc}};
}

}  // namespace

const Shape& steady_state_shape() {
  static const Shape shape{
      "steady_state",
      "\"steady_state\"",
      "what must hold before the first step; INCONCLUSIVE if it never does",
      "{condition: 'min(votenode_peer_up) == 1', within: 10s}",
      {{"condition", Need::kRequired, takes_condition(), "how the network is when all is well"},
       {"within", Need::kRequired, takes_duration(), "how long one waits for it"}}};
  return shape;
}

const Shape& liveness_shape() {
  static const Shape shape{
      "liveness",
      "\"liveness\"",
      "after the last step all that steps broke is healed, and the steady state must come back",
      "{within: 10s, condition: 'min(votenode_peer_up) == 1'}",
      {{"within", Need::kRequired, takes_duration(), "how long it may take"},
       {"condition", Need::kOptional, takes_condition(),
        "what must come back (the steady state's condition)"},
       {"uncontrolled", Need::kOptional, takes_text(),
        "why no control can make it fail, where none names liveness in must_fail"}}};
  return shape;
}

const Shape& control_shape() {
  static const Shape shape{
      "control",
      "a control",
      "the scenario with a defence taken away: the named expectations must fail in it",
      "{id: no-ping, set: {/nodes/n1/ping/enabled: false}, must_fail: [mapped]}",
      {{"id", Need::kRequired, takes_name(), "its name in reports"},
       set_key(),
       vars_key("other values of variables"),
       {"must_fail", Need::kRequired, takes_list(takes_text()),
        "ids of expectations; ID.CHECKER or ID.ALERT is one part of an expectation"},
       {"cell", Need::kOptional, takes_map(takes_text()),
        "with a matrix: the value of each axis, of the cell that it changes"},
       when_key()}};
  return shape;
}

const Shape& axis_value_shape() {
  static const Shape shape{"axis_value",
                           "a value of an axis",
                           "what a value of a matrix axis changes",
                           "{title: \"silent drop after ${nat}\", vars: {nat: 4s}}",
                           {{"title", Need::kOptional, takes_text(), "for people (its name)"},
                            vars_key("the variables that it gives"),
                            set_key()}};
  return shape;
}

const Shape& report_shape() {
  static const Shape shape{
      "report",
      "\"report\"",
      "a table over two axes of the matrix: a node's story in each cell",
      "{rows: cause, columns: defence, node: n1, peer: n2, since: vote}",
      {{"rows", Need::kRequired, takes_name(), "an axis"},
       {"columns", Need::kRequired, takes_name(), "another axis"},
       {"node", Need::kRequired, takes_name(), "whose story"},
       {"peer", Need::kRequired, takes_name(), "of its connection to whom"},
       {"since", Need::kRequired, takes_name(), "the step at which the story begins"},
       {"undefended", Need::kOptional, takes_name(), "the columns' value without a defence"},
       {"log", Need::kOptional, takes_text(),
        "an incident's log beside the file; which causes fit it is told"}}};
  return shape;
}

const Shape& file_shape() {
  static const Shape shape = [] {
    Shape file{"scenario", "the file", "what is started, what is done to it, what must hold",
               "scenarios/README.md has a whole one", settings()};
    for (ShapeKey& key : parts())
      file.keys.push_back(std::move(key));
    return file;
  }();
  return shape;
}

namespace {

void collect_type(const ValueType& type, std::vector<const Shape*>& all);

void collect_shape(const Shape& shape, std::vector<const Shape*>& all) {
  if (std::find(all.begin(), all.end(), &shape) != all.end()) return;
  all.push_back(&shape);
  for (const ShapeKey& key : shape.keys)
    collect_type(key.type, all);
}

void collect_type(const ValueType& type, std::vector<const Shape*>& all) {
  if (type.shape != nullptr) collect_shape(*type.shape, all);
  for (const ValueType& part : type.parts)
    collect_type(part, all);
}

}  // namespace

std::vector<const Shape*> all_shapes() {
  std::vector<const Shape*> all;
  collect_shape(file_shape(), all);
  return all;
}

}  // namespace halfopen
