// Noise, designed out: the kernel's keep-alive steps in whole seconds, and a machine under load is
// late. Where two times decide an outcome by coming first, they must be a second apart, or the
// scenario declares the race and asserts only that the outcome is one of a set.
//
// Only times that the file itself writes are compared: what a program does without being told is
// that program's to know.
#include <algorithm>
#include <variant>

#include "base/duration_text.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"

namespace halfopen {
namespace {

constexpr Duration kApartMin = std::chrono::seconds(1);

// A time of the file, with what it is called and where it is written.
struct WrittenTime {
  std::string what;
  Duration time{};
  Mark mark;
};
using MaybeTime = std::optional<WrittenTime>;

bool is_text(const Document* value, std::string_view text) {
  return value != nullptr && value->kind == Document::Kind::kScalar && value->scalar == text;
}

// The defence's map, if the file writes one that is switched on. Where `enabled` is not written the
// preset decides; the naive preset is the one with every defence off.
const Document* active_defence(const Document& node, std::string_view defence) {
  const Document* map = node.find(defence);
  if (map == nullptr || map->kind != Document::Kind::kMap) return nullptr;
  if (const Document* enabled = map->find("enabled")) {
    return is_text(enabled, "true") ? map : nullptr;
  }
  return is_text(node.find("preset"), "naive") ? nullptr : map;
}

Result<MaybeTime> written_time(const Document& node, const std::string& node_name,
                               const std::string& defence, const std::string& key) {
  const Document* map = active_defence(node, defence);
  const Document* value = map == nullptr ? nullptr : map->find(key);
  if (value == nullptr) return MaybeTime{};
  const std::string what = defence + "." + key;
  HALFOPEN_TRY(time, read_duration(*value, what + " of node " + node_name));
  return MaybeTime{WrittenTime{what + " of " + node_name, time, value->mark}};
}

// When keep-alive gives a silent peer up: idle + interval * count.
Result<MaybeTime> keepalive_death(const Document& node, const std::string& node_name) {
  HALFOPEN_TRY(idle, written_time(node, node_name, "keepalive", "idle"));
  HALFOPEN_TRY(interval, written_time(node, node_name, "keepalive", "interval"));
  const Document* map = active_defence(node, "keepalive");
  const Document* count = map == nullptr ? nullptr : map->find("count");
  if (!idle || !interval || count == nullptr) return MaybeTime{};
  constexpr unsigned kProbesMax = 127;  // the kernel's limit
  HALFOPEN_TRY(probes, read_count(*count, "keepalive.count of node " + node_name, 1, kProbesMax));
  return MaybeTime{WrittenTime{"keep-alive's end (idle + interval * count) of " + node_name,
                               idle->time + interval->time * probes, idle->mark}};
}

// When a ping that nobody answers gives the peer up: interval + timeout.
Result<MaybeTime> ping_death(const Document& node, const std::string& node_name) {
  HALFOPEN_TRY(interval, written_time(node, node_name, "ping", "interval"));
  HALFOPEN_TRY(timeout, written_time(node, node_name, "ping", "timeout"));
  if (!interval || !timeout) return MaybeTime{};
  return MaybeTime{WrittenTime{"ping.interval + timeout of " + node_name,
                               interval->time + timeout->time, timeout->mark}};
}

// Every time after which this node gives a silent peer up, as far as the file writes them.
Result<std::vector<WrittenTime>> deaths_of(const Document& node, const std::string& node_name) {
  HALFOPEN_TRY(keepalive, keepalive_death(node, node_name));
  HALFOPEN_TRY(ping, ping_death(node, node_name));
  HALFOPEN_TRY(user_timeout, written_time(node, node_name, "user_timeout", "timeout"));
  HALFOPEN_TRY(ack_deadline, written_time(node, node_name, "retry", "ack_deadline"));
  std::vector<WrittenTime> deaths;
  for (const MaybeTime& time : {keepalive, ping, user_timeout, ack_deadline}) {
    if (time) deaths.push_back(*time);
  }
  return deaths;
}

Result<void> check_apart(const WrittenTime& one, const WrittenTime& other) {
  const Duration apart = one.time < other.time ? other.time - one.time : one.time - other.time;
  if (apart >= kApartMin) return {};
  return problem_at(other.mark, other.what + " (" + format_duration(other.time) + ") and " +
                                    one.what + " (" + format_duration(one.time) +
                                    ") compete; put at least 1s between them, or declare "
                                    "race: true on the expectation");
}

// What the file writes of the times after which an end of the link refreshes its mapping.
Result<std::vector<WrittenTime>> refreshers(const LinkSpec& link, const Document& nodes,
                                            bool by_bytes) {
  std::vector<WrittenTime> times;
  for (const std::string& name : {link.dialer, link.listener}) {
    const Document& node = *nodes.find(name);
    HALFOPEN_TRY(idle, written_time(node, name, "keepalive", "idle"));
    if (idle && !by_bytes) times.push_back(*idle);
    HALFOPEN_TRY(ping, written_time(node, name, "ping", "interval"));
    if (ping) times.push_back(*ping);
  }
  return times;
}

// Whether the file leaves nothing open about what this node does while idle: each refresher is off,
// or its time is written.
bool is_settled(const Document& node, std::string_view defence, std::string_view key) {
  const Document* map = node.find(defence);
  const bool off = active_defence(node, defence) == nullptr &&
                   (map != nullptr || is_text(node.find("preset"), "naive"));
  return off || (map != nullptr && map->find(key) != nullptr);
}

// A mapping that nobody refreshes against the first time for which nothing is done: did it end in
// it? (What later silences meet, traffic has changed.)
Result<void> check_idle(const WrittenTime& mapping, const LinkSpec& link, const Document& nodes,
                        const Scenario& scenario, std::size_t from_step) {
  for (const std::string& name : {link.dialer, link.listener}) {
    const Document& node = *nodes.find(name);
    if (!is_settled(node, "keepalive", "idle") || !is_settled(node, "ping", "interval")) return {};
  }
  for (std::size_t i = from_step; i < scenario.steps.size(); ++i) {
    const auto* idle = std::get_if<IdleFor>(&scenario.steps[i].action);
    if (idle == nullptr) continue;
    return check_apart(mapping, {"idle_for of step " + scenario.steps[i].id, idle->duration,
                                 scenario.steps[i].mark});
  }
  return {};
}

// What keeps a mapping open against the time after which it closes.
Result<void> check_nat(const FaultSpec& fault, const LinkSpec& link, const Document& nodes,
                       const Scenario& scenario, std::size_t from_step) {
  const boost::json::value* timeout = fault.attributes.if_contains("idle_timeout");
  if (fault.type != "nat" || timeout == nullptr) return {};
  const std::string text = timeout->is_string() ? std::string(timeout->get_string().c_str()) : "";
  const auto time = parse_duration(text);
  if (time.has_error()) {
    return problem_at(
        fault.mark, "idle_timeout of a nat on link " + link.id + " must be a duration such as 3s");
  }
  const WrittenTime mapping{"nat.idle_timeout of link " + link.id, *time, fault.mark};
  const boost::json::value* refresh_by = fault.attributes.if_contains("refresh_by");
  const bool by_bytes =
      refresh_by != nullptr && refresh_by->is_string() && refresh_by->get_string() == "bytes";
  HALFOPEN_TRY(times, refreshers(link, nodes, by_bytes));
  // One refresher that is surely in time restarts every other's wait as well: nothing competes.
  for (const WrittenTime& refresher : times) {
    if (refresher.time + kApartMin <= mapping.time) return {};
  }
  for (const WrittenTime& refresher : times)
    HALFOPEN_CHECK(check_apart(refresher, mapping));
  return check_idle(mapping, link, nodes, scenario, from_step);
}

Result<void> check_limits(const WrittenTime& death, const std::string& node,
                          const Scenario& scenario) {
  for (const Expectation& expectation : scenario.expectations) {
    if (expectation.race || !expectation.window.within) continue;
    const std::string about = subject_of(expectation.body);
    if (!about.empty() && about != node) continue;
    HALFOPEN_CHECK(check_apart(death, {"within of expectation " + expectation.id,
                                       *expectation.window.within, expectation.mark}));
  }
  // The first step waits for the steady state, in which nothing dies yet.
  for (std::size_t i = 1; i < scenario.steps.size(); ++i) {
    const auto* wait = std::get_if<WaitUntil>(&scenario.steps[i].action);
    const auto* heal = std::get_if<Heal>(&scenario.steps[i].action);
    if (wait == nullptr && heal == nullptr) continue;
    const Duration limit = wait == nullptr ? heal->within : wait->within;
    HALFOPEN_CHECK(check_apart(
        death, {"within of step " + scenario.steps[i].id, limit, scenario.steps[i].mark}));
  }
  return {};
}

}  // namespace

Result<void> check_noise(const Document& document, const Scenario& scenario) {
  const Document& nodes = *document.find("nodes");
  const bool race = std::any_of(scenario.expectations.begin(), scenario.expectations.end(),
                                [](const Expectation& expectation) { return expectation.race; });
  for (const LinkSpec& link : scenario.links) {
    // A mapping is every expectation's business, so one declared race is enough.
    if (race) break;
    for (const FaultSpec& fault : link.faults)
      HALFOPEN_CHECK(check_nat(fault, link, nodes, scenario, 0));
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
      const auto* set = std::get_if<SetFault>(&scenario.steps[i].action);
      if (set != nullptr && set->link == link.id) {
        HALFOPEN_CHECK(check_nat(set->fault, link, nodes, scenario, i));
      }
    }
  }
  for (const NodeSpec& node : scenario.nodes) {
    HALFOPEN_TRY(deaths, deaths_of(*nodes.find(node.name), node.name));
    for (const WrittenTime& death : deaths)
      HALFOPEN_CHECK(check_limits(death, node.name, scenario));
  }
  return {};
}

}  // namespace halfopen
