#include "proxy/shell/faults/half_close_fault.hpp"

#include "metrics/clock.hpp"

namespace halfopen {

Result<void> HalfCloseFault::change(const FaultConfig&) {
  return Problem{"a half_close cannot be changed, delete it and add another"};
}

void HalfCloseFault::handle_connected(Connection& connection) {
  aimed_.handle_connected(connection, monotonic_now());
}

void HalfCloseFault::handle_timeout(Instant now) {
  const LegId told = config_.side == PeerSide::kClient ? LegId::kClient : LegId::kUpstream;
  for (const ConnectionId id : aimed_.take_due(now)) {
    Connection* connection = host_.find_connection(id);
    if (connection == nullptr) continue;
    host_.write_event("half_closed",
                      {{"conn", connection->id().value()}, {"side", to_text(config_.side)}});
    connection->end_stream(other(told));
  }
}

}  // namespace halfopen
