#include "harness/worlds/proxy_world.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/assert.hpp"
#include "base/duration_text.hpp"

namespace halfopen {
namespace {

constexpr const char* kControl = "127.0.0.1:8474";
constexpr const char* kRestartFault = "restart";

std::string_view kind_name(RestartKind kind) {
  switch (kind) {
    case RestartKind::kGraceful:
      return "graceful";
    case RestartKind::kCrash:
      return "crash";
    case RestartKind::kPowerLoss:
      return "power_loss";
  }
  HALFOPEN_ASSERT(false);
}

boost::json::object fault_json(const FaultSpec& fault) {
  return {{"name", fault.name}, {"type", fault.type}, {"attributes", fault.attributes}};
}

HttpCall add_fault(const std::string& link, const boost::json::object& fault) {
  return {kControl, "POST", "/proxies/" + link + "/faults", boost::json::serialize(fault)};
}

HttpCall remove_fault(const std::string& link, const std::string& name) {
  return {kControl, "DELETE", "/proxies/" + link + "/faults/" + name, ""};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// `inside` names a node; fault-proxy knows only its two legs.
FaultSpec with_inside_leg(FaultSpec fault, const LinkSpec& link) {
  if (fault.type == "nat" && link.inside == link.listener) fault.attributes["inside"] = "upstream";
  return fault;
}

}  // namespace

std::string black_hole_rules() {
  return "table inet halfopen {\n"
         "  chain output {\n"
         "    type filter hook output priority 0; policy accept;\n"
         "    meta mark " +
         std::to_string(kBlackHoleMark) +
         " counter drop\n"
         "  }\n"
         "}\n";
}

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
      faults.push_back(fault_json(with_inside_leg(fault, link)));
    }
    proxies.push_back(
        boost::json::object{{"name", link.id},
                            {"listen", "127.0.2." + std::to_string(index + 1) + ":7000"},
                            {"upstream", node_address(link.listener) + ":7000"},
                            {"faults", std::move(faults)}});
  }
  return boost::json::serialize(proxies);
}

std::string ProxyWorld::node_configuration(const NodeSpec& node) const {
  boost::json::object config = node.config;
  config["name"] = node.name;
  config["listen"] = node_address(node.name) + ":7000";
  config["admin"] = node_address(node.name) + ":8000";
  config["events"] = node.name + ".events.jsonl";
  config["store"] = node.name + ".votes.jsonl";
  boost::json::array peers;
  for (std::size_t index = 0; index < scenario_.links.size(); ++index) {
    const LinkSpec& link = scenario_.links[index];
    if (link.dialer == node.name) {
      peers.push_back(boost::json::object{
          {"name", link.listener}, {"address", "127.0.2." + std::to_string(index + 1) + ":7000"}});
    } else if (link.listener == node.name) {
      peers.push_back(boost::json::object{{"name", link.dialer}});
    }
  }
  config["peers"] = std::move(peers);
  return boost::json::serialize(config);  // JSON is YAML
}

ProcessSpec ProxyWorld::node_process(const NodeSpec& node) const {
  ProcessSpec process;
  process.name = node.name;
  if (!node.argv.empty()) {
    process.argv = node.argv;
    for (std::string& argument : process.argv) {
      replace_all(argument, "{address}", node_address(node.name));
      for (std::size_t index = 0; index < scenario_.links.size(); ++index) {
        replace_all(argument, "{link:" + scenario_.links[index].id + "}",
                    "127.0.2." + std::to_string(index + 1) + ":7000");
      }
    }
    return process;
  }
  process.config_path = node.name + ".yaml";
  process.config_text = node_configuration(node);
  process.argv = {"vote-node", "--config", process.config_path};
  process.http = node_address(node.name) + ":8000";
  process.ready_path = "/readyz";
  process.events_path = node.name + ".events.jsonl";
  return process;
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
    proxy.http = kControl;
    proxy.ready_path = "/version";
    proxy.network_admin = true;
    processes.push_back(std::move(proxy));
  }
  // Listeners first, so that a dialer's first attempt finds somebody.
  std::vector<ProcessSpec> dialers;
  for (const NodeSpec& node : scenario_.nodes) {
    bool dials = false;
    for (const LinkSpec& link : scenario_.links)
      dials = dials || link.dialer == node.name;
    (dials ? dialers : processes).push_back(node_process(node));
  }
  for (ProcessSpec& process : dialers)
    processes.push_back(std::move(process));
  return processes;
}

std::string ProxyWorld::packet_filter_rules() const {
  return black_hole_rules();
}

Result<HttpCall> ProxyWorld::cast(const std::string& node) const {
  for (const NodeSpec& spec : scenario_.nodes) {
    if (spec.name == node && !spec.argv.empty()) {
      return Problem{"votes can only be cast at a vote-node, and ", node, " is another command"};
    }
  }
  return HttpCall{node_address(node) + ":8000", "POST", "/votes", "{}"};
}

Result<std::vector<Operation>> ProxyWorld::take_down(const std::string& node, RestartKind kind,
                                                     const std::string& fault) const {
  std::vector<Operation> operations;
  // The links first: a dead machine's links go the way that its machine does, and what the ending
  // process still sends must not change that.
  for (const LinkSpec& link : scenario_.links) {
    if (link.listener == node) {
      operations.push_back(
          add_fault(link.id, {{"name", fault},
                              {"type", "peer_restart"},
                              {"attributes", boost::json::object{{"kind", kind_name(kind)}}}}));
    } else if (link.dialer == node && kind == RestartKind::kPowerLoss) {
      return Problem{"the proxy world cannot take the power from ", node, ", which dials ",
                     link.listener,
                     ": its own end of the connection is a real process here; make it the "
                     "listener of its links"};
    }
  }
  operations.push_back(EndProcess{node, kind == RestartKind::kGraceful});
  return operations;
}

Result<std::vector<Operation>> ProxyWorld::restart(const RestartNode& restart) const {
  HALFOPEN_TRY(operations, take_down(restart.node, restart.kind, kRestartFault));
  operations.push_back(Pause{restart.down});
  operations.push_back(StartProcess{restart.node});
  for (const LinkSpec& link : scenario_.links) {
    if (link.listener == restart.node) operations.push_back(remove_fault(link.id, kRestartFault));
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
    return std::vector<Operation>{remove_fault(clear->link, clear->name)};
  }
  if (const auto* again = std::get_if<RestartNode>(&action)) return restart(*again);
  if (const auto* stop = std::get_if<StopNode>(&action)) {
    return take_down(stop->node, stop->kind, "stopped");
  }
  HALFOPEN_ASSERT(false && "waits, pauses and casts are the shell's own");
}

}  // namespace halfopen
