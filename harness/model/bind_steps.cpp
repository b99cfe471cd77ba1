// Steps: what is done, one after another.
#include <map>

#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/fault_types.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kStepsMax = 1000;
constexpr unsigned kVotesMax = 100'000;

// What a step may refer to: the scenario so far, and which faults exist when the step comes.
struct StepContext {
  const Scenario& scenario;
  std::map<std::string, std::map<std::string, FaultSpec>> faults_of_link;  // by name
  std::map<std::string, std::string> stopped_by;                           // node -> step id
};

const FaultSpec* find_type(const std::map<std::string, FaultSpec>& faults,
                           const std::string& type) {
  for (const auto& [name, fault] : faults) {
    if (fault.type == type) return &fault;
  }
  return nullptr;
}

Result<void> check_fault_is_new(const std::map<std::string, FaultSpec>& faults,
                                const FaultSpec& fault, const std::string& link) {
  const auto named = faults.find(fault.name);
  const FaultSpec* present = named != faults.end()          ? &named->second
                             : is_one_at_a_time(fault.type) ? find_type(faults, fault.type)
                                                            : nullptr;
  if (present == nullptr) return {};
  return problem_at(fault.mark, "link " + link + " has a " + present->type + " called \"" +
                                    present->name + "\" at this step, set on line " +
                                    std::to_string(present->mark.line) + "; clear it first");
}

// "stop" means that the node stays down.
Result<void> check_is_up(const StepContext& context, const std::string& node, const Mark& mark) {
  const auto stopped = context.stopped_by.find(node);
  if (stopped == context.stopped_by.end()) return {};
  return problem_at(mark,
                    "node " + node + " was stopped by step " + stopped->second +
                        " and stays down; \"restart\" with \"down\" stops a node for a while");
}

// In the proxy world the end of a listener's machine is a peer_restart on its links.
Result<void> check_machine_is_whole(const StepContext& context, const std::string& node,
                                    const Mark& mark) {
  for (const LinkSpec& link : context.scenario.links) {
    const auto faults = context.faults_of_link.find(link.id);
    if (link.listener != node || faults == context.faults_of_link.end()) continue;
    const FaultSpec* present = find_type(faults->second, "peer_restart");
    if (present == nullptr) continue;
    return problem_at(mark,
                      "link " + link.id + " has a peer_restart called \"" + present->name +
                          "\" at this step, set on line " + std::to_string(present->mark.line) +
                          ", which takes the machine of " + node + " down already; clear it first");
  }
  return {};
}

std::vector<std::string> link_ids(const Scenario& scenario) {
  std::vector<std::string> ids;
  for (const LinkSpec& link : scenario.links)
    ids.push_back(link.id);
  return ids;
}

Result<StepAction> bind_wait(const Document& condition, const Fields& step) {
  const Document* within = step.find("within");
  if (within == nullptr) {
    return problem_at(condition.mark, "\"wait_until\" needs a limit, as in within: 10s");
  }
  HALFOPEN_TRY(limit, read_limit(*within, "\"within\""));
  HALFOPEN_TRY(expression, read_expression(condition));
  return WaitUntil{expression, limit};
}

Result<StepAction> bind_cast(const Document& value, const StepContext& context) {
  HALFOPEN_TRY(fields, Fields::of(value, cast_shape()));
  HALFOPEN_TRY(node, fields.need("node"));
  CastVotes cast;
  HALFOPEN_TRY(name, read_known(*node, "node", node_names(context.scenario)));
  HALFOPEN_CHECK(check_is_up(context, name, node->mark));
  cast.node = name;
  if (!find_node(context.scenario, name)->argv.empty()) {
    return problem_at(node->mark, "node " + name +
                                      " runs a command of its own; only a vote-node "
                                      "can cast a vote");
  }
  if (const Document* count = fields.find("count")) {
    HALFOPEN_TRY(number, read_count(*count, "\"count\"", 1, kVotesMax));
    cast.count = number;
  }
  if (const Document* every = fields.find("every")) {
    HALFOPEN_TRY(pause, read_duration(*every, "\"every\""));
    cast.every = pause;
  }
  return cast;
}

Result<StepAction> bind_set_fault(const Document& value, StepContext& context) {
  for (const DocumentEntry& entry : value.entries) {
    if (!fault_in_our_words(entry.key).empty()) return unknown_fault(entry);
  }
  HALFOPEN_TRY(fields, Fields::of(value, set_fault_shape()));
  HALFOPEN_TRY(link, fields.need("link"));
  HALFOPEN_TRY(id, read_known(*link, "link", link_ids(context.scenario)));
  HALFOPEN_TRY(entry, fields.need_main());
  HALFOPEN_TRY(fault, bind_fault(*entry));
  auto& faults = context.faults_of_link[id];
  HALFOPEN_CHECK(check_fault_is_new(faults, fault, id));
  faults.emplace(fault.name, fault);
  return SetFault{id, fault};
}

Result<StepAction> bind_clear_fault(const Document& value, StepContext& context) {
  HALFOPEN_TRY(fields, Fields::of(value, clear_fault_shape()));
  HALFOPEN_TRY(link, fields.need("link"));
  HALFOPEN_TRY(id, read_known(*link, "link", link_ids(context.scenario)));
  HALFOPEN_TRY(name, fields.need("name"));
  auto& faults = context.faults_of_link[id];
  std::vector<std::string> names;
  for (const auto& [known, fault] : faults)
    names.push_back(known);
  HALFOPEN_TRY(which, read_known(*name, "fault on link " + id + " at this step", names));
  return ClearFault{id, faults.extract(which).mapped()};
}

Result<RestartKind> read_kind(const Fields& fields) {
  const Document* kind = fields.find("kind");
  if (kind == nullptr) return RestartKind::kCrash;
  HALFOPEN_TRY(name, read_word(*kind, "kind", restart_shape().find("kind")->type.words));
  if (name == "graceful") return RestartKind::kGraceful;
  return name == "crash" ? RestartKind::kCrash : RestartKind::kPowerLoss;
}

Result<StepAction> bind_restart(const Document& value, const StepContext& context) {
  HALFOPEN_TRY(fields, Fields::of(value, restart_shape()));
  HALFOPEN_TRY(node, fields.need("node"));
  RestartNode restart;
  HALFOPEN_TRY(name, read_known(*node, "node", node_names(context.scenario)));
  HALFOPEN_CHECK(check_is_up(context, name, node->mark));
  HALFOPEN_CHECK(check_machine_is_whole(context, name, node->mark));
  HALFOPEN_TRY(kind, read_kind(fields));
  restart.node = name;
  restart.kind = kind;
  if (const Document* down = fields.find("down")) {
    HALFOPEN_TRY(time, read_duration(*down, "\"down\""));
    restart.down = time;
  }
  return restart;
}

Result<StepAction> bind_stop(const Document& value, const StepContext& context) {
  HALFOPEN_TRY(fields, Fields::of(value, stop_shape()));
  HALFOPEN_TRY(node, fields.need("node"));
  HALFOPEN_TRY(name, read_known(*node, "node", node_names(context.scenario)));
  HALFOPEN_CHECK(check_is_up(context, name, node->mark));
  HALFOPEN_CHECK(check_machine_is_whole(context, name, node->mark));
  HALFOPEN_TRY(kind, read_kind(fields));
  return StopNode{name, kind};
}

Result<StepAction> bind_flush(const Document& value, const StepContext& context) {
  HALFOPEN_TRY(fields, Fields::of(value, flush_nat_shape()));
  HALFOPEN_TRY(link, fields.need("link"));
  HALFOPEN_TRY(id, read_known(*link, "link", link_ids(context.scenario)));
  const auto faults = context.faults_of_link.find(id);
  const FaultSpec* nat =
      faults == context.faults_of_link.end() ? nullptr : find_type(faults->second, "nat");
  if (nat == nullptr) {
    return problem_at(link->mark,
                      "link " + id + " has no nat at this step, so there is nothing to flush");
  }
  return FlushNat{id, nat->name};
}

Result<StepAction> bind_destroy(const Document& value, const StepContext& context) {
  HALFOPEN_TRY(fields, Fields::of(value, destroy_connections_shape()));
  HALFOPEN_TRY(node, fields.need("node"));
  DestroyConnections destroy;
  HALFOPEN_TRY(name, read_known(*node, "node", node_names(context.scenario)));
  destroy.node = name;
  if (const Document* peer = fields.find("peer")) {
    HALFOPEN_TRY(peer_name, read_known(*peer, "node", node_names(context.scenario)));
    if (find_link(context.scenario, name, peer_name) == nullptr) {
      return problem_at(peer->mark, "there is no link between " + name + " and " + peer_name);
    }
    destroy.peer = peer_name;
  }
  return destroy;
}

Result<StepAction> bind_action(const DocumentEntry& entry, const Fields& step,
                               StepContext& context) {
  if (entry.key == "wait_until") return bind_wait(entry.value, step);
  if (const Document* within = step.find("within")) {
    return problem_at(within->mark, "\"within\" belongs to \"wait_until\", not to \"" + entry.key +
                                        "\"; remove it");
  }
  if (entry.key == "idle_for") {
    HALFOPEN_TRY(time, read_duration(entry.value, "\"idle_for\""));
    return IdleFor{time};
  }
  if (entry.key == "cast") return bind_cast(entry.value, context);
  if (entry.key == "set_fault") return bind_set_fault(entry.value, context);
  if (entry.key == "clear_fault") return bind_clear_fault(entry.value, context);
  if (entry.key == "restart") return bind_restart(entry.value, context);
  if (entry.key == "flush_nat") return bind_flush(entry.value, context);
  if (entry.key == "destroy_connections") return bind_destroy(entry.value, context);
  return bind_stop(entry.value, context);
}

Result<Step> bind_step(const Document& item, std::size_t position, StepContext& context) {
  HALFOPEN_TRY(fields, Fields::of(item, step_shape()));
  Step step;
  step.mark = item.mark;
  step.id = "step-" + std::to_string(position);
  if (const Document* id = fields.find("id")) {
    HALFOPEN_TRY(text, read_id(*id, "the step id"));
    step.id = text;
  }
  HALFOPEN_TRY(entry, fields.need_main());
  HALFOPEN_TRY(action, bind_action(*entry, fields, context));
  step.action = std::move(action);
  step.action_mark = entry->value.mark;
  if (const auto* stop = std::get_if<StopNode>(&step.action)) {
    context.stopped_by.emplace(stop->node, step.id);
  }
  return step;
}

}  // namespace

std::vector<std::string> step_ids(const Scenario& scenario) {
  std::vector<std::string> ids;
  for (const Step& step : scenario.steps)
    ids.push_back(step.id);
  return ids;
}

Result<void> bind_steps(const Document& steps, const RunTerms& terms, Scenario& scenario) {
  HALFOPEN_CHECK(check_list(steps, "\"steps\""));
  if (steps.items.size() > kStepsMax) {
    return problem_at(steps.mark, "expected at most " + std::to_string(kStepsMax) + " steps");
  }
  StepContext context{scenario, {}, {}};
  for (const LinkSpec& link : scenario.links) {
    for (const FaultSpec& fault : link.faults) {
      context.faults_of_link[link.id].emplace(fault.name, fault);
    }
  }
  std::map<std::string, int> line_of;
  for (const Step& step : scenario.steps)
    line_of.emplace(step.id, step.mark.line);
  const std::size_t steps_before = scenario.steps.size();
  std::size_t position = 0;
  for (const Document& item : steps.items) {
    ++position;
    HALFOPEN_CHECK(check_map(item, "a step"));
    HALFOPEN_TRY(belongs, belongs_to_run(item, terms));
    if (!belongs) continue;
    HALFOPEN_TRY(step, bind_step(item, position, context));
    if (const auto [first, fresh] = line_of.emplace(step.id, step.mark.line); !fresh) {
      const Document* id = item.find("id");
      return problem_at(id == nullptr ? step.mark : id->mark, "duplicate step id \"" + step.id +
                                                                  "\"; it was given on line " +
                                                                  std::to_string(first->second));
    }
    scenario.steps.push_back(std::move(step));
  }
  if (scenario.steps.size() == steps_before)
    return problem_at(steps.mark, "there is no step; expected at least one");
  return {};
}

}  // namespace halfopen
