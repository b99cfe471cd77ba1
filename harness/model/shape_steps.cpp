// The shapes of `steps`: what is done, one after another.
#include <cstdint>

#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

using Need = ShapeKey::Need;

constexpr std::uint64_t kVotesMax = 100'000;

ShapeKey node_key(const char* doc) {
  return {"node", Need::kRequired, takes_name(), doc};
}

ShapeKey link_key() {
  return {"link", Need::kRequired, takes_name(), "a link's id, such as n1-n2"};
}

ShapeKey kind_key() {
  return {"kind", Need::kOptional, takes_word({"graceful", "crash", "power_loss"}),
          "how it ends (crash)"};
}

}  // namespace

const Shape& cast_shape() {
  static const Shape shape{
      "cast",
      "\"cast\"",
      "votes are cast at a node",
      "{node: n1, count: 2, every: 200ms}",
      {node_key("who casts"),
       {"count", Need::kOptional, takes_count(1, kVotesMax), "how many votes (1)"},
       {"every", Need::kOptional, takes_duration(), "the time from one to the next (0s)"}}};
  return shape;
}

const Shape& set_fault_shape() {
  static const Shape shape = [] {
    Shape set{"set_fault", "\"set_fault\"", "a fault begins on a link",
              "{link: n1-n2, blackhole: {}}", fault_shape().keys};
    set.keys.push_back(link_key());
    return set;
  }();
  return shape;
}

const Shape& clear_fault_shape() {
  static const Shape shape{"clear_fault",
                           "\"clear_fault\"",
                           "a fault of a link ends",
                           "{link: n1-n2, name: blackhole}",
                           {link_key(),
                            {"name", Need::kRequired, takes_name(),
                             "the fault's name; its type, where it has no other"}}};
  return shape;
}

const Shape& restart_shape() {
  static const Shape shape{
      "restart",
      "\"restart\"",
      "a node's process ends and starts again",
      "{node: n2, kind: power_loss, down: 2s}",
      {node_key("who restarts"),
       kind_key(),
       {"down", Need::kOptional, takes_duration(), "the time in between (0s)"}}};
  return shape;
}

const Shape& stop_shape() {
  static const Shape shape{"stop",
                           "\"stop\"",
                           "a node's process ends and stays down",
                           "{node: n2, kind: graceful}",
                           {node_key("who stops"), kind_key()}};
  return shape;
}

const Shape& flush_nat_shape() {
  static const Shape shape{"flush_nat",
                           "\"flush_nat\"",
                           "the link's NAT forgets every mapping at once, as after a reboot",
                           "{link: n1-n2}",
                           {link_key()}};
  return shape;
}

const Shape& destroy_connections_shape() {
  static const Shape shape{
      "destroy_connections",
      "\"destroy_connections\"",
      "a node's connections are killed, as `ss -K` does",
      "{node: n1, peer: n2}",
      {node_key("whose connections"),
       {"peer", Need::kOptional, takes_name(), "only those to this node (all)"}}};
  return shape;
}

const Shape& step_shape() {
  const auto action = [](const Shape& shape) {
    return ShapeKey{shape.id, Need::kMain, takes_shape(shape), shape.doc};
  };
  static const Shape shape{
      "step",
      "a step",
      "what is done: one of the actions",
      "{id: quiet, idle_for: \"${nat + 2s}\"}",
      {{"wait_until", Need::kMain, takes_condition(),
        "goes on as soon as the condition holds; needs within"},
       {"idle_for", Need::kMain, takes_duration(), "nothing is done for so long"},
       action(cast_shape()),
       action(set_fault_shape()),
       action(clear_fault_shape()),
       action(restart_shape()),
       action(stop_shape()),
       action(flush_nat_shape()),
       action(destroy_connections_shape()),
       {"id", Need::kOptional, takes_name(), "its name (step-3, by its place in the file)"},
       {"within", Need::kOptional, takes_duration(), "the limit of wait_until"},
       when_key()}};
  return shape;
}

}  // namespace halfopen
