#include "harness/model/wire/middlebox_account.hpp"

#include <algorithm>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/fault_types.hpp"

namespace halfopen {
namespace {

// An entry's timer has the kernel's tick, and a packet's date is taken a moment before the timer.
constexpr Duration kTimerSlack = std::chrono::milliseconds(20);

constexpr const char* kConnections = "fault_proxy_connections";
constexpr const char* kOutcomes = "fault_proxy_connections_total";
constexpr const char* kBytes = "fault_proxy_bytes_total";
constexpr const char* kEntries = "fault_proxy_nat_entries";
constexpr const char* kExpired = "fault_proxy_nat_expired_total";
constexpr const char* kRefreshes = "fault_proxy_nat_refresh_total";
constexpr const char* kSampleInterval = "fault_proxy_nat_sample_interval_seconds";
constexpr const char* kDropped = "fault_proxy_segments_dropped_total";
constexpr const char* kResets = "fault_proxy_resets_total";
constexpr const char* kFaultActive = "fault_proxy_fault_active";
constexpr const char* kFaultFailures = "fault_proxy_fault_failures_total";

std::string_view to_text(WireSide side) {
  return side == WireSide::kInside ? "inside" : "outside";
}

Duration duration_of(const FaultSpec& fault, const char* attribute) {
  const auto* text = fault.attributes.if_contains(attribute);
  const auto duration =
      parse_duration(text != nullptr && text->is_string() ? std::string_view(text->as_string())
                                                          : std::string_view());
  return duration.has_value() ? *duration : Duration{0};
}

std::int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

MiddleboxAccount::MiddleboxAccount(const LinkSpec& link) : link_(link) {
  counters_[{kExpired, {}}] = 0;
  for (const char* outcome : {"connected", "upstream_refused", "upstream_timeout", "limit"}) {
    count(kOutcomes, "outcome", outcome, 0);
  }
  for (const char* direction : {"upstream", "downstream"}) {
    count(kBytes, "direction", direction, 0);
    count(kDropped, "direction", direction, 0);
  }
  for (const char* cause : {"data", "ack", "keepalive"})
    count(kRefreshes, "cause", cause, 0);
  for (const char* cause : {"nat_expiry", "nat_next_packet", "relayed", "peer_restart",
                            "stream_fault", "reset_on_next", "asymmetric", "flap"})
    count(kResets, "cause", cause, 0);
  for (const std::string& type : fault_types()) {
    count(kFaultActive, "fault", type, 0);
    count(kFaultFailures, "fault", type, 0);
  }
}

void MiddleboxAccount::count(const std::string& name, const char* label, std::string_view value,
                             double by) {
  counters_[{name, {{label, std::string(value)}}}] += by;
}

void MiddleboxAccount::write(Instant at, std::string event, boost::json::object fields) {
  boost::json::object all{{"proxy", link_.id}};
  for (auto& field : fields)
    all[field.key()] = std::move(field.value());
  events_.push_back({at, std::move(event), std::move(all)});
}

// What came from the dialer travels upstream.
std::string_view MiddleboxAccount::direction(std::uint64_t connection, WireSide from) const {
  const FollowedConnection* followed = follower_.find(connection);
  return followed == nullptr || followed->dialer == from ? "upstream" : "downstream";
}

WireSide MiddleboxAccount::side_of(const std::string& node) const {
  return node == link_.inside ? WireSide::kInside : WireSide::kOutside;
}

void MiddleboxAccount::handle_segment(WireSide side, Passage passage, const Segment& segment) {
  handle_all(follower_.handle_time(segment.at));
  handle_all(follower_.handle_segment(side, passage, segment));
}

void MiddleboxAccount::handle_all(const std::vector<Happening>& happenings) {
  for (const Happening& happening : happenings)
    std::visit([this](const auto& one) { handle(one); }, happening);
}

void MiddleboxAccount::handle(const Opened& opened) {
  const FollowedConnection& connection = *follower_.find(opened.connection);
  count(kOutcomes, "outcome", "connected");
  write(opened.at, "connection_opened",
        {{"conn", opened.connection},
         {"client", to_text(connection.ends.at(index_of(connection.dialer)))},
         {"upstream_local",
          to_text(connection.dialer == WireSide::kInside ? connection.seen_from_outside
                                                         : connection.ends.at(1))}});
}

void MiddleboxAccount::handle(const DialFailed& failed) {
  count(kOutcomes, "outcome", failed.was_refused ? "upstream_refused" : "upstream_timeout");
}

void MiddleboxAccount::handle(const Arrived& arrived) {
  if (!nat_) return;
  Mapping& mapping = mappings_[arrived.connection];
  // The table was not looked at in time, but the packets say that it must have run out.
  if (mapping.is_live && !mapping.is_closing &&
      arrived.at - mapping.arrived_at > nat_->idle_timeout + kTimerSlack) {
    expire(arrived.connection, mapping, arrived.at);
  }
  mapping.arrived_at = arrived.at;
}

void MiddleboxAccount::handle(const Forwarded& forwarded) {
  if (forwarded.new_bytes > 0) {
    count(kBytes, "direction", direction(forwarded.connection, forwarded.from),
          forwarded.new_bytes);
  }
  if (forwarded.is_reset) {
    const bool restarted = orphans_.at(index_of(forwarded.from)).contains(forwarded.connection);
    count(kResets, "cause", restarted ? "peer_restart" : "relayed");
  }
  if (!nat_) return;
  Mapping& mapping = mappings_[forwarded.connection];
  const bool is_control = forwarded.kind == SegmentKind::kControl;
  if (mapping.awaits_next_packet.at(index_of(forwarded.from)) && !is_control) {
    write(forwarded.at, "nat_revived",
          {{"conn", forwarded.connection},
           {"side", to_text(forwarded.from)},
           {"cause", halfopen::to_text(forwarded.kind)},
           {"port", forwarded.has_new_translation ? "new" : "same"}});
    mapping.awaits_next_packet = {};  // it has a mapping again
  } else if (!is_control) {
    mapping.last_cause = halfopen::to_text(forwarded.kind);
    count(kRefreshes, "cause", mapping.last_cause);
  }
  mapping.refreshed_at = forwarded.at;
  if (forwarded.is_reset) mapping.is_closing = true;
}

void MiddleboxAccount::handle(const Dropped& dropped) {
  count(kDropped, "direction", direction(dropped.connection, dropped.from));
  note_next_packet(dropped.connection, dropped.from, "drop", dropped.at);
}

void MiddleboxAccount::handle(const ResetByMiddlebox& reset) {
  count(kResets, "cause", "nat_next_packet");
  note_next_packet(reset.connection, reset.toward, "rst", reset.at);
}

void MiddleboxAccount::handle(const Closed& closed) {
  const auto mapping = mappings_.find(closed.connection);
  if (mapping != mappings_.end()) mapping->second.is_closing = true;
  write(closed.at, "connection_closed",
        {{"conn", closed.connection}, {"reason", closed.reason}, {"errno", "OK"}});
}

void MiddleboxAccount::note_next_packet(std::uint64_t connection, WireSide side,
                                        std::string_view action, Instant at) {
  const auto found = mappings_.find(connection);
  if (found == mappings_.end()) return;
  bool& awaits = found->second.awaits_next_packet.at(index_of(side));
  if (!std::exchange(awaits, false)) return;
  write(at, "nat_next_packet",
        {{"conn", connection}, {"side", to_text(side)}, {"action", action}, {"seen", true}});
}

void MiddleboxAccount::forget(std::uint64_t connection, Mapping& mapping, Instant at,
                              std::string event) {
  mapping.is_live = false;
  mapping.was_in_table = false;
  mapping.awaits_next_packet = {true, true};
  write(at, std::move(event),
        {{"conn", connection},
         {"idle_ms", milliseconds(at - mapping.refreshed_at)},
         {"last_cause", mapping.last_cause}});
}

// A packet that arrived refreshed the mapping, even if it was lost beyond it; one that nobody
// answered, for the shorter time.
void MiddleboxAccount::expire(std::uint64_t connection, Mapping& mapping, Instant not_after) {
  Instant at = not_after;
  for (const Instant due :
       {mapping.refreshed_at + nat_->idle_timeout, mapping.arrived_at + nat_->idle_timeout,
        mapping.arrived_at + nat_->unacked_timeout}) {
    if (due > mapping.last_seen && due < at) {
      at = due;
      break;
    }
  }
  counters_[{kExpired, {}}] += 1;
  forget(connection, mapping, at, "nat_expired");
}

void MiddleboxAccount::handle_table(const std::vector<TableEntry>& entries, Instant at) {
  handle_all(follower_.handle_time(at));
  entries_ = 0;
  if (!nat_) return;
  std::set<std::uint64_t> present;
  for (const TableEntry& entry : entries) {
    entries_ += entry.is_live ? 1 : 0;
    const FollowedConnection* connection = follower_.find(entry.inside, entry.outside);
    if (connection == nullptr) continue;
    present.insert(connection->number);
    Mapping& mapping = mappings_[connection->number];
    if (mapping.refreshed_at == Instant{}) mapping.refreshed_at = at;
    if (mapping.arrived_at == Instant{}) mapping.arrived_at = at;
    mapping.last_seen = at;
    mapping.was_in_table = entry.is_live;
    mapping.is_live = entry.is_live;
  }
  for (auto& [connection, mapping] : mappings_) {
    if (!mapping.was_in_table || present.contains(connection)) continue;
    if (!mapping.is_closing) expire(connection, mapping, at);
    mapping.is_live = false;
    mapping.was_in_table = false;
  }
}

void MiddleboxAccount::handle_fault_set(const FaultSpec& fault, Instant at) {
  faults_[fault.name] = fault;
  counters_[{kFaultActive, {{"fault", fault.type}}}] = 1;
  write(at, "fault_added",
        {{"fault", fault.name}, {"type", fault.type}, {"attributes", fault.attributes}});
  if (fault.type != "nat") return;
  // A world that carried it out has understood it.
  const Duration idle = duration_of(fault, "idle_timeout");
  const Duration unacked = duration_of(fault, "unacked_timeout");
  nat_ = ActiveNat{fault.name, idle, unacked > Duration{0} ? unacked : idle};
  // Every mapping begins its time anew.
  for (auto& [connection, mapping] : mappings_) {
    mapping.refreshed_at = at;
    mapping.arrived_at = at;
  }
}

void MiddleboxAccount::handle_fault_cleared(const std::string& name, Instant at) {
  const auto found = faults_.find(name);
  if (found == faults_.end()) return;
  const std::string type = found->second.type;
  faults_.erase(found);
  const bool another = std::any_of(faults_.begin(), faults_.end(),
                                   [&](const auto& fault) { return fault.second.type == type; });
  counters_[{kFaultActive, {{"fault", type}}}] = another ? 1 : 0;
  write(at, "fault_removed", {{"fault", name}});
  if (nat_ && nat_->name == name) {
    nat_.reset();
    mappings_.clear();
    entries_ = 0;
  }
}

void MiddleboxAccount::handle_flush(Instant at) {
  for (auto& [connection, mapping] : mappings_) {
    if (mapping.is_live) forget(connection, mapping, at, "nat_flushed");
  }
}

void MiddleboxAccount::handle_down(const std::string& node, RestartKind kind, Instant at) {
  counters_[{kFaultActive, {{"fault", "peer_restart"}}}] = 1;
  for (const std::uint64_t connection : follower_.open_numbers())
    orphans_.at(index_of(side_of(node))).insert(connection);
  write(at, "peer_down", {{"kind", to_text(kind)}});
}

void MiddleboxAccount::handle_up(const std::string&, RestartKind kind, Instant at) {
  counters_[{kFaultActive, {{"fault", "peer_restart"}}}] = 0;
  write(at, "peer_up", {{"kind", to_text(kind)}});
}

std::vector<MiddleboxSample> MiddleboxAccount::samples() const {
  std::vector<MiddleboxSample> samples;
  for (const auto& [series, value] : counters_)
    samples.push_back({series.first, series.second, value});
  samples.push_back({kConnections, {}, static_cast<double>(follower_.open_connections())});
  samples.push_back({kEntries, {}, static_cast<double>(entries_)});
  samples.push_back({kSampleInterval, {}, 0});
  for (MiddleboxSample& sample : samples) {
    sample.labels["proxy"] = link_.id;
    sample.labels["node"] = "middlebox";
  }
  return samples;
}

std::vector<MiddleboxEvent> MiddleboxAccount::take_events() {
  std::stable_sort(events_.begin(), events_.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  return std::exchange(events_, {});
}

}  // namespace halfopen
