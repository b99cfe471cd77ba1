#include "harness/worlds/kernel_world.hpp"

#include <utility>

#include "base/assert.hpp"
#include "harness/model/fault_types.hpp"
#include "harness/worlds/kernel_cut.hpp"
#include "harness/worlds/node_process.hpp"

namespace halfopen {
namespace {

constexpr const char* kAdmin = "127.0.0.1:8000";

const std::string& other_end(const LinkSpec& link, const std::string& node) {
  return link.dialer == node ? link.listener : link.dialer;
}

const std::string& outside_of(const LinkSpec& link) {
  return other_end(link, link.inside);
}

bool has_end(const LinkSpec& link, const std::string& node) {
  return link.dialer == node || link.listener == node;
}

}  // namespace

std::string KernelWorld::node_address(const std::string& node) const {
  for (std::size_t index = 0; index < scenario_.nodes.size(); ++index) {
    if (scenario_.nodes[index].name == node) return "10.77." + std::to_string(index + 1) + ".1";
  }
  HALFOPEN_ASSERT(false && "plan_scenario checked every node name");
}

const LinkSpec& KernelWorld::link_by_id(const std::string& id) const {
  for (const LinkSpec& link : scenario_.links) {
    if (link.id == id) return link;
  }
  HALFOPEN_ASSERT(false && "plan_scenario checked every link id");
}

std::size_t KernelWorld::number_of(const LinkSpec& link) const {
  for (std::size_t index = 0; index < scenario_.links.size(); ++index) {
    if (scenario_.links[index].id == link.id) return index + 1;
  }
  HALFOPEN_ASSERT(false && "a link of this scenario");
}

bool KernelWorld::translates(const LinkSpec& link) const {
  for (const FaultSpec& fault : link.faults) {
    if (fault.type == "nat") return true;
  }
  for (const Step& step : scenario_.steps) {
    const auto* set = std::get_if<SetFault>(&step.action);
    if (set != nullptr && set->link == link.id && set->fault.type == "nat") return true;
  }
  return false;
}

Result<void> KernelWorld::check_fault(const LinkSpec& link, const FaultSpec& fault) const {
  const auto cannot = [&](const std::string& why) {
    return problem_at(fault.mark, "the kernel world cannot produce " + fault.type + " on " +
                                      link.id + ": " + why);
  };
  if (fault.type == "peer_restart") {
    return cannot("a peer restarts for real here; use a restart step");
  }
  if (fault.type != "nat") {
    const auto cut = check_cut(fault);
    if (cut.has_error()) return cannot(cut.error().text);
    return {};
  }
  if (link.inside != link.dialer || word_of(fault, "inside", "client") != "client") {
    return cannot("who dials must be inside, since nobody can dial through a NAT from outside");
  }
  const auto nat = kernel_nat(fault.attributes);
  if (nat.has_error()) return cannot(nat.error().text);
  return {};
}

Result<void> KernelWorld::check() const {
  HALFOPEN_CHECK(check_kind(WorldKind::kKernel, scenario_));
  for (const LinkSpec& link : scenario_.links) {
    for (const FaultSpec& fault : link.faults)
      HALFOPEN_CHECK(check_fault(link, fault));
  }
  for (const Step& step : scenario_.steps) {
    if (const auto* set = std::get_if<SetFault>(&step.action)) {
      HALFOPEN_CHECK(check_fault(link_by_id(set->link), set->fault));
    }
  }
  return {};
}

NamespaceSpec KernelWorld::host(const NodeSpec& node) const {
  NamespaceSpec host;
  host.name = node.name;
  host.sysctls = scenario_.sysctls;
  for (const auto& [name, value] : node.sysctls)
    host.sysctls[name] = value;
  host.interfaces = "addr add " + node_address(node.name) + "/32 dev lo\n";
  for (const LinkSpec& link : scenario_.links) {
    if (!has_end(link, node.name)) continue;
    const std::string number = std::to_string(number_of(link));
    const bool is_inside = link.inside == node.name;
    const std::string near = (is_inside ? "10.66." : "10.88.") + number;
    const std::string far = (is_inside ? "10.88." : "10.66.") + number;
    const std::string device = "link" + number;
    host.interfaces += "addr add " + near + ".2/24 dev " + device + "\n";
    host.interfaces += "link set dev " + device + " addrgenmode none\n";
    host.interfaces += "link set dev " + device + " up\n";
    // From behind a NAT the outside is known; the outside knows only the NAT.
    if (!is_inside && translates(link)) continue;
    const std::string via = " via " + near + ".1 dev " + device + " src " + near + ".2\n";
    host.interfaces += "route add " + far + ".0/24" + via;
    host.interfaces += "route add " + node_address(other_end(link, node.name)) + "/32" + via;
  }
  return host;
}

NamespaceSpec KernelWorld::router(const LinkSpec& link) const {
  NamespaceSpec router;
  router.name = router_of(link);
  const std::string number = std::to_string(number_of(link));
  const std::array<std::pair<std::string, std::string>, 2> sides{
      std::pair{std::string("inside"), link.inside},
      std::pair{std::string("outside"), outside_of(link)}};
  for (const auto& [side, node] : sides) {
    const std::string near = (side == "inside" ? "10.66." : "10.88.") + number;
    router.interfaces += "link add " + side + " type veth peer name link" + number +
                         " netns {namespace:" + node + "}\n";
    router.interfaces += "link set dev " + side + " addrgenmode none\n";
    router.interfaces += "addr add " + near + ".1/24 dev " + side + "\n";
    router.interfaces += "link set dev " + side + " up\n";
    router.interfaces +=
        "route add " + node_address(node) + "/32 via " + near + ".2 dev " + side + "\n";
  }
  router.sysctls["net.ipv4.ip_forward"] = "1";
  if (translates(link)) {
    KernelNat nat = endless_nat();
    for (const FaultSpec& fault : link.faults) {
      if (fault.type != "nat") continue;
      const auto from_start = kernel_nat(fault.attributes);
      if (from_start.has_value()) nat = *from_start;  // check() has said what is wrong with others
    }
    router.rules += nat_rules(nat, invalid_);
    router.sysctls.merge(nat_sysctls(nat));
  }
  for (const FaultSpec& fault : link.faults) {
    if (fault.type == "nat" || fault.type == "peer_restart") continue;
    if (fault.type == "link_down") {
      router.interfaces += "link set dev " + word_of(fault, "at", "") + " down\n";
    } else {
      router.rules += cut_rules(fault, link);
    }
  }
  return router;
}

std::vector<NamespaceSpec> KernelWorld::namespaces() const {
  std::vector<NamespaceSpec> namespaces;
  // Routers first: they make both ends of every cable.
  for (const LinkSpec& link : scenario_.links)
    namespaces.push_back(router(link));
  for (const NodeSpec& node : scenario_.nodes)
    namespaces.push_back(host(node));
  return namespaces;
}

std::vector<WireSpec> KernelWorld::wires() const {
  std::vector<WireSpec> wires;
  for (const LinkSpec& link : scenario_.links) {
    WireSpec wire;
    wire.link = link.id;
    wire.network_namespace = router_of(link);
    wire.interface = "any";
    wire.is_middlebox = true;
    wire.inside_interface = "inside";
    wire.outside_interface = "outside";
    wires.push_back(std::move(wire));
  }
  return wires;
}

std::vector<ProcessSpec> KernelWorld::processes() const {
  std::map<std::string, NodePlace> places;
  for (const NodeSpec& node : scenario_.nodes)
    places.emplace(node.name, place_of(node.name));
  return node_processes(scenario_, places);
}

NodePlace KernelWorld::place_of(const std::string& node) const {
  NodePlace place;
  place.address = node_address(node);
  place.admin = kAdmin;
  place.network_namespace = node;
  for (const LinkSpec& link : scenario_.links)
    place.dialled[link.id] = node_address(link.listener) + ":7000";
  return place;
}

Result<HttpCall> KernelWorld::cast(const std::string& node) const {
  return cast_call(scenario_, node, place_of(node));
}

Result<std::vector<Operation>> KernelWorld::set_fault(const LinkSpec& link,
                                                      const FaultSpec& fault) const {
  const std::string router = router_of(link);
  if (fault.type == "nat") {
    HALFOPEN_TRY(nat, kernel_nat(fault.attributes));
    return std::vector<Operation>{LoadRules{router, nat_rules(nat, invalid_)},
                                  SetSysctls{router, nat_sysctls(nat)},
                                  RenewMappings{router, nat.idle_timeout}};
  }
  if (fault.type == "link_down") {
    return std::vector<Operation>{
        ConfigureInterfaces{router, "link set dev " + word_of(fault, "at", "") + " down\n"}};
  }
  return std::vector<Operation>{LoadRules{router, cut_rules(fault, link)}};
}

std::vector<Operation> KernelWorld::clear_fault(const LinkSpec& link,
                                                const FaultSpec& fault) const {
  const std::string router = router_of(link);
  if (fault.type == "nat") {
    const KernelNat nat = endless_nat();
    return {LoadRules{router, nat_rules(nat, invalid_)}, SetSysctls{router, nat_sysctls(nat)},
            RenewMappings{router, nat.idle_timeout}};
  }
  if (fault.type == "link_down") {
    const std::string side = word_of(fault, "at", "");
    const bool is_inside = side == "inside";
    const std::string near = (is_inside ? "10.66." : "10.88.") + std::to_string(number_of(link));
    // The route went with the carrier.
    return {
        ConfigureInterfaces{router, "link set dev " + side + " up\nroute replace " +
                                        node_address(is_inside ? link.inside : outside_of(link)) +
                                        "/32 via " + near + ".2 dev " + side + "\n"}};
  }
  return {LoadRules{router, no_cut(cut_name(fault))}};
}

// The cables first: what an ending process and its kernel still send must not reach anybody. Then
// the process, which must not live to see its connections go; then the kernel's memory of them.
std::vector<Operation> KernelWorld::power_off(const std::string& node) const {
  std::vector<Operation> operations;
  for (const LinkSpec& link : scenario_.links) {
    if (!has_end(link, node)) continue;
    operations.emplace_back(
        LoadRules{router_of(link),
                  cable_cut_rules(cut_name(node), link.inside == node ? "inside" : "outside")});
  }
  operations.emplace_back(EndProcess{node, false});
  operations.emplace_back(DestroySockets{node, "", ""});
  return operations;
}

std::vector<Operation> KernelWorld::power_on(const std::string& node) const {
  std::vector<Operation> operations{StartProcess{node}};
  for (const LinkSpec& link : scenario_.links) {
    if (has_end(link, node)) {
      operations.emplace_back(LoadRules{router_of(link), no_cut(cut_name(node))});
    }
  }
  return operations;
}

// The address that the listener of a link sees: its dialer's own, or its NAT's. Any port.
std::string KernelWorld::dialer_seen_from_outside(const LinkSpec& link) const {
  const std::string number = std::to_string(number_of(link));
  if (link.inside != link.dialer) return "10.88." + number + ".2";
  return translates(link) ? "10.88." + number + ".1" : "10.66." + number + ".2";
}

std::vector<Operation> KernelWorld::take_down(const std::string& node, RestartKind kind) const {
  if (kind == RestartKind::kPowerLoss) return power_off(node);
  return {EndProcess{node, kind == RestartKind::kGraceful}};
}

std::vector<Operation> KernelWorld::heal(const Heal& heal) const {
  std::vector<Operation> operations;
  for (const ClearFault& clear : heal.faults) {
    for (Operation& operation : clear_fault(link_by_id(clear.link), clear.fault))
      operations.push_back(std::move(operation));
  }
  for (const StopNode& stop : heal.nodes) {
    if (stop.kind != RestartKind::kPowerLoss) {
      operations.emplace_back(StartProcess{stop.node});
      continue;
    }
    for (Operation& operation : power_on(stop.node))
      operations.push_back(std::move(operation));
  }
  return operations;
}

Result<std::vector<Operation>> KernelWorld::carry_out(const StepAction& action) const {
  if (const auto* set = std::get_if<SetFault>(&action)) {
    return set_fault(link_by_id(set->link), set->fault);
  }
  if (const auto* clear = std::get_if<ClearFault>(&action)) {
    return clear_fault(link_by_id(clear->link), clear->fault);
  }
  if (const auto* stop = std::get_if<StopNode>(&action)) return take_down(stop->node, stop->kind);
  if (const auto* again = std::get_if<RestartNode>(&action)) {
    std::vector<Operation> operations = take_down(again->node, again->kind);
    operations.emplace_back(Pause{again->down});
    if (again->kind == RestartKind::kPowerLoss) {
      for (Operation& operation : power_on(again->node))
        operations.push_back(std::move(operation));
    } else {
      operations.emplace_back(StartProcess{again->node});
    }
    return operations;
  }
  if (const auto* all = std::get_if<Heal>(&action)) return heal(*all);
  if (const auto* flush = std::get_if<FlushNat>(&action)) {
    return std::vector<Operation>{FlushMappings{router_of(link_by_id(flush->link))}};
  }
  if (const auto* destroy = std::get_if<DestroyConnections>(&action)) {
    std::vector<Operation> operations;
    for (const LinkSpec& link : scenario_.links) {
      if (!has_end(link, destroy->node)) continue;
      const std::string& peer = other_end(link, destroy->node);
      if (!destroy->peer.empty() && destroy->peer != peer) continue;
      operations.emplace_back(link.dialer == destroy->node
                                  ? DestroySockets{destroy->node, "", node_address(peer) + ":7000"}
                                  : DestroySockets{destroy->node,
                                                   node_address(link.listener) + ":7000",
                                                   dialer_seen_from_outside(link)});
    }
    return operations;
  }
  HALFOPEN_ASSERT(false && "waits, pauses and casts are the shell's own");
}

}  // namespace halfopen
