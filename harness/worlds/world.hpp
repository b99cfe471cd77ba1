// A world turns a scenario into processes and operations. It decides and does nothing: the shell
// starts the processes and carries the operations out, in order.
#pragma once

#include <cstdint>
#include <string>
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

// A process of the run. Relative paths are in the run's own directory.
struct ProcessSpec {
  std::string name;               // unique in the run: the node's name, or "fault-proxy"
  std::vector<std::string> argv;  // argv[0] without a slash: beside halfopen, else in PATH
  std::string config_path;        // written before the start; empty for none
  std::string config_text;
  std::string http;            // host:port of its metrics; empty for none
  std::string ready_path;      // answers 200 once the process can be used; empty: no wait
  std::string events_path;     // its event log; empty for none
  bool network_admin = false;  // keeps CAP_NET_ADMIN in the run's namespaces
};

struct HttpCall {
  std::string to;  // host:port
  std::string method;
  std::string path;
  std::string body;
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
using Operation = std::variant<HttpCall, EndProcess, StartProcess, Pause>;

class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  // In the order in which they start; they end in the reverse order.
  [[nodiscard]] virtual std::vector<ProcessSpec> processes() const = 0;
  // What nft(8) loads in the run's namespace before anything starts.
  [[nodiscard]] virtual std::string packet_filter_rules() const = 0;
  // For the steps that change the world (faults, restarts, stops). A Problem means that this world
  // cannot produce the fault: the run is INCONCLUSIVE with that text.
  [[nodiscard]] virtual Result<std::vector<Operation>> carry_out(
      const StepAction& action) const = 0;
  // Where a vote for this node is cast.
  [[nodiscard]] virtual Result<HttpCall> cast(const std::string& node) const = 0;
};

}  // namespace halfopen
