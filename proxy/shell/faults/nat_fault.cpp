#include "proxy/shell/faults/nat_fault.hpp"

#include <algorithm>

#include "metrics/clock.hpp"
#include "proxy/core/sampling.hpp"

namespace halfopen {
namespace {

const char* to_text(NatSide side) {
  return side == NatSide::kInside ? "inside" : "outside";
}
std::size_t index_of(NatSide side) {
  return side == NatSide::kInside ? 0 : 1;
}

}  // namespace

void NatFault::start(Instant now) {
  sampled_at_ = now;
  for (const auto& connection : host_.connections()) {
    if (connection->is_connected()) handle_connected(*connection);
  }
  update_gauges();
}

Result<void> NatFault::stop(Instant) {
  mappings_.clear();
  for (const auto& connection : host_.connections())
    connection->release(HoldReason::kNat);
  expired_.clear();
  update_gauges();
  host_.metrics().set_sample_interval(Duration{0});
  return {};
}

Result<void> NatFault::change(const FaultConfig& config) {
  const auto& changed = std::get<NatConfig>(config);
  if (changed.inside != config_.inside) {
    return Problem{"attributes.inside: cannot be changed while the fault is set, ",
                   "delete the fault and add it again"};
  }
  config_ = changed;
  for (auto& [id, mapping] : mappings_)
    mapping.handle_config(config_);
  update_gauges();
  return {};
}

LegId NatFault::leg_of(NatSide side) const {
  const LegId inside = config_.inside == InsideLeg::kClient ? LegId::kClient : LegId::kUpstream;
  return side == NatSide::kInside ? inside : other(inside);
}

void NatFault::handle_connected(Connection& connection) {
  const auto inside = look_at(connection.leg(leg_of(NatSide::kInside)).socket());
  const auto outside = look_at(connection.leg(leg_of(NatSide::kOutside)).socket());
  if (!inside || !outside) return;
  mappings_.insert_or_assign(connection.id(), NatMapping{config_, *inside, *outside});
  update_gauges();
}

void NatFault::handle_leg_event(Connection& connection, LegId leg) {
  const auto found = mappings_.find(connection.id());
  if (found != mappings_.end()) look(found->second, connection, leg);
}

void NatFault::handle_over(Connection& connection) {
  mappings_.erase(connection.id());
  expired_.erase(connection.id());
  update_gauges();
}

void NatFault::look(NatMapping& mapping, const Connection& connection, LegId leg) {
  const auto seen = look_at(connection.leg(leg).socket());
  if (!seen) return;
  const NatSide side = leg == leg_of(NatSide::kInside) ? NatSide::kInside : NatSide::kOutside;
  if (const auto cause = mapping.handle_look(side, *seen)) {
    host_.metrics().count_refresh(*cause);
  }
}

void NatFault::handle_timeout(Instant now) {
  const bool sample_due = now >= sampled_at_ + sample_interval_;
  if (sample_due) sampled_at_ = now;
  for (const auto& connection : host_.connections()) {
    const auto found = mappings_.find(connection->id());
    if (found == mappings_.end() || connection->is_held()) continue;
    NatMapping& mapping = found->second;
    if (!sample_due && mapping.deadline() > now) continue;
    look(mapping, *connection, LegId::kClient);
    look(mapping, *connection, LegId::kUpstream);
    if (const auto expiry = mapping.handle_timeout(monotonic_now())) expire(*connection, *expiry);
  }
  if (sample_due) watch_for_next_packets();
}

std::optional<Instant> NatFault::next_deadline() const {
  if (mappings_.empty() && expired_.empty()) return std::nullopt;
  Instant next = sampled_at_ + sample_interval_;
  for (const auto& [id, mapping] : mappings_) {
    // One that is silenced by another fault may be overdue; it is judged by the next sample.
    if (mapping.deadline() > sampled_at_) next = std::min(next, mapping.deadline());
  }
  return next;
}

void NatFault::expire(Connection& connection, const Expiry& expiry) {
  host_.metrics().count_expired();
  host_.write_event(
      "nat_expired",
      {{"conn", connection.id().value()},
       {"idle_ms", std::chrono::duration_cast<std::chrono::milliseconds>(expiry.idle).count()},
       {"last_cause", expiry.last_cause ? to_text(*expiry.last_cause) : "none"}});
  mappings_.erase(connection.id());
  expired_[connection.id()] = {};
  for (const NatSide side : kNatSides) {
    meet_fate(connection, side, expiry.fates.at(index_of(side)));
  }
  update_gauges();
}

void NatFault::meet_fate(Connection& connection, NatSide side, SideFate fate) {
  const LegId leg = leg_of(side);
  switch (fate) {
    case SideFate::kDropNextPacket:
      if (auto held = connection.hold_leg(leg, HoldReason::kNat); held.has_error()) {
        return host_.report_failure(*this, connection.id(), held.error());
      }
      expired_[connection.id()].at(index_of(side)) = true;
      return;
    case SideFate::kRstNextPacket:
      // The kernel will answer the next segment; nobody tells the proxy when. It counts now.
      host_.metrics().count_reset(ResetCause::kNatNextPacket);
      write_next_packet(connection, side, "rst", false);
      return connection.end_leg(leg, LegEnd::kVanish, "nat_expiry");
    case SideFate::kRstNow:
      host_.metrics().count_reset(ResetCause::kNatExpiry);
      return connection.end_leg(leg, LegEnd::kRst, "nat_expiry");
    case SideFate::kFinNow:
      return connection.end_leg(leg, LegEnd::kFin, "nat_expiry");
  }
}

void NatFault::watch_for_next_packets() {
  if (expired_.empty()) return;
  for (const auto& connection : host_.connections()) {
    const auto found = expired_.find(connection->id());
    if (found == expired_.end()) continue;
    connection->collect_dropped();
    AwaitedPackets& awaited = found->second;
    for (const NatSide side : kNatSides) {
      if (!awaited.at(index_of(side))) continue;
      if (connection->leg(leg_of(side)).dropped_total() == 0) continue;
      awaited.at(index_of(side)) = false;
      write_next_packet(*connection, side, "drop", true);
    }
    if (!awaited.at(0) && !awaited.at(1)) expired_.erase(found);
  }
}

void NatFault::write_next_packet(const Connection& connection, NatSide side, const char* action,
                                 bool seen) {
  host_.write_event("nat_next_packet", {{"conn", connection.id().value()},
                                        {"side", to_text(side)},
                                        {"action", action},
                                        {"seen", seen}});
}

void NatFault::update_gauges() {
  sample_interval_ = choose_sample_interval(config_.idle_timeout, mappings_.size());
  host_.metrics().set_nat_entries(mappings_.size());
  host_.metrics().set_sample_interval(sample_interval_);
}

}  // namespace halfopen
