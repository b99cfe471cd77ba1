#include "harness/worlds/proxy_world.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/assert.hpp"
#include "harness/model/fault_types.hpp"

namespace halfopen {
namespace {

constexpr const char* kControl = "127.0.0.1:8474";
// Names that no fault of a scenario can have.
constexpr const char* kRestartFault = "node:restart";
constexpr const char* kStopFault = "node:stop";

boost::json::object fault_json(const FaultSpec& fault) {
  boost::json::object attributes = fault.attributes;
  boost::json::object written{{"name", fault.name}, {"type", fault.type}};
  // A scenario writes them beside the attributes; in the proxy's form they stand above.
  for (const char* key : {"stream", "toxicity"}) {
    if (!is_stream_fault(fault.type) || !attributes.contains(key)) continue;
    written[key] = attributes.at(key);
    attributes.erase(key);
  }
  written["attributes"] = std::move(attributes);
  return written;
}

HttpCall add_fault(const std::string& link, const boost::json::object& fault) {
  return {kControl, "POST", "/proxies/" + link + "/faults", boost::json::serialize(fault), ""};
}

HttpCall remove_fault(const std::string& link, const std::string& name) {
  return {kControl, "DELETE", "/proxies/" + link + "/faults/" + name, "", ""};
}

// What only a real network has. These are the harness's own words: fault-proxy never hears them.
Result<void> check_fault(const FaultSpec& fault) {
  if (!is_lab_fault(fault.type)) return {};
  const std::string why =
      fault.type == "one_way_loss"
          ? "a blackhole with a direction is what a proxy can do of it"
          : "a proxy has no cable; a blackhole is the silence without the carrier";
  return problem_at(fault.mark, "the proxy world cannot produce " + fault.type + ": " + why +
                                    "; use --world kernel");
}

// `inside` names a node; fault-proxy knows only its two legs.
FaultSpec with_inside_leg(FaultSpec fault, const LinkSpec& link) {
  if (fault.type == "nat" && link.inside == link.listener) fault.attributes["inside"] = "upstream";
  return fault;
}

}  // namespace

std::string ProxyWorld::node_address(const std::string& name) const {
  for (std::size_t index = 0; index < scenario_.nodes.size(); ++index) {
    if (scenario_.nodes[index].name == name) return "127.0.1." + std::to_string(index + 1);
  }
  HALFOPEN_ASSERT(false && "plan_scenario checked every node name");
}

std::string ProxyWorld::proxy_configuration() const {
  boost::json::array proxies;
  for (std::size_t index = 0; index < scenario_.links.size(); ++index) {
    const LinkSpec& link = scenario_.links[index];
    boost::json::array faults;
    for (const FaultSpec& fault : link.faults) {
      if (is_lab_fault(fault.type)) continue;
      faults.push_back(fault_json(with_inside_leg(fault, link)));
    }
    proxies.push_back(
        boost::json::object{{"name", link.id},
                            {"listen", "127.0.2." + std::to_string(index + 1) + ":7000"},
                            {"upstream", node_address(link.listener) + ":7000"},
                            {"half_close", true},
                            {"faults", std::move(faults)}});
  }
  return boost::json::serialize(proxies);
}

NodePlace ProxyWorld::place_of(const std::string& node) const {
  NodePlace place;
  place.address = node_address(node);
  place.admin = place.address + ":8000";
  for (std::size_t index = 0; index < scenario_.links.size(); ++index) {
    place.dialled[scenario_.links[index].id] = "127.0.2." + std::to_string(index + 1) + ":7000";
  }
  return place;
}

std::vector<ProcessSpec> ProxyWorld::processes() const {
  std::vector<ProcessSpec> processes;
  if (!scenario_.links.empty()) {
    ProcessSpec proxy;
    proxy.name = "fault-proxy";
    proxy.config_path = "fault-proxy.json";
    proxy.config_text = proxy_configuration();
    proxy.events_path = "fault-proxy.events.jsonl";
    proxy.argv = {"fault-proxy",     "--control",       kControl,
                  "--config",        proxy.config_path, "--events",
                  proxy.events_path, "--mark",          std::to_string(kBlackHoleMark)};
    if (scenario_.seed) {
      proxy.argv.insert(proxy.argv.end(), {"--seed", std::to_string(*scenario_.seed)});
    }
    proxy.http = kControl;
    proxy.ready_path = "/version";
    // It then runs on without the link, and nobody would ever hear why no steady state comes.
    proxy.refusal = "a proxy of the configuration could not be created";
    proxy.network_admin = true;
    processes.push_back(std::move(proxy));
  }
  std::map<std::string, NodePlace> places;
  for (const NodeSpec& node : scenario_.nodes)
    places.emplace(node.name, place_of(node.name));
  for (ProcessSpec& process : node_processes(scenario_, places))
    processes.push_back(std::move(process));
  return processes;
}

// A dialler's own socket is real here: what its kernel says when it ends cannot be kept back.
Result<void> ProxyWorld::check_power(const std::string& node, RestartKind kind) const {
  if (kind != RestartKind::kPowerLoss) return {};
  for (const LinkSpec& link : scenario_.links) {
    if (link.dialer != node) continue;
    return Problem{"the proxy world cannot take the power from ", node, ", which dials ",
                   link.listener,
                   ": its own end of the connection is a real process here; make it the "
                   "listener of its links, or use --world kernel"};
  }
  return {};
}

Result<void> ProxyWorld::check() const {
  HALFOPEN_CHECK(check_kind(WorldKind::kProxy, scenario_));
  for (const NodeSpec& node : scenario_.nodes) {
    if (node.sysctls.empty()) continue;
    return problem_at(
        node.mark,
        "node " + node.name +
            " has sysctls of its own, and in the proxy world all nodes share one network "
            "namespace; put them under the scenario's sysctls, or use --world kernel");
  }
  for (const LinkSpec& link : scenario_.links) {
    for (const FaultSpec& fault : link.faults)
      HALFOPEN_CHECK(check_fault(fault));
  }
  for (const Step& step : scenario_.steps) {
    if (const auto* set = std::get_if<SetFault>(&step.action)) {
      HALFOPEN_CHECK(check_fault(set->fault));
    }
    if (const auto* again = std::get_if<RestartNode>(&step.action)) {
      HALFOPEN_CHECK(check_power(again->node, again->kind));
    }
    if (const auto* stop = std::get_if<StopNode>(&step.action)) {
      HALFOPEN_CHECK(check_power(stop->node, stop->kind));
    }
  }
  return {};
}

std::vector<WireSpec> ProxyWorld::wires() const {
  std::vector<WireSpec> wires;
  for (std::size_t index = 0; index < scenario_.links.size(); ++index) {
    const LinkSpec& link = scenario_.links[index];
    WireSpec wire;
    wire.link = link.id;
    wire.interface = "lo";
    // Both legs. The upstream leg of two links to one listener cannot be told apart by address.
    wire.filter = "tcp and (host 127.0.2." + std::to_string(index + 1) + " or (host " +
                  node_address(link.listener) + " and port 7000))";
    wires.push_back(std::move(wire));
  }
  return wires;
}

// A scenario that sets faults needs what they are made of, whether it says so or not.
std::vector<std::string> ProxyWorld::needs() const {
  std::vector<std::string> needs = scenario_.needs;
  bool faults = false;
  for (const LinkSpec& link : scenario_.links)
    faults = faults || !link.faults.empty();
  for (const Step& step : scenario_.steps) {
    faults = faults || std::holds_alternative<SetFault>(step.action) ||
             std::holds_alternative<RestartNode>(step.action) ||
             std::holds_alternative<StopNode>(step.action);
  }
  if (faults) needs.insert(needs.end(), {"filter", "repair", "mark", "nft"});
  return needs;
}

Result<HttpCall> ProxyWorld::cast(const std::string& node) const {
  return cast_call(scenario_, node, place_of(node));
}

std::vector<Operation> ProxyWorld::take_down(const std::string& node, RestartKind kind,
                                             const std::string& fault) const {
  std::vector<Operation> operations;
  // The links first: a dead machine's links go the way that its machine does, and what the ending
  // process still sends must not change that.
  for (const LinkSpec& link : scenario_.links) {
    if (link.listener == node) {
      operations.push_back(
          add_fault(link.id, {{"name", fault},
                              {"type", "peer_restart"},
                              {"attributes", boost::json::object{{"kind", to_text(kind)}}}}));
    }
  }
  operations.push_back(EndProcess{node, kind == RestartKind::kGraceful});
  return operations;
}

std::vector<Operation> ProxyWorld::destroy_connections(const DestroyConnections& destroy) const {
  std::vector<Operation> operations;
  for (std::size_t index = 0; index < scenario_.links.size(); ++index) {
    const LinkSpec& link = scenario_.links[index];
    const bool dials = link.dialer == destroy.node;
    if (!dials && link.listener != destroy.node) continue;
    if (!destroy.peer.empty() && destroy.peer != (dials ? link.listener : link.dialer)) continue;
    // The node's own socket, not the proxy's end of the same connection.
    operations.push_back(
        dials ? DestroySockets{"", "", "127.0.2." + std::to_string(index + 1) + ":7000"}
              : DestroySockets{"", node_address(link.listener) + ":7000", ""});
  }
  return operations;
}

std::vector<Operation> ProxyWorld::restart(const RestartNode& restart) const {
  std::vector<Operation> operations = take_down(restart.node, restart.kind, kRestartFault);
  operations.push_back(Pause{restart.down});
  operations.push_back(StartProcess{restart.node});
  for (const LinkSpec& link : scenario_.links) {
    if (link.listener == restart.node) operations.push_back(remove_fault(link.id, kRestartFault));
  }
  return operations;
}

std::vector<Operation> ProxyWorld::heal(const Heal& heal) const {
  std::vector<Operation> operations;
  for (const ClearFault& clear : heal.faults)
    operations.push_back(remove_fault(clear.link, clear.fault.name));
  for (const StopNode& stop : heal.nodes) {
    operations.push_back(StartProcess{stop.node});
    for (const LinkSpec& link : scenario_.links) {
      if (link.listener == stop.node) operations.push_back(remove_fault(link.id, kStopFault));
    }
  }
  return operations;
}

Result<std::vector<Operation>> ProxyWorld::carry_out(const StepAction& action) const {
  if (const auto* set = std::get_if<SetFault>(&action)) {
    for (const LinkSpec& link : scenario_.links) {
      if (link.id != set->link) continue;
      return std::vector<Operation>{
          add_fault(set->link, fault_json(with_inside_leg(set->fault, link)))};
    }
    HALFOPEN_ASSERT(false && "plan_scenario checked every link id");
  }
  if (const auto* clear = std::get_if<ClearFault>(&action)) {
    return std::vector<Operation>{remove_fault(clear->link, clear->fault.name)};
  }
  if (const auto* again = std::get_if<RestartNode>(&action)) return restart(*again);
  if (const auto* all = std::get_if<Heal>(&action)) return heal(*all);
  if (const auto* stop = std::get_if<StopNode>(&action)) {
    return take_down(stop->node, stop->kind, kStopFault);
  }
  if (const auto* flush = std::get_if<FlushNat>(&action)) {
    return std::vector<Operation>{
        HttpCall{kControl, "POST", "/proxies/" + flush->link + "/faults/" + flush->fault + "/flush",
                 "", ""}};
  }
  if (const auto* destroy = std::get_if<DestroyConnections>(&action)) {
    return destroy_connections(*destroy);
  }
  HALFOPEN_ASSERT(false && "waits, pauses and casts are the shell's own");
}

}  // namespace halfopen
