// Nodes, links and faults: what is started, who may talk to whom, and what goes wrong from the
// start. vote-node and fault-proxy check their own settings; here is checked only what the harness
// itself must understand.
#include <algorithm>
#include <array>
#include <set>

#include "base/near_name.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/fault_types.hpp"
#include "harness/model/shape_check.hpp"
#include "harness/model/shape_parts.hpp"
#include "profiles/profiles.hpp"

namespace halfopen {
namespace {

// Nodes and links get addresses 127.0.1.i and 127.0.2.j.
constexpr std::size_t kNodesMax = 200;
constexpr std::size_t kLinksMax = 200;
constexpr std::array<std::string_view, 7> kKeysOfTheWorld{
    "name", "listen", "admin", "events", "peers", "key", "insecure_seed"};

// A node's files, events and samples bear its name, and these belong to others in the same run.
constexpr std::array<std::string_view, 3> kNamesOfOthers{"fault-proxy", "harness", "middlebox"};

Result<NodeSpec> bind_node(const DocumentEntry& entry) {
  HALFOPEN_CHECK(check_id(entry.key, entry.key_mark, "the node name"));
  for (const std::string_view name : kNamesOfOthers) {
    if (entry.key != name) continue;
    return problem_at(entry.key_mark,
                      "no node can be called \"" + entry.key +
                          "\", which the run has one of already; choose another name");
  }
  HALFOPEN_CHECK(check_map(entry.value, "node " + entry.key));
  NodeSpec node;
  node.name = entry.key;
  node.mark = entry.key_mark;
  if (const Document* command = entry.value.find("command")) {
    HALFOPEN_TRY(argv, read_texts(*command, "the command of node " + entry.key));
    node.argv = std::move(argv);
  }
  if (const Document* sysctls = entry.value.find("sysctls")) {
    HALFOPEN_TRY(values, read_sysctls(*sysctls, "the sysctls of node " + entry.key));
    node.sysctls = std::move(values);
  }
  for (const DocumentEntry& setting : entry.value.entries) {
    if (setting.key == "command" || setting.key == "sysctls") continue;
    if (!node.argv.empty()) {
      return problem_at(setting.key_mark, "node " + entry.key +
                                              " has a command, so it is no "
                                              "vote-node and \"" +
                                              setting.key +
                                              "\" has no meaning; remove one of them");
    }
    for (const std::string_view key : kKeysOfTheWorld) {
      if (setting.key == key) {
        return problem_at(setting.key_mark, "\"" + setting.key + "\" of node " + entry.key +
                                                " is given by the harness; remove it");
      }
    }
    node.config[setting.key] = to_json(setting.value);
    node.marks[setting.key] = setting.value.mark;
    for (const DocumentEntry& inner : setting.value.entries)
      node.marks[setting.key + "." + inner.key] = inner.value.mark;
  }
  HALFOPEN_CHECK(check_shape(entry.value, node_shape(), "node " + entry.key));
  return node;
}

// What to do about a second one of a type of which a link has one.
std::string one_instead(const std::string& type) {
  if (type == "nat") {
    return "of several on a path the one with the shortest idle_timeout decides: keep that one";
  }
  if (type == "blackhole" || type == "reset_on_next" || type == "half_close") {
    const std::string key = type == "blackhole" ? "\"at\" and \"direction\" say" : "\"side\" says";
    return "keep one, whose " + key + " where";
  }
  return "keep one of them, or let a step clear it before the next is set";
}

Result<void> check_is_new(const FaultSpec& fault, const LinkSpec& link) {
  for (const FaultSpec& other : link.faults) {
    if (other.type == fault.type && is_one_at_a_time(fault.type)) {
      return problem_at(fault.mark, "link " + link.id + " has a " + fault.type +
                                        " already, on line " + std::to_string(other.mark.line) +
                                        ", and may have one, whatever its name; " +
                                        one_instead(fault.type));
    }
    if (other.name == fault.name) {
      return problem_at(fault.mark, "two faults of link " + link.id + " are called \"" +
                                        fault.name + "\"; give one of them a \"name\"");
    }
  }
  return {};
}

Result<void> bind_faults(const Document& faults, LinkSpec& link) {
  HALFOPEN_CHECK(check_list(faults, "\"faults\""));
  for (const Document& item : faults.items) {
    HALFOPEN_CHECK(check_map(item, "a fault"));
    if (item.entries.size() != 1) {
      return problem_at(item.mark,
                        "a fault must be one key, its type, with its attributes, as in {nat: "
                        "{idle_timeout: 3s}}");
    }
    const DocumentEntry& type = item.entries.front();
    if (std::find(fault_types().begin(), fault_types().end(), type.key) == fault_types().end()) {
      return unknown_fault(type);
    }
    HALFOPEN_TRY(fault, bind_fault(item.entries.front()));
    HALFOPEN_CHECK(check_is_new(fault, link));
    link.faults.push_back(std::move(fault));
  }
  return {};
}

Result<LinkSpec> bind_link(const Document& item, const Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(item, link_shape()));
  HALFOPEN_TRY(between, fields.need("between"));
  HALFOPEN_CHECK(check_list(*between, "\"between\""));
  if (between->items.size() != 2) {
    return problem_at(between->mark, "\"between\" must name two nodes, as in [n1, n2]");
  }
  const std::vector<std::string> nodes = node_names(scenario);
  HALFOPEN_TRY(one, read_known(between->items[0], "node", nodes));
  HALFOPEN_TRY(other, read_known(between->items[1], "node", nodes));
  if (one == other) {
    return problem_at(between->items[1].mark,
                      "a link is between two different nodes, and \"" + one + "\" is both");
  }
  if (const LinkSpec* twin = find_link(scenario, one, other)) {
    return problem_at(between->mark, "there is a link between " + one + " and " + other +
                                         " already, on line " + std::to_string(twin->mark.line));
  }
  LinkSpec link;
  link.id = one + "-" + other;
  link.mark = item.mark;
  link.dialer = one;
  const std::vector<std::string> ends{one, other};
  if (const Document* dialer = fields.find("dialer")) {
    HALFOPEN_TRY(name, read_known(*dialer, "end of this link", ends));
    link.dialer = name;
  }
  link.listener = link.dialer == one ? other : one;
  link.inside = link.dialer;
  if (const Document* inside = fields.find("inside")) {
    HALFOPEN_TRY(name, read_known(*inside, "end of this link", ends));
    link.inside = name;
  }
  if (const Document* faults = fields.find("faults")) {
    HALFOPEN_CHECK(bind_faults(*faults, link));
  }
  return link;
}

Result<const Profile*> read_profile(const Document& document) {
  HALFOPEN_TRY(name, read_text(document, "profile"));
  const auto found = find_profile(name);
  if (found.has_error()) return problem_at(document.mark, found.error().text);
  return *found;
}

}  // namespace

Problem unknown_fault(const DocumentEntry& entry) {
  const std::string ours = fault_in_our_words(entry.key);
  if (ours.empty()) return unknown_name(entry.key_mark, "fault", entry.key, fault_types());
  return problem_at(entry.key_mark, "unknown fault \"" + excerpt(entry.key) + "\"; " + ours + "; " +
                                        expected_names("", fault_types()));
}

Result<FaultSpec> bind_fault(const DocumentEntry& entry) {
  HALFOPEN_CHECK(check_shape(entry.value, fault_attributes_shape(entry.key), "fault " + entry.key));
  FaultSpec fault;
  fault.type = entry.key;
  fault.name = entry.key;
  fault.mark = entry.key_mark;
  const Profile* profile = nullptr;
  for (const DocumentEntry& attribute : entry.value.entries) {
    if (attribute.key == "name") {
      HALFOPEN_TRY(name, read_id(attribute.value, "the fault name"));
      fault.name = name;
    } else if (attribute.key == "profile" && fault.type == "nat") {
      HALFOPEN_TRY(found, read_profile(attribute.value));
      profile = found;
    } else {
      fault.attributes[attribute.key] = to_json(attribute.value);
      fault.marks[attribute.key] = attribute.value.mark;
    }
  }
  if (profile != nullptr) fault.attributes = with_profile(*profile, fault.attributes);
  HALFOPEN_CHECK(check_lab_fault(fault));
  return fault;
}

std::vector<std::string> node_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const NodeSpec& node : scenario.nodes)
    names.push_back(node.name);
  return names;
}

const NodeSpec* find_node(const Scenario& scenario, const std::string& name) {
  for (const NodeSpec& node : scenario.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

const LinkSpec* find_link(const Scenario& scenario, const std::string& one,
                          const std::string& other) {
  for (const LinkSpec& link : scenario.links) {
    if ((link.dialer == one && link.listener == other) ||
        (link.dialer == other && link.listener == one)) {
      return &link;
    }
  }
  return nullptr;
}

Result<void> bind_nodes(const Document& nodes, Scenario& scenario) {
  HALFOPEN_CHECK(check_map(nodes, "\"nodes\""));
  if (nodes.entries.empty() || nodes.entries.size() > kNodesMax) {
    return problem_at(nodes.mark, "\"nodes\" must name 1 to " + std::to_string(kNodesMax) +
                                      " nodes, as in {n1: {}, n2: {}}");
  }
  for (const DocumentEntry& entry : nodes.entries) {
    HALFOPEN_TRY(node, bind_node(entry));
    scenario.nodes.push_back(std::move(node));
  }
  return {};
}

Result<void> bind_links(const Document& links, const RunTerms& terms, Scenario& scenario) {
  HALFOPEN_CHECK(check_list(links, "\"links\""));
  if (links.items.size() > kLinksMax) {
    return problem_at(links.mark, "expected at most " + std::to_string(kLinksMax) + " links");
  }
  std::set<std::string> ids;
  for (const Document& item : links.items) {
    HALFOPEN_CHECK(check_map(item, "a link"));
    HALFOPEN_TRY(belongs, belongs_to_run(item, terms));
    if (!belongs) continue;
    HALFOPEN_TRY(link, bind_link(item, scenario));
    if (!ids.insert(link.id).second) {
      return problem_at(link.mark, "two links are called \"" + link.id +
                                       "\"; give the nodes names without \"-\"");
    }
    scenario.links.push_back(std::move(link));
  }
  return {};
}

}  // namespace halfopen
