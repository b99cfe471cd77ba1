#include "proxy/shell/faults/reset_on_next_fault.hpp"

#include "proxy/core/sampling.hpp"

namespace halfopen {
namespace {

constexpr std::array kLegs{LegId::kClient, LegId::kUpstream};
constexpr const char* kReason = "reset_on_next";
// A reset is late by up to one sampling interval, as that of a mapping with this timeout.
constexpr Duration kSampledAsTimeout = std::chrono::seconds(1);

}  // namespace

void ResetOnNextFault::start(Instant now) {
  sampled_at_ = now;
  for (const auto& connection : host_.connections()) {
    if (connection->is_connected()) {
      // What had come before is not the next packet.
      connection->catch_up();
      arm(*connection);
    } else {
      awaited_.insert(connection->id());
    }
  }
}

Result<void> ResetOnNextFault::stop(Instant) {
  armed_.clear();
  awaited_.clear();
  for (const auto& connection : host_.connections())
    connection->release(HoldReason::kResetOnNext);
  return {};
}

Result<void> ResetOnNextFault::change(const FaultConfig& config) {
  config_ = std::get<ResetOnNextConfig>(config);
  return {};
}

void ResetOnNextFault::handle_connected(Connection& connection) {
  const bool was_there = awaited_.erase(connection.id()) > 0;
  if (!was_there && !config_.new_connections) return;
  const bool has_spoken = connection.has_unread(LegId::kClient);
  arm(connection);
  if (has_spoken && resets(LegId::kClient) && armed_.contains(connection.id())) {
    reset(connection, LegId::kClient);
  }
}

void ResetOnNextFault::handle_over(Connection& connection) {
  awaited_.erase(connection.id());
  armed_.erase(connection.id());
}

bool ResetOnNextFault::resets(LegId leg) const {
  if (config_.side == PeerSides::kBoth) return true;
  return (config_.side == PeerSides::kClient) == (leg == LegId::kClient);
}

void ResetOnNextFault::arm(Connection& connection) {
  if (connection.is_over()) return;
  if (auto held = connection.hold(HoldReason::kResetOnNext); held.has_error()) {
    return host_.report_failure(*this, connection.id(), held.error());
  }
  Swallowed swallowed{};
  for (const LegId leg : kLegs) {
    if (connection.leg(leg).is_open()) {
      swallowed.at(index_of(leg)) = dropped_segments(connection.leg(leg).socket());
    }
  }
  armed_.insert_or_assign(connection.id(), swallowed);
}

void ResetOnNextFault::handle_timeout(Instant now) {
  if (const auto deadline = next_deadline(); !deadline || now < *deadline) return;
  sampled_at_ = now;
  std::vector<ConnectionId> armed;
  armed.reserve(armed_.size());
  for (const auto& [id, swallowed] : armed_)
    armed.push_back(id);
  for (const ConnectionId id : armed) {
    for (const LegId leg : kLegs) {
      // A reset may have ended it, and others.
      const auto found = armed_.find(id);
      Connection* connection = host_.find_connection(id);
      if (found == armed_.end() || connection == nullptr) break;
      look_at_leg(*connection, found->second, leg);
    }
  }
}

void ResetOnNextFault::look_at_leg(Connection& connection, Swallowed& swallowed, LegId leg) {
  if (!connection.leg(leg).is_open()) return;
  const std::uint32_t now = dropped_segments(connection.leg(leg).socket());
  if (now == swallowed.at(index_of(leg))) return;
  swallowed.at(index_of(leg)) = now;
  const bool is_cut = connection.is_held_by_others(HoldReason::kResetOnNext);
  if (resets(leg) && !is_cut) reset(connection, leg);
}

void ResetOnNextFault::reset(Connection& connection, LegId leg) {
  host_.metrics().count_reset(ResetCause::kResetOnNext);
  host_.write_event("reset_on_next", {{"conn", connection.id().value()},
                                      {"side", leg == LegId::kClient ? "client" : "upstream"}});
  connection.reset_silent_leg(leg, HoldReason::kResetOnNext, kReason);
}

std::optional<Instant> ResetOnNextFault::next_deadline() const {
  if (armed_.empty()) return std::nullopt;
  return sampled_at_ + choose_sample_interval(kSampledAsTimeout, armed_.size());
}

}  // namespace halfopen
