// One run, fully decided: what is started, what is done to it, and what must hold. Variables are
// substituted, the matrix cell is chosen, every expression is parsed. A Scenario cannot be wrong;
// what can be wrong is said, with its place in the file, by plan_scenario (plan.hpp).
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "harness/model/document.hpp"
#include "harness/model/expectation.hpp"
#include "harness/model/expression/expression.hpp"

namespace halfopen {

// A process. Without argv it is a vote-node, whose configuration is `config` (keys as in
// vote-node's own file, without name, addresses and peers, which the world fills in).
struct NodeSpec {
  std::string name;
  Mark mark;
  boost::json::object config;
  std::map<std::string, Mark> marks;           // of the settings' values, by path: "ping.interval"
  std::vector<std::string> argv;               // empty: vote-node
  std::map<std::string, std::string> sysctls;  // of this node's machine alone
  bool is_endpoint = false;  // no process: the harness itself speaks from its address
};

struct FaultSpec {
  std::string name;  // the key that removes it again; by default the type
  std::string type;  // nat, blackhole, peer_restart, ... (fault_types.hpp)
  boost::json::object attributes;
  Mark mark;
  std::map<std::string, Mark> marks{};  // of the attributes' values
};

// A pair of nodes that may talk; a pair that is not listed has no link.
struct LinkSpec {
  std::string id;      // "n1-n2" in the order of `between`
  std::string dialer;  // opens the connection
  std::string listener;
  std::string inside;             // the node behind the NAT
  std::vector<FaultSpec> faults;  // from the start
  Mark mark;
};

// Steps, one after another.
struct WaitUntil {
  Expression condition;
  Duration within{};
};
struct IdleFor {
  Duration duration{};
};
struct CastVotes {
  std::string node;
  unsigned count = 1;
  Duration every{};
};
struct SetFault {
  std::string link;
  FaultSpec fault;
};
// Ends the fault as it was set last: a name may stand for another fault later.
struct ClearFault {
  std::string link;
  FaultSpec fault;
};
enum class RestartKind : std::uint8_t { kGraceful, kCrash, kPowerLoss };
// The scenario's word: "power_loss".
[[nodiscard]] std::string_view to_text(RestartKind kind);
// The node's process really ends and starts again; the links to it behave as its machine would.
struct RestartNode {
  std::string node;
  RestartKind kind = RestartKind::kCrash;
  Duration down{};
};
// Ends a node's process and leaves it down. (SIGTERM for graceful, SIGKILL otherwise.)
struct StopNode {
  std::string node;
  RestartKind kind = RestartKind::kCrash;
};
// The middlebox of the link forgets every mapping at once: it rebooted, or its table was flushed.
struct FlushNat {
  std::string link;
  std::string fault;  // the nat fault's name
};
// SOCK_DESTROY on the node's connections, as `ss -K` does.
struct DestroyConnections {
  std::string node;
  std::string peer;  // empty: to every peer
};
// Undoes what steps did and waits for `condition`, which must then hold for a while. That it never
// does is no trouble of the run: the expectation `liveness` says so.
struct Heal {
  std::vector<ClearFault> faults;  // set by steps and not cleared
  std::vector<StopNode> nodes;     // stopped, and to be started
  Expression condition;
  Duration within{};
};
// For how long on end all must be well before a run counts as healed: the first scrape of a healing
// may still tell what was believed before anything broke.
inline constexpr Duration kSettled = std::chrono::seconds(1);
using StepAction = std::variant<WaitUntil, IdleFor, CastVotes, SetFault, ClearFault, RestartNode,
                                StopNode, FlushNat, DestroyConnections, Heal>;

struct Step {
  std::string id;  // unique; given, or "step-3"
  Mark mark;
  StepAction action;
  Mark action_mark{};  // of the action's value: a condition's own place
};

struct Scenario {
  std::string name;
  std::string claim;
  std::vector<std::string> needs;     // abilities, by doctor's names: filter, repair, mark, nft
  std::vector<std::string> worlds;    // the only ones that can play it; empty: any
  std::vector<std::string> tags;      // what --tags chooses by
  unsigned cost = 1;                  // of the machine's admission units
  std::optional<std::uint64_t> seed;  // of every drawn number of the run; else the run draws one
  std::map<std::string, std::string> sysctls;  // in the run's own namespace: net.ipv4.tcp_retries2
  Duration scrape_interval = std::chrono::milliseconds(100);
  std::vector<NodeSpec> nodes;
  std::vector<LinkSpec> links;
  std::vector<Step> steps;
  std::vector<Expectation> expectations;
};

}  // namespace halfopen
