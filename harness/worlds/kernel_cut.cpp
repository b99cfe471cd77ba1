#include "harness/worlds/kernel_cut.hpp"

#include "base/duration_text.hpp"
#include "harness/model/fault_types.hpp"

namespace halfopen {
namespace {

// A fault's cut is called "fault_" and its name, a node without power "power_" and the node's: a
// fault may be called anything.
std::string cut_table(const std::string& cut) {
  return "halfopen_" + cut;
}

// What happens to packets, as lines of three chains.
struct Cut {
  std::string before{};   // raw prerouting: the middlebox never sees these
  std::string forward{};  // it knows whose they are, and may answer
  std::string after{};    // postrouting: it has seen them
  std::string sets{};
};

Cut cable_cut(const std::string& at) {
  if (at == "inside") {
    return {.before = "iifname \"inside\" drop\n", .after = "oifname \"inside\" drop\n"};
  }
  if (at == "outside") {
    return {.before = "iifname \"outside\" drop\n", .after = "oifname \"outside\" drop\n"};
  }
  return {.before = "drop\n", .after = "drop\n"};
}

bool flag_of(const FaultSpec& fault, const char* attribute) {
  const auto* value = fault.attributes.if_contains(attribute);
  return value != nullptr && value->is_bool() && value->get_bool();
}

// The router's interface to a connection's end: the client is who dials.
std::string interface_to(const LinkSpec& link, const std::string& peer_side) {
  const bool client_is_inside = link.inside == link.dialer;
  return (peer_side == "client") == client_is_inside ? "inside" : "outside";
}

// Who dials from now on is let through; of the others each side's packets meet its verdict.
Cut reset_of_the_old(const std::string& for_inside, const std::string& for_outside,
                     bool new_connections) {
  Cut cut;
  if (!new_connections) {
    cut.sets = "  set fresh { type ipv4_addr . inet_service; size 65535; flags dynamic; }\n";
    cut.before = "tcp flags & (syn | ack) == syn add @fresh { ip saddr . tcp sport }\n";
    cut.forward =
        "ip saddr . tcp sport @fresh accept\n"
        "    ip daddr . tcp dport @fresh accept\n    ";
  } else {
    // Handshakes go through: it is the packet behind one that is meant.
    cut.forward = "tcp flags & (syn | fin | rst) == syn accept\n    ";
  }
  cut.forward += "iifname \"inside\" meta l4proto tcp " + for_inside +
                 "\n    iifname \"outside\" meta l4proto tcp " + for_outside + "\n";
  return cut;
}

constexpr const char* kReset = "reject with tcp reset";

Cut reset_on_next(const FaultSpec& fault, const LinkSpec& link) {
  const std::string side = word_of(fault, "side", "both");
  const bool new_connections = flag_of(fault, "new_connections");
  if (side == "both") return reset_of_the_old(kReset, kReset, new_connections);
  const bool is_inside = interface_to(link, side) == "inside";
  return reset_of_the_old(is_inside ? kReset : "drop", is_inside ? "drop" : kReset,
                          new_connections);
}

Cut asymmetric(const FaultSpec& fault, const LinkSpec& link) {
  const char* then = word_of(fault, "then", "drop") == "rst" ? kReset : "drop";
  const bool is_inside = interface_to(link, word_of(fault, "forget", "client")) == "inside";
  return reset_of_the_old(is_inside ? kReset : then, is_inside ? then : kReset, false);
}

Cut cut_of(const FaultSpec& fault, const LinkSpec& link) {
  if (fault.type == "syn_drop") return {.before = "tcp flags & (syn | ack) == syn drop\n"};
  if (fault.type == "refuse") {
    return {.forward = std::string("tcp flags & (syn | ack) == syn ") + kReset + "\n"};
  }
  if (fault.type == "reset_on_next") return reset_on_next(fault, link);
  if (fault.type == "asymmetric") return asymmetric(fault, link);
  if (fault.type == "one_way_loss") {
    return {.after = "oifname \"" + word_of(fault, "toward", "") + "\" drop\n"};
  }
  const std::string direction = word_of(fault, "direction", "both");
  if (direction != "both") {
    const std::string to = interface_to(link, direction == "upstream" ? "upstream" : "client");
    return {.after = "oifname \"" + to + "\" drop\n"};
  }
  return cable_cut(word_of(fault, "at", "both"));
}

std::string rules_of(const std::string& name, const Cut& cut) {
  const std::string table = "table ip " + cut_table(name);
  std::string rules = table + "\ndelete " + table + "\n" + table + " {\n" + cut.sets +
                      "  chain before {\n"
                      "    type filter hook prerouting priority -300; policy accept;\n    " +
                      cut.before + "  }\n";
  if (!cut.forward.empty()) {
    rules +=
        "  chain forward {\n"
        "    type filter hook forward priority -10; policy accept;\n    " +
        cut.forward + "  }\n";
  }
  return rules +
         "  chain after {\n"
         "    type filter hook postrouting priority 300; policy accept;\n    " +
         cut.after + "  }\n}\n";
}

}  // namespace

std::string cut_name(const FaultSpec& fault) {
  return "fault_" + fault.name;
}

std::string cut_name(const std::string& node_without_power) {
  return "power_" + node_without_power;
}

std::string word_of(const FaultSpec& fault, const char* attribute, const char* otherwise) {
  const auto* value = fault.attributes.if_contains(attribute);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : otherwise;
}

Result<void> check_cut(const FaultSpec& fault) {
  if (is_stream_fault(fault.type)) return Problem{"a router sees packets, not streams of bytes"};
  if (fault.type == "accept_then_silence") {
    return Problem{
        "a router has no process that could hang; a syn_drop, or a node that is stopped"};
  }
  if (fault.type == "half_close") return Problem{"a router forges no FIN"};
  if (fault.type == "flap") {
    return Problem{"a router keeps no timetable; set_fault and clear_fault steps are one"};
  }
  if (fault.type != "asymmetric") return {};
  if (word_of(fault, "how", "silent") != "silent") {
    return Problem{"a router tells nobody that it has forgotten; how: silent is what it can be"};
  }
  const auto after = parse_duration(word_of(fault, "after", "0s"));
  if (flag_of(fault, "new_connections") || after.has_error() || *after > Duration{0}) {
    return Problem{"a router keeps no timetable: after and new_connections are the proxy's"};
  }
  return {};
}

std::string cut_rules(const FaultSpec& fault, const LinkSpec& link) {
  return rules_of(cut_name(fault), cut_of(fault, link));
}

std::string cable_cut_rules(const std::string& name, const std::string& at) {
  return rules_of(name, cable_cut(at));
}

std::string no_cut(const std::string& name) {
  return "table ip " + cut_table(name) + "\ndelete table ip " + cut_table(name) + "\n";
}

}  // namespace halfopen
