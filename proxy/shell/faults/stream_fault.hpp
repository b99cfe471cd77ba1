// Every fault that shapes the bytes of a stream: a stage in the chains of the proxy's connections.
//
// Intuition: the fault only decides who is hit; its stages do the rest. Each connection and
// direction draws for itself, from the program's seed and names that a person chose, so one more
// connection or fault does not change what the others draw.
//
// Invariants: every connected connection has this fault's stage in each of its directions. One that
// the draw spares has a stage that does nothing: the order of the faults is the order of addition.
#pragma once

#include <array>
#include <vector>

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class StreamFault final : public ActiveFault {
 public:
  StreamFault(FaultHost& host, const FaultSpec& spec);

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  [[nodiscard]] Result<void> change_spec(const FaultSpec& spec) override;
  void handle_connected(Connection& connection) override;

 private:
  [[nodiscard]] std::vector<LegId> sources() const;
  // What the stage of this connection is to be, by the draw.
  [[nodiscard]] const StreamFaultConfig& draw(const Connection& connection, LegId from) const;
  [[nodiscard]] std::uint64_t seed_of(const Connection& connection, LegId from,
                                      std::string_view purpose) const;
  void prepare();

  FaultHost& host_;
  FaultSpec spec_;
  StageId stage_;
  // Connections draw anew at each change.
  std::uint64_t changes_ = 0;
  // By direction, for those that are hit; what a direction's connections share is in it.
  std::array<StreamFaultConfig, 2> hit_;
  const StreamFaultConfig spared_{NoopConfig{}};
};

}  // namespace halfopen
