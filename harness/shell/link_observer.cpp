#include "harness/shell/link_observer.hpp"

#include <net/if.h>

#include <boost/json/serialize.hpp>
#include <fstream>
#include <utility>

#include "harness/shell/conntrack.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

// For a file every byte counts, up to what a vote and a page of a foreign program take; for
// counting, headers do.
constexpr int kFileBytesOfPacket = 8192;
constexpr int kFileBuffer = 8 * 1024 * 1024;

bool has_end(const LinkSpec& link, const std::string& node) {
  return link.dialer == node || link.listener == node;
}

}  // namespace

LinkObserver::LinkObserver(Settings settings, RunRecord& record)
    : settings_(std::move(settings)), record_(record) {
  if (!settings_.wire.is_middlebox) return;
  account_.emplace(settings_.link);
  for (const FaultSpec& fault : settings_.link.faults)
    account_->handle_fault_set(fault, monotonic_now());
}

Result<std::unique_ptr<LinkObserver>> LinkObserver::open(boost::asio::io_context& context,
                                                         Settings settings, RunRecord& record) {
  std::unique_ptr<LinkObserver> observer(new LinkObserver(std::move(settings), record));
  const Settings& its = observer->settings_;
  HALFOPEN_CHECK(in_network_namespace(its.network_namespace, [&]() -> Result<void> {
    observer->inside_index_ = ::if_nametoindex(its.wire.inside_interface.c_str());
    observer->outside_index_ = ::if_nametoindex(its.wire.outside_interface.c_str());
    return {};
  }));
  CaptureSettings capture;
  capture.network_namespace = its.network_namespace;
  capture.interface = its.wire.interface;
  capture.filter = its.wire.filter;
  capture.path = its.pcap_path;
  if (!its.pcap_path.empty()) {
    capture.bytes_of_a_packet = kFileBytesOfPacket;
    capture.buffer_bytes = kFileBuffer;
  }
  HALFOPEN_TRY(opened, Capture::open(context, capture, [self = observer.get()](const auto& packet) {
                 self->take(packet);
               }));
  observer->capture_ = std::move(opened);
  return observer;
}

void LinkObserver::take(const CapturedPacket& packet) {
  const Duration since_boot = packet.since_1970 - settings_.wall_offset;
  const auto parsed =
      parse_packet(packet.layer, packet.bytes, Instant::from_nanoseconds(since_boot.count()));
  if (!parsed) return;
  const bool is_inside = parsed->interface_index == inside_index_;
  const bool is_on_link = is_inside || parsed->interface_index == outside_index_;
  if (!settings_.pcap_path.empty() && seen_.size() < kSeenMax) {
    std::string where;
    if (account_) {
      where =
          std::string(parsed->is_outgoing ? "out " : "in  ") + (is_inside ? "inside " : "outside");
    }
    seen_.push_back({std::move(where), parsed->segment});
  }
  if (!account_ || !is_on_link) return;
  account_->handle_segment(is_inside ? WireSide::kInside : WireSide::kOutside,
                           parsed->is_outgoing ? Passage::kLeft : Passage::kArrived,
                           parsed->segment);
}

void LinkObserver::observe(Instant round) {
  if (!account_) return;
  capture_->drain();
  look_at_table();
  for (MiddleboxSample& sample : account_->samples())
    (void)record_.samples.append(sample.name, sample.labels, {round, sample.value});
  write_events();
}

void LinkObserver::look_at_table() {
  std::vector<TableEntry> entries;
  const Instant at = monotonic_now();
  if (account_->has_nat()) {
    const auto looked = in_network_namespace(settings_.network_namespace, [&]() -> Result<void> {
      HALFOPEN_TRY(table, read_conntrack());
      for (const ConntrackEntry& entry : table)
        entries.push_back({entry.source, entry.destination, entry.state == "ESTABLISHED"});
      return {};
    });
    if (looked.has_error()) {
      trouble_ = looked.error().text;
      return;
    }
  }
  account_->handle_table(entries, at);
}

void LinkObserver::handle_action(const StepAction& action, bool is_over) {
  if (!account_) return;
  const LinkSpec& link = settings_.link;
  const Instant now = monotonic_now();
  capture_->drain();
  if (const auto* set = std::get_if<SetFault>(&action); set != nullptr && is_over) {
    if (set->link == link.id) account_->handle_fault_set(set->fault, now);
  } else if (const auto* clear = std::get_if<ClearFault>(&action); clear != nullptr && is_over) {
    if (clear->link == link.id) account_->handle_fault_cleared(clear->fault.name, now);
  } else if (const auto* flush = std::get_if<FlushNat>(&action); flush != nullptr && is_over) {
    if (flush->link == link.id) account_->handle_flush(now);
  } else if (const auto* stop = std::get_if<StopNode>(&action); stop != nullptr && !is_over) {
    if (has_end(link, stop->node)) account_->handle_down(stop->node, stop->kind, now);
  } else if (const auto* heal = std::get_if<Heal>(&action); heal != nullptr && is_over) {
    for (const ClearFault& one : heal->faults) {
      if (one.link == link.id) account_->handle_fault_cleared(one.fault.name, now);
    }
    for (const StopNode& one : heal->nodes) {
      if (has_end(link, one.node)) account_->handle_up(one.node, one.kind, now);
    }
  } else if (const auto* again = std::get_if<RestartNode>(&action)) {
    if (!has_end(link, again->node)) return;
    if (is_over) {
      account_->handle_up(again->node, again->kind, now);
    } else {
      account_->handle_down(again->node, again->kind, now);
    }
  }
}

void LinkObserver::finish() {
  capture_->drain();
  if (!account_) return;
  look_at_table();
  write_events();
}

void LinkObserver::write_events() {
  const auto events = account_->take_events();
  if (events.empty()) return;
  std::ofstream file(settings_.events_path, std::ios::app);
  for (const MiddleboxEvent& event : events) {
    boost::json::object line{
        {"mono_ns", event.at.nanoseconds()},
        {"wall", wall_text(event.at.nanoseconds() + settings_.wall_offset.count())},
        {"program", "middlebox"},
        {"node", "middlebox"},
        {"event", event.event}};
    for (const auto& field : event.fields)
      line[field.key()] = field.value();
    file << boost::json::serialize(line) << "\n";
  }
}

}  // namespace halfopen
