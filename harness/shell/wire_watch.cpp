#include "harness/shell/wire_watch.hpp"

#include <array>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <utility>

#include "base/assert.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/shell/run_directory.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

const LinkSpec& link_of(const Scenario& scenario, const WireSpec& wire) {
  for (const LinkSpec& link : scenario.links) {
    if (link.id == wire.link) return link;
  }
  HALFOPEN_ASSERT(false && "a world names only the scenario's links");
}

// As Wireshark's frame.time_epoch and `tcpdump -tt` have it.
std::string epoch_text(std::int64_t unix_nanoseconds) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%lld.%09lld",
                static_cast<long long>(unix_nanoseconds / 1'000'000'000),
                static_cast<long long>(unix_nanoseconds % 1'000'000'000));
  return text.data();
}

std::string time_of_day(std::int64_t unix_nanoseconds) {
  return wall_text(unix_nanoseconds).substr(11, 15);  // 02:29:17.123456
}

}  // namespace

Result<std::unique_ptr<WireWatch>> WireWatch::open(boost::asio::io_context& context,
                                                   const Settings& settings, RunRecord& record) {
  std::unique_ptr<WireWatch> watch(new WireWatch(settings.captures));
  watch->wall_offset_ = wall_minus_monotonic();
  if (watch->has_captures()) {
    if (const auto made = make_subdirectory(settings.captures); made.has_error()) {
      return made.error();
    }
  }
  for (const WireSpec& wire : settings.world.wires()) {
    if (!watch->has_captures() && !wire.is_middlebox) continue;
    LinkObserver::Settings its;
    its.wire = wire;
    its.link = link_of(settings.scenario, wire);
    its.network_namespace = settings.namespaces.descriptor(wire.network_namespace);
    its.wall_offset = watch->wall_offset_;
    its.events_path = settings.directory + "/" + kEventsFile;
    if (watch->has_captures()) its.pcap_path = settings.captures + "/" + wire.link + ".pcap";
    HALFOPEN_TRY(observer, LinkObserver::open(context, std::move(its), record));
    watch->wires_.push_back(std::move(observer));
  }
  return watch;
}

std::vector<Scraper::Observer> WireWatch::observers() {
  std::vector<Scraper::Observer> observers;
  for (const auto& wire : wires_) {
    if (!wire->wire().is_middlebox) continue;
    observers.emplace_back([observer = wire.get()](Instant round) { observer->observe(round); });
  }
  return observers;
}

StepRunner::ActionListener WireWatch::action_listener() {
  return [this](const StepAction& action, bool is_over) {
    for (const auto& wire : wires_)
      wire->handle_action(action, is_over);
  };
}

void WireWatch::finish() {
  for (const auto& wire : wires_) {
    wire->finish();
    if (!wire->trouble().empty() && missed_by_account_.empty()) {
      missed_by_account_ =
          "the mappings of " + wire->wire().link + " could not be read: " + wire->trouble();
    }
    const std::uint64_t lost = wire->lost();
    if (lost == 0) continue;
    const std::string text = "the capture of " + wire->wire().link + " lost " +
                             std::to_string(lost) + " packets: the machine was too busy";
    if (wire->wire().is_middlebox && missed_by_account_.empty()) missed_by_account_ = text;
    if (has_captures()) missed_by_file_ += (missed_by_file_.empty() ? "" : "; ") + text;
  }
}

Result<void> WireWatch::write_timelines(const std::vector<Event>& events) const {
  if (!has_captures()) return {};
  const std::int64_t offset = wall_offset_.count();
  std::string lines;
  for (const Event& event : events) {
    boost::json::object line = event.fields;
    const std::int64_t unix_time = event.at.nanoseconds() + offset;
    line["wall"] = wall_text(unix_time);
    line["epoch"] = epoch_text(unix_time);
    lines += boost::json::serialize(line) + "\n";
  }
  const Instant origin = events.empty() ? Instant{} : events.front().at;
  for (const auto& wire : wires_) {
    std::string text;
    const auto& seen = wire->seen();
    auto packet = seen.begin();
    const auto write_packets_until = [&](Instant until) {
      for (; packet != seen.end() && packet->segment.at < until; ++packet) {
        text += time_of_day(packet->segment.at.nanoseconds() + offset) + "    " + packet->where +
                (packet->where.empty() ? "" : "  ") + to_text(packet->segment) + "\n";
      }
    };
    for (const Event& event : events) {
      write_packets_until(event.at);
      text +=
          time_of_day(event.at.nanoseconds() + offset) + "  " + event_line(event, origin) + "\n";
    }
    write_packets_until(Instant::from_nanoseconds(INT64_MAX));
    const std::string stem = captures_ + "/" + wire->wire().link;
    for (const auto& [path, content] :
         {std::pair<std::string, const std::string&>{stem + ".events.jsonl", lines},
          {stem + ".txt", text}}) {
      if (const auto written = write_text_file(path, content); written.has_error()) {
        return written.error();
      }
    }
  }
  return {};
}

}  // namespace halfopen
