#include "harness/worlds/node_process.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/prng.hpp"

namespace halfopen {
namespace {

std::string configuration(const Scenario& scenario, const NodeSpec& node, const NodePlace& place) {
  boost::json::object config = node.config;
  config["name"] = node.name;
  config["listen"] = place.address + ":7000";
  config["admin"] = place.admin;
  config["events"] = node.name + ".events.jsonl";
  config["store"] = node.name + ".votes.db";
  // A lab's keys are no secret. What a scenario looks at are the links: it says so if it wants TLS.
  config["insecure_seed"] = node.name;
  if (!config.contains("transport")) config["transport"] = "plaintext";
  if (scenario.seed && !config.contains("seed")) {
    // One for each node: with the same they would draw the same jitter.
    config["seed"] = Prng(*scenario.seed).fork(node.name).next() >> 1U;
  }
  boost::json::array peers;
  for (const LinkSpec& link : scenario.links) {
    if (link.dialer == node.name) {
      peers.push_back(boost::json::object{{"name", link.listener},
                                          {"insecure_seed", link.listener},
                                          {"address", place.dialled.at(link.id)}});
    } else if (link.listener == node.name) {
      peers.push_back(boost::json::object{{"name", link.dialer}, {"insecure_seed", link.dialer}});
    }
  }
  config["peers"] = std::move(peers);
  return boost::json::serialize(config);  // JSON is YAML
}

}  // namespace

ProcessSpec node_process(const Scenario& scenario, const NodeSpec& node, const NodePlace& place) {
  ProcessSpec process;
  process.name = node.name;
  process.network_namespace = place.network_namespace;
  if (!node.argv.empty()) {
    std::map<std::string, std::string> words{{"{address}", place.address}};
    for (const auto& [link, address] : place.dialled)
      words["{link:" + link + "}"] = address;
    process.argv = replace_words(node.argv, words);
    return process;
  }
  process.config_path = node.name + ".yaml";
  process.config_text = configuration(scenario, node, place);
  process.argv = {"vote-node", "--config", process.config_path};
  process.http = place.admin;
  process.ready_path = "/readyz";
  process.events_path = node.name + ".events.jsonl";
  return process;
}

std::vector<ProcessSpec> node_processes(const Scenario& scenario,
                                        const std::map<std::string, NodePlace>& place_of_node) {
  std::vector<ProcessSpec> listeners;
  std::vector<ProcessSpec> dialers;
  for (const NodeSpec& node : scenario.nodes) {
    if (node.is_endpoint) continue;
    bool dials = false;
    for (const LinkSpec& link : scenario.links)
      dials = dials || link.dialer == node.name;
    (dials ? dialers : listeners)
        .push_back(node_process(scenario, node, place_of_node.at(node.name)));
  }
  for (ProcessSpec& process : dialers)
    listeners.push_back(std::move(process));
  return listeners;
}

Result<HttpCall> cast_call(const Scenario& scenario, const std::string& node,
                           const NodePlace& place) {
  for (const NodeSpec& spec : scenario.nodes) {
    if (spec.name == node && !spec.argv.empty()) {
      return Problem{"votes can only be cast at a vote-node, and ", node, " is another command"};
    }
  }
  return HttpCall{place.admin, "POST", "/votes", "{}", place.network_namespace};
}

}  // namespace halfopen
