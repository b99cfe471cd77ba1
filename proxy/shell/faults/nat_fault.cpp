#include "proxy/shell/faults/nat_fault.hpp"

#include <algorithm>

#include "metrics/clock.hpp"
#include "proxy/core/sampling.hpp"
#include "proxy/shell/fault_profile.hpp"
#include "proxy/shell/log.hpp"

namespace halfopen {

namespace {

// So few are looked at often, and cost next to nothing.
constexpr std::size_t kFewMappings = 64;

}  // namespace

void NatFault::start(Instant) {
  if (const auto warning = warning_of(config_); !warning.empty()) {
    log_line(LogLevel::kWarning, warning);
  }
  for (const auto& connection : host_.connections()) {
    if (connection->is_connected()) handle_connected(*connection);
  }
  update_gauges();
}

Result<void> NatFault::stop(Instant) {
  mappings_.clear();
  expired_.clear();
  schedule_ = {};
  watched_.clear();
  places_.clear();
  for (const auto& connection : host_.connections()) {
    // Detaching a filter does not fail.
    for (const LegId leg : {LegId::kClient, LegId::kUpstream})
      (void)connection->hear_fins(leg, HearFins::kYes);
    connection->release(HoldReason::kNat);
  }
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
  const Instant now = monotonic_now();
  for (auto& [id, mapping] : mappings_) {
    mapping.handle_config(config_);
    schedule_.note_looked(places_.at(id), mapping.deadline(), false, now);
  }
  update_gauges();
  return {};
}

Result<std::size_t> NatFault::flush(Instant) {
  std::size_t flushed = 0;
  for (const auto& connection : host_.connections()) {
    if (!mappings_.contains(connection->id())) continue;
    // What had come before the flush has passed the NAT.
    for (const LegId leg : {LegId::kClient, LegId::kUpstream})
      look(mappings_.at(connection->id()), *connection, leg);
    connection->catch_up();
    const auto found = mappings_.find(connection->id());
    if (found == mappings_.end()) continue;
    ++flushed;
    forget(*connection, "nat_flushed", found->second.expiry(monotonic_now()),
           fates_of_next_packets(config_));
  }
  return flushed;
}

LegId NatFault::leg_of(NatSide side) const {
  const LegId inside = config_.inside == InsideLeg::kClient ? LegId::kClient : LegId::kUpstream;
  return side == NatSide::kInside ? inside : other(inside);
}

NatSide NatFault::side_of(LegId leg) const {
  return leg == leg_of(NatSide::kInside) ? NatSide::kInside : NatSide::kOutside;
}

std::optional<Look> NatFault::look_at_side(const Connection& connection, NatSide side) const {
  return look_at(connection.leg(leg_of(side)).socket());
}

Cut NatFault::cut_of(const Connection& connection) const {
  Cut cut = Cut::kNone;
  if (connection.is_held_by(HoldReason::kBlackhole)) cut = cut | Cut::kBoth;
  if (connection.is_held_by(HoldReason::kFlap)) cut = cut | Cut::kBoth;
  if (connection.is_held_by(HoldReason::kBlackholeInside)) cut = cut | Cut::kInside;
  if (connection.is_held_by(HoldReason::kBlackholeOutside)) cut = cut | Cut::kOutside;
  if (connection.is_held_by(HoldReason::kPowerLoss)) {
    // A host without power is a cut right before it.
    const bool upstream_is_inside = config_.inside == InsideLeg::kUpstream;
    cut = cut | (upstream_is_inside ? Cut::kInside : Cut::kOutside);
  }
  return cut;
}

void NatFault::handle_connected(Connection& connection) {
  const auto inside = look_at_side(connection, NatSide::kInside);
  const auto outside = look_at_side(connection, NatSide::kOutside);
  if (!inside || !outside) return;
  const auto [found, is_new] =
      mappings_.insert_or_assign(connection.id(), NatMapping{config_, *inside, *outside});
  watch(connection, found->second);
  update_gauges();
}

void NatFault::handle_leg_event(Connection& connection, LegId leg) {
  const auto found = mappings_.find(connection.id());
  if (found == mappings_.end()) return look_at_expired(connection, side_of(leg));
  const std::size_t place = places_.at(connection.id());
  found->second.handle_quiet(watched_.at(place).quiet_at);
  look(found->second, connection, leg);
  const Instant now = monotonic_now();
  // What is moved on is outstanding on the other leg.
  for (QuietLeg& quiet : watched_.at(place).quiet)
    quiet.forget();
  schedule_.note_activity(place, now);
  schedule_.note_looked(place, found->second.deadline(), false, now);
}

// From here on what a filter swallows is looked at: this is where its count begins.
void NatFault::handle_silencing(Connection& connection, LegId leg) {
  if (Watched* watched = find_watched(connection.id())) watched->quiet.at(index_of(leg)).forget();
  const auto found = mappings_.find(connection.id());
  if (found == mappings_.end()) return;
  const auto seen = look_at(connection.leg(leg).socket());
  if (!seen) return;
  if (const auto cause = found->second.handle_look(side_of(leg), *seen, Cut::kNone)) {
    host_.metrics().count_refresh(*cause);
  }
}

void NatFault::handle_over(Connection& connection) {
  unwatch(connection.id());
  mappings_.erase(connection.id());
  expired_.erase(connection.id());
  update_gauges();
}

std::optional<Look> NatFault::look(NatMapping& mapping, const Connection& connection, LegId leg) {
  // Nothing is swallowed on a leg that is heard, so that half of a look's price is saved.
  const bool is_held = connection.leg(leg).is_held();
  auto seen =
      look_at(connection.leg(leg).socket(), is_held ? CountSwallowed::kYes : CountSwallowed::kNo);
  if (!seen) return seen;
  if (!is_held) seen->swallowed_segments = mapping.swallowed_segments(side_of(leg));
  if (const auto cause = mapping.handle_look(side_of(leg), *seen, cut_of(connection))) {
    host_.metrics().count_refresh(*cause);
  }
  return seen;
}

bool NatFault::is_quiet(const Watched& watched) {
  for (const LegId leg : {LegId::kClient, LegId::kUpstream}) {
    const QuietLeg& quiet = watched.quiet.at(index_of(leg));
    if (!quiet.is_idle()) return false;
    if (!quiet.is_quiet(dropped_segments(watched.sockets.at(index_of(leg))))) return false;
  }
  return true;
}

void NatFault::watch(Connection& connection, NatMapping& mapping) {
  const Instant now = monotonic_now();
  const auto known = places_.find(connection.id());
  const std::size_t place = known != places_.end()
                                ? known->second
                                : schedule_.add(connection.id(), mapping.deadline(), now);
  if (known == places_.end()) {
    places_.emplace(connection.id(), place);
    if (place >= watched_.size()) watched_.resize(place + 1);
  } else {
    schedule_.note_looked(place, mapping.deadline(), false, now);
    schedule_.note_activity(place, now);
  }
  watched_.at(place) = {connection.id(), &connection, &mapping};
}

void NatFault::unwatch(ConnectionId id) {
  const auto known = places_.find(id);
  if (known == places_.end()) return;
  watched_.at(known->second) = {};
  schedule_.remove(known->second);
  places_.erase(known);
}

NatFault::Watched* NatFault::find_watched(ConnectionId id) {
  const auto known = places_.find(id);
  return known == places_.end() ? nullptr : &watched_.at(known->second);
}

void NatFault::handle_timeout(Instant now) {
  for (const LookSchedule::Due& due : schedule_.take_due(now)) {
    // What happened to one of them may have ended another.
    if (due.place < watched_.size() && watched_[due.place].id == due.id) sample(due, now);
  }
  // With as many as are busy now.
  update_gauges();
}

void NatFault::sample(const LookSchedule::Due& due, Instant now) {
  Connection& connection = *watched_[due.place].connection;
  if (watched_[due.place].mapping == nullptr) {
    schedule_.note_looked(due.place, std::nullopt, false, now);
    return watch_expired(connection);
  }
  Watched& watched = watched_[due.place];
  NatMapping& mapping = *watched.mapping;
  const bool are_many = schedule_.size() > kFewMappings;
  if (are_many && !schedule_.is_deadline_due(due.place, now) && is_quiet(watched)) {
    watched.quiet_at = now;
    return schedule_.note_quiet(due.place, now);
  }
  mapping.handle_quiet(watched.quiet_at);
  for (const LegId leg : {LegId::kClient, LegId::kUpstream}) {
    QuietLeg& quiet = watched.quiet.at(index_of(leg));
    const Leg& seen_leg = connection.leg(leg);
    watched.sockets.at(index_of(leg)) = seen_leg.socket();
    const std::uint32_t dropped = are_many ? dropped_segments(seen_leg.socket()) : 0;
    const auto seen = look(mapping, connection, leg);
    const bool is_filtered = seen_leg.is_held() || seen_leg.swallows();
    if (are_many && seen) {
      quiet.handle_look(*seen, dropped, is_filtered);
    } else {
      quiet.forget();
    }
  }
  // Both looks began after `now`.
  if (const auto expiry = mapping.handle_timeout(now)) return expire(connection, *expiry);
  schedule_.note_looked(due.place, mapping.deadline(), mapping.awaits_ack(), now);
}

std::optional<Instant> NatFault::next_deadline() const {
  return schedule_.next();
}

void NatFault::expire(Connection& connection, const Expiry& expiry) {
  host_.metrics().count_expired();
  // Behind a cut cable nobody hears what the NAT says when it expires.
  const bool is_cut = cut_of(connection) != Cut::kNone;
  forget(connection, "nat_expired", expiry,
         is_cut ? fates_of_next_packets(config_) : fates_at_expiry(config_));
}

void NatFault::forget(Connection& connection, const char* event, const Expiry& expiry,
                      SideFates fates) {
  host_.write_event(
      event,
      {{"conn", connection.id().value()},
       {"idle_ms", std::chrono::duration_cast<std::chrono::milliseconds>(expiry.idle).count()},
       {"last_cause", expiry.last_cause ? to_text(*expiry.last_cause) : "none"}});
  expired_.insert_or_assign(connection.id(),
                            ExpiredMapping{fates, known(connection, NatSide::kInside),
                                           known(connection, NatSide::kOutside)});
  mappings_.erase(connection.id());
  if (Watched* watched = find_watched(connection.id())) {
    watched->mapping = nullptr;
    schedule_.note_looked(places_.at(connection.id()), std::nullopt, false, monotonic_now());
  }
  for (const NatSide side : kNatSides)
    meet_fate(connection, side, fates.at(index_of(side)));
  update_gauges();
}

// Not a new look: what came since the last one comes after the mapping. But a leg that was heard
// until now has swallowed nothing yet.
Look NatFault::known(const Connection& connection, NatSide side) const {
  Look known = mappings_.at(connection.id()).known(side);
  const Leg& leg = connection.leg(leg_of(side));
  if (leg.is_open() && !leg.is_held()) known.swallowed_segments = dropped_segments(leg.socket());
  return known;
}

void NatFault::update_gauges() {
  const Duration timeout = shortest_timeout(config_);
  schedule_.set_intervals(choose_sample_interval(timeout, schedule_.size()),
                          choose_busy_interval(timeout, schedule_.busy()));
  host_.metrics().set_nat_entries(mappings_.size());
  host_.metrics().set_sample_interval(schedule_.interval());
}

}  // namespace halfopen
