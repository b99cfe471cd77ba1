// One side of a case: the client's machine or the server's, with its listener and its ends of every
// connection, in the network namespace that the world gave it.
#pragma once

#include <deque>
#include <string>

#include "base/result.hpp"
#include "harness/model/conformance/case.hpp"
#include "harness/shell/conformance/end_socket.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen::conformance {

class Machine {
 public:
  // `network_namespace` is a descriptor that outlives the machine, or -1.
  Machine(Side side, NodePlace place, int network_namespace, const SocketSettings& settings)
      : side_(side),
        place_(std::move(place)),
        network_namespace_(network_namespace),
        settings_(settings) {}
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] Result<void> listen();
  // Starts to dial the link's other end.
  [[nodiscard]] Result<void> dial();
  // Takes a connection that waits at the listener, if there is one.
  [[nodiscard]] Result<void> accept();
  // Every socket goes, the listener too.
  void lose_power();

  [[nodiscard]] bool has(unsigned connection) const { return connection <= ends_.size(); }
  [[nodiscard]] EndSocket& end(unsigned connection) { return ends_.at(connection - 1); }
  [[nodiscard]] std::deque<EndSocket>& ends() { return ends_; }
  // As the kernel's table has it: "ESTABLISHED", "FIN_WAIT1, unacked", "gone".
  [[nodiscard]] Result<std::string> state_of(EndSocket& end) const;

 private:
  Side side_;
  NodePlace place_;
  int network_namespace_;
  SocketSettings settings_;
  int listener_ = -1;
  std::deque<EndSocket> ends_;
};

}  // namespace halfopen::conformance
