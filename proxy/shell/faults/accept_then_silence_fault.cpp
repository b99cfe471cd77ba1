#include "proxy/shell/faults/accept_then_silence_fault.hpp"

namespace halfopen {

void AcceptThenSilenceFault::start(Instant) {
  if (!config_.acks) keep_new_ones_unheard(true);
}

Result<void> AcceptThenSilenceFault::stop(Instant) {
  // The listener first: whom it tells of now is let go below like the others.
  if (!config_.acks) keep_new_ones_unheard(false);
  for (const auto& connection : host_.connections()) {
    connection->allow_dial();
    connection->release(HoldReason::kAcceptThenSilence);
  }
  return {};
}

Result<void> AcceptThenSilenceFault::change(const FaultConfig& config) {
  const auto& changed = std::get<AcceptThenSilenceConfig>(config);
  if (changed.acks == config_.acks) return {};
  if (changed.acks) keep_new_ones_unheard(false);
  config_ = changed;
  if (!config_.acks) keep_new_ones_unheard(true);
  for (const auto& connection : host_.connections()) {
    if (config_.acks) {
      connection->release(HoldReason::kAcceptThenSilence);
    } else if (connection->is_dial_withheld()) {
      handle_accepted(*connection);
    }
  }
  return {};
}

void AcceptThenSilenceFault::handle_accepted(Connection& connection) {
  connection.withhold_dial();
  if (config_.acks) return;
  if (auto held = connection.hold(HoldReason::kAcceptThenSilence); held.has_error()) {
    host_.report_failure(*this, connection.id(), held.error());
  }
}

void AcceptThenSilenceFault::keep_new_ones_unheard(bool on) {
  if (auto set = host_.listener().set_handshakes_only(on); set.has_error()) {
    host_.report_failure(*this, std::nullopt, set.error());
  }
}

}  // namespace halfopen
