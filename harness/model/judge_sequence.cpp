#include "harness/model/judge_sequence.hpp"

#include <algorithm>

#include "base/printable_text.hpp"
#include "harness/model/judge_evidence.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kStopsShown = 12;
constexpr std::size_t kLineShown = 160;

struct SeenStop {
  PathStop stop;
  Instant at;
};

struct SeenPath {
  std::vector<SeenStop> stops;
  std::string trouble;  // the transitions do not follow from one another
  bool anything = false;
};

bool speaks_of(const PathStop& wanted, const PathStop& seen) {
  return (wanted.state.empty() || wanted.state == seen.state) &&
         (wanted.reason.empty() || wanted.reason == seen.reason) &&
         (wanted.error.empty() || wanted.error == seen.error);
}

std::string stop_text(const PathStop& stop) {
  std::string inner = stop.reason;
  if (!stop.error.empty()) inner += (inner.empty() ? "" : ", ") + stop.error;
  if (stop.state.empty()) return inner.empty() ? "anything" : inner;
  return stop.state + (inner.empty() ? "" : " (" + inner + ")");
}

std::string path_text(const std::vector<SeenStop>& stops) {
  if (stops.empty()) return "no transition";
  std::string text;
  for (std::size_t i = 0; i < std::min(stops.size(), kStopsShown); ++i) {
    text += (i == 0 ? "" : " -> ") + stop_text(stops[i].stop);
  }
  if (stops.size() <= kStopsShown) return text;
  return text + " and " + std::to_string(stops.size() - kStopsShown) + " more";
}

std::string error_of(const Event& event) {
  const std::string error = event.text("errno");
  return error == "OK" ? "" : error;
}

// The way that a peer went in the window. Also looks before the window, for the state at its
// opening and for whether the transitions follow from one another.
SeenPath path_of(const TransitionSequence& expected, const Interval& window,
                 const RunRecord& record) {
  SeenPath path;
  std::string state;      // after the last transition
  bool restarted = true;  // nothing is known of what comes next
  std::optional<SeenStop> opening;
  for (const Event& event : record.events) {
    if (event.node != expected.node || event.at > window.end) continue;
    if (event.event == "started") restarted = true;
    if (event.event != "transition" || event.text("peer") != expected.peer) continue;
    path.anything = true;
    const std::string from = event.text("from");
    if (!restarted && from != state && path.trouble.empty()) {
      path.trouble = "the events of " + expected.node + " do not follow from one another: after " +
                     state + " comes a transition from " + from + " at " +
                     time_text(event.at, record.whole.begin);
    }
    const bool breaks_off = restarted;
    restarted = false;
    state = event.text("to");
    if (event.at < window.begin) {
      opening = SeenStop{{state, "", ""}, window.begin};
      continue;
    }
    const bool is_first = path.stops.empty();
    if (expected.begins_with_state && (is_first || breaks_off)) {
      path.stops.push_back({{from, "", ""}, event.at});
    }
    const PathStop stop{state, event.text("reason"), error_of(event)};
    if (!expected.errors_only || !stop.error.empty()) path.stops.push_back({stop, event.at});
  }
  if (path.stops.empty() && expected.begins_with_state && opening) path.stops.push_back(*opening);
  return path;
}

ExpectationResult judge_strict(const TransitionSequence& expected, const SeenPath& path,
                               const Interval& window) {
  const std::string seen = path_text(path.stops);
  const auto [wanted, came] = std::mismatch(
      expected.path.begin(), expected.path.end(), path.stops.begin(), path.stops.end(),
      [](const PathStop& one, const SeenStop& two) { return speaks_of(one, two.stop); });
  if (wanted == expected.path.end() && came == path.stops.end()) {
    return result_of(Verdict::kPass, seen, window.end);
  }
  if (came == path.stops.end()) {
    return result_of(Verdict::kFail, seen + "; " + stop_text(*wanted) + " never came", window.end);
  }
  const std::string instead = wanted == expected.path.end()
                                  ? " was one too many"
                                  : " came instead of " + stop_text(*wanted);
  return result_of(Verdict::kFail, seen + "; " + stop_text(came->stop) + instead, came->at);
}

ExpectationResult judge_in_order(const TransitionSequence& expected, const SeenPath& path,
                                 const Interval& window) {
  const std::string seen = path_text(path.stops);
  auto wanted = expected.path.begin();
  for (const SeenStop& came : path.stops) {
    if (!speaks_of(*wanted, came.stop)) continue;
    if (++wanted == expected.path.end()) return result_of(Verdict::kPass, seen, came.at);
  }
  return result_of(Verdict::kFail, seen + "; " + stop_text(*wanted) + " never came in its turn",
                   window.end);
}

// One line, printable, and not too long to be read.
std::string quoted_line(const std::string& line) {
  return "\"" + printable(line, kLineShown) + "\"";
}

}  // namespace

ExpectationResult judge_sequence(const TransitionSequence& expected, const Interval& window,
                                 const RunRecord& record) {
  const SeenPath path = path_of(expected, window, record);
  if (!path.anything) {
    return result_of(Verdict::kInconclusive,
                     expected.node + " told no transition of " + expected.peer, window.end);
  }
  if (!path.trouble.empty()) return result_of(Verdict::kInconclusive, path.trouble, window.end);
  return expected.strict ? judge_strict(expected, path, window)
                         : judge_in_order(expected, path, window);
}

ExpectationResult judge_count_events(const CountEvents& expected, const Interval& window,
                                     const RunRecord& record) {
  const auto& fields = expected.event.fields;
  const auto tells = [&fields](const Event& event) {
    if (const auto node = fields.find("node"); node != fields.end())
      return event.node == node->second;
    if (const auto proxy = fields.find("proxy"); proxy != fields.end()) {
      return event.text("proxy") == proxy->second;
    }
    return true;
  };
  if (std::none_of(record.events.begin(), record.events.end(), tells)) {
    return result_of(Verdict::kInconclusive,
                     "nobody who could tell of a " + expected.event.text() + " told anything",
                     window.end);
  }
  Counted counted;
  for (const Event& event : record.events) {
    if (!is_in(event, window) || !matches(expected.event, event)) continue;
    ++counted.number;
    counted.last = event.at;
    if (is_decided(expected.bound, counted.number)) break;
  }
  return judge_count(expected.bound, counted, expected.event.text(), window, record.whole.begin);
}

ExpectationResult judge_log(const LogLines& expected, const Interval& window,
                            const RunRecord& record) {
  const auto log = record.logs.find(expected.node);
  if (log == record.logs.end()) {
    return result_of(Verdict::kInconclusive, "the log of " + expected.node + " was not watched",
                     window.end);
  }
  Counted counted;
  counted.trouble = log->second.trouble;
  const std::string* line = nullptr;
  for (const LogLine& candidate : log->second.lines) {
    if (!is_in(candidate.at, window) || !expected.pattern.is_in(candidate.text)) continue;
    ++counted.number;
    counted.last = candidate.at;
    line = &candidate.text;
    if (is_decided(expected.bound, counted.number)) break;
  }
  ExpectationResult result = judge_count(
      expected.bound, counted, "a line of " + expected.node + " " + expected.pattern.text(), window,
      record.whole.begin);
  if (line != nullptr) result.seen += ": " + quoted_line(*line);
  return result;
}

}  // namespace halfopen
