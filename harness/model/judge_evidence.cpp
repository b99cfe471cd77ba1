#include "harness/model/judge_evidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace halfopen {
namespace {

constexpr std::size_t kEvidenceMax = 5;
constexpr std::size_t kVoteShown = 8;  // hexadecimal digits of a vote's id

std::string fixed(double value, int decimals) {
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  return length > 0 ? std::string(buffer.data()) : std::string("?");
}

// " to n2", or nothing where the field is not there.
std::string part(const Event& event, std::string_view before, std::string_view field) {
  const std::string text = event.text(field);
  return text.empty() ? text : std::string(before) + text;
}

std::string vote_part(const Event& event) {
  const std::string vote = event.text("vote");
  return vote.empty() ? vote : " " + vote.substr(0, kVoteShown);
}

// " (reset, ECONNRESET, idle 5.0 s)"
std::string death_part(const Event& event) {
  std::string inner = event.text("reason");
  for (const char* field : {"errno", "second_errno"}) {
    const std::string error = event.text(field);
    if (error.empty() || error == "OK") continue;
    inner += std::string(inner.empty() ? "" : ", ") +
             (field == std::string_view("errno") ? "" : "then ") + error;
  }
  if (const auto idle = event.milliseconds("idle_ms")) {
    inner += std::string(inner.empty() ? "" : ", ") + "idle " + duration_words(*idle);
  }
  return inner.empty() ? inner : " (" + inner + ")";
}

std::string generic_parts(const Event& event) {
  std::string result;
  for (const char* field : {"step", "proxy", "fault", "type", "kind", "side", "action", "outcome",
                            "reason", "signal", "errno"}) {
    result += part(event, " ", field);
  }
  const bool is_outward = event.event == "vote_sent" || event.event == "vote_abandoned";
  result += part(event, is_outward ? " to " : " from ", "peer") + part(event, " port ", "port");
  for (const char* field : {"idle_ms", "late_ms"}) {
    const auto time = event.milliseconds(field);
    if (time) result += (field[0] == 'i' ? " idle " : " by ") + duration_words(*time);
  }
  return result;
}

// What happens all the time and explains nothing.
bool is_evidence(const Event& event) {
  return event.event != "vote_sent" && event.event != "step_ended";
}

// A link's middlebox, ours or the kernel's, has no peer: it speaks of its proxy and a number.
bool is_of_middlebox(const Event& event) {
  return event.program == "fault-proxy" || event.program == "middlebox";
}

Duration distance(Instant a, Instant b) {
  return a < b ? b - a : a - b;
}

}  // namespace

std::string time_text(Instant at, Instant origin) {
  const double seconds = to_seconds(at - origin);
  return (seconds < 0 ? "" : "+") + fixed(seconds, 3) + "s";
}

std::string duration_words(Duration duration) {
  const double seconds = to_seconds(duration);
  if (std::abs(seconds) < 0.9995) return fixed(seconds * 1000, 0) + " ms";
  return fixed(seconds, 1) + " s";
}

std::string event_line(const Event& event, Instant origin) {
  const std::string who = event.node.empty() ? event.program : event.node;
  const std::string start = time_text(event.at, origin) + " " + who + " " + event.event;
  if (event.event == "send") {
    const auto idle = event.milliseconds("idle_ms");
    return start + part(event, " to ", "peer") + part(event, ": ", "result") +
           (idle ? " (idle " + duration_words(*idle) + ")" : "");
  }
  if (event.event == "transition") {
    return start + part(event, " of ", "peer") + part(event, ": ", "from") +
           part(event, " -> ", "to") + death_part(event);
  }
  if (event.event == "connection_closed" && !is_of_middlebox(event)) {
    return start + part(event, " to ", "peer") + death_part(event);
  }
  if (event.event == "connection_opened" && !is_of_middlebox(event)) {
    return start + part(event, " with ", "peer") + part(event, ", ", "direction");
  }
  return start + vote_part(event) + generic_parts(event);
}

std::vector<std::string> evidence_around(const RunRecord& record, Instant moment) {
  std::vector<const Event*> nearest;
  for (const Event& event : record.events) {
    if (is_evidence(event)) nearest.push_back(&event);
  }
  std::stable_sort(nearest.begin(), nearest.end(), [moment](const Event* a, const Event* b) {
    return distance(a->at, moment) < distance(b->at, moment);
  });
  if (nearest.size() > kEvidenceMax) nearest.resize(kEvidenceMax);
  std::stable_sort(nearest.begin(), nearest.end(),
                   [](const Event* a, const Event* b) { return a->at < b->at; });
  std::vector<std::string> lines;
  lines.reserve(nearest.size());
  for (const Event* event : nearest)
    lines.push_back(event_line(*event, record.whole.begin));
  return lines;
}

}  // namespace halfopen
