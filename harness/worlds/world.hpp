// A world turns a scenario into processes and operations. It decides and does nothing: the shell
// starts the processes and carries the operations out, in order.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

// The SO_MARK that fault-proxy puts on a black-holed socket ("half" in ASCII). A rule in the run's
// namespace drops what carries it, so that queued data, retransmissions and FINs stay inside.
inline constexpr std::uint32_t kBlackHoleMark = 0x68616c66;

// The nft(8) rules that drop marked packets on their way out.
[[nodiscard]] std::string black_hole_rules();

// Each of `words` in each text becomes its value.
[[nodiscard]] std::vector<std::string> replace_words(
    std::vector<std::string> texts, const std::map<std::string, std::string>& words);

// A network namespace beside the run's own, which is called "". Its loopback is up.
struct NamespaceSpec {
  std::string name;        // a node's, or "router:" and a link's id
  std::string interfaces;  // ip(8) batch; "{namespace:NAME}" is a netns there
  std::string rules;       // nft(8); empty for none
  std::map<std::string, std::string>
      sysctls;  // written last: some exist only once rules are loaded
};

// A process of the run. Relative paths are in the run's own directory.
struct ProcessSpec {
  std::string name;               // unique in the run: the node's name, or "fault-proxy"
  std::vector<std::string> argv;  // argv[0] without a slash: beside halfopen, else in PATH
  std::string config_path;        // written before the start; empty for none
  std::string config_text;
  std::string http;               // host:port of its metrics; empty for none
  std::string ready_path;         // answers 200 once the process can be used; empty: no wait
  std::string refusal;            // what its log says when it starts without all it was told to be
  std::string events_path;        // its event log; empty for none
  bool network_admin = false;     // keeps CAP_NET_ADMIN in the run's namespaces
  std::string network_namespace;  // where it runs, and where `http` is dialled
};

struct HttpCall {
  std::string to;  // host:port
  std::string method;
  std::string path;
  std::string body;
  std::string network_namespace;  // where the call's socket is opened
};
// Waits until the process is gone.
struct EndProcess {
  std::string name;
  bool graceful = false;  // SIGTERM, else SIGKILL
};
// Waits until it is ready.
struct StartProcess {
  std::string name;
};
struct Pause {
  Duration duration{};
};
// nft(8) rules in a namespace; what one call says comes into force at once or not at all.
struct LoadRules {
  std::string network_namespace;
  std::string rules;
};
// An ip(8) batch in a namespace.
struct ConfigureInterfaces {
  std::string network_namespace;
  std::string batch;
};
struct SetSysctls {
  std::string network_namespace;
  std::map<std::string, std::string> sysctls;
};
// SOCK_DESTROY (sock_diag(7)) of every TCP connection in a namespace whose own end is `local` and
// whose other end is `remote`; empty is any, both empty is every one that is not of the loopback.
// The connection's program is told ECONNABORTED, its peer gets a RST. Listeners stay.
struct DestroySockets {
  std::string network_namespace;
  std::string local;   // "10.77.1.1:7000", "10.77.1.1" for any port, or empty
  std::string remote;  // the same
};
// Forgets every mapping of a namespace's conntrack table.
struct FlushMappings {
  std::string network_namespace;
};
// Lets every mapping of TCP run out `timeout` from now unless a packet comes.
struct RenewMappings {
  std::string network_namespace;
  Duration timeout{};
};
using Operation =
    std::variant<HttpCall, EndProcess, StartProcess, Pause, LoadRules, ConfigureInterfaces,
                 SetSysctls, DestroySockets, FlushMappings, RenewMappings>;

// A link whose wire can be seen, for captures and for what the harness counts in a middlebox that
// is not fault-proxy.
struct WireSpec {
  std::string link;
  std::string network_namespace;
  std::string interface;      // where it is captured
  std::string filter;         // pcap-filter(7); empty for every packet
  bool is_middlebox = false;  // the namespace is a router that nobody else counts for
  std::string inside_interface;
  std::string outside_interface;
};

// Where a node is, and how it reaches its peers.
struct NodePlace {
  std::string address;                         // votes on port 7000
  std::string admin;                           // host:port, loopback
  std::map<std::string, std::string> dialled;  // link id -> host:port that reaches its listener
  std::string network_namespace;
};

class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  // Whether the scenario can be true here. A Problem makes the run INCONCLUSIVE with that text.
  [[nodiscard]] virtual Result<void> check() const = 0;
  // In the order in which they are set up.
  [[nodiscard]] virtual std::vector<NamespaceSpec> namespaces() const = 0;
  [[nodiscard]] virtual std::vector<WireSpec> wires() const = 0;
  // The abilities of the machine (doctor's names) that the scenario takes here.
  [[nodiscard]] virtual std::vector<std::string> needs() const = 0;
  // In the order in which they start; they end in the reverse order.
  [[nodiscard]] virtual std::vector<ProcessSpec> processes() const = 0;
  // For the steps that change the world (faults, restarts, stops). A Problem means that this world
  // cannot produce the fault: the run is INCONCLUSIVE with that text.
  [[nodiscard]] virtual Result<std::vector<Operation>> carry_out(
      const StepAction& action) const = 0;
  [[nodiscard]] virtual NodePlace place_of(const std::string& node) const = 0;
  // Where a vote for this node is cast.
  [[nodiscard]] virtual Result<HttpCall> cast(const std::string& node) const = 0;
};

enum class WorldKind : std::uint8_t { kProxy, kKernel };
inline constexpr std::array kWorldKinds{WorldKind::kProxy, WorldKind::kKernel};
[[nodiscard]] std::string_view to_text(WorldKind kind);
// Whether the scenario may be played in this world (`needs: [world:proxy]`).
[[nodiscard]] Result<void> check_kind(WorldKind kind, const Scenario& scenario);
[[nodiscard]] std::unique_ptr<World> make_world(WorldKind kind, const Scenario& scenario);

}  // namespace halfopen
