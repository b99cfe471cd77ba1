// Can the record be believed? The machine's lateness, two accounts of the same transitions, and
// faults that the proxy could not produce.
#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include "harness/model/judge.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_window.hpp"

namespace halfopen {
namespace {

constexpr Duration kAlwaysGranted = std::chrono::milliseconds(100);
constexpr Duration kCompetingTimesApart = std::chrono::seconds(1);
constexpr int kWorthCountingIntervals = 10;
constexpr std::string_view kTransitions = "votenode_peer_transitions_total";
constexpr std::string_view kFaultFailures = "fault_proxy_fault_failures_total";

Duration smallest_margin(const Scenario& scenario) {
  Duration margin = kCompetingTimesApart;
  for (const Step& step : scenario.steps) {
    if (const auto* wait = std::get_if<WaitUntil>(&step.action)) {
      margin = std::min(margin, wait->within);
    }
  }
  for (const Expectation& expectation : scenario.expectations) {
    if (expectation.window.within) margin = std::min(margin, *expectation.window.within);
  }
  return margin;
}

Instant first_window_opens(const Scenario& scenario, const RunRecord& record) {
  Instant first = record.whole.end;
  for (const Expectation& expectation : scenario.expectations) {
    const auto window = resolve(expectation.window, record);
    if (window.has_value()) first = std::min(first, window->begin);
  }
  return scenario.expectations.empty() ? record.whole.begin : first;
}

// The last word of a node's counter, over all of its series.
struct Counted {
  double total = 0;
  Instant last_scrape;
  bool fell = false;  // the process restarted
};

std::optional<Counted> counted_transitions(const RunRecord& record, const std::string& node) {
  const auto* all = record.samples.find(kTransitions);
  if (all == nullptr) return std::nullopt;
  std::optional<Counted> result;
  for (const auto& [labels, series] : *all) {
    const auto label = labels.find("node");
    if (label == labels.end() || label->second != node) continue;
    if (!result) result = Counted{0, record.whole.begin, false};
    double last = 0;
    for (std::size_t i = 0; i < series.samples.size(); ++i) {
      if (series.stale[i]) continue;
      if (series.samples[i].value < last) result->fell = true;
      last = series.samples[i].value;
      result->last_scrape = std::max(result->last_scrape, series.samples[i].at);
    }
    result->total += last;
  }
  return result;
}

std::size_t count_events(const RunRecord& record, const std::string& node,
                         std::string_view event_name, Instant until) {
  return static_cast<std::size_t>(
      std::count_if(record.events.begin(), record.events.end(), [&](const Event& event) {
        return event.node == node && event.event == event_name && event.at <= until;
      }));
}

std::optional<ExpectationResult> cross_check_node(const RunRecord& record,
                                                  const std::string& node) {
  const auto counted = counted_transitions(record, node);
  const bool restarted = count_events(record, node, "started", record.whole.end) > 1;
  if (!counted || counted->fell || restarted) return std::nullopt;
  const Duration slack = record.scrape_interval;
  const auto least = count_events(record, node, "transition", counted->last_scrape - slack);
  const auto most = count_events(record, node, "transition", counted->last_scrape + slack);
  if (counted->total >= static_cast<double>(least) && counted->total <= static_cast<double>(most)) {
    return std::nullopt;
  }
  ExpectationResult result;
  result.id = "events-agree-with-metrics";
  result.verdict = Verdict::kFail;
  result.expected = "the transition events of " + node + " are as many as its metrics count";
  result.seen = "internal error: " + node + " logged " + std::to_string(most) +
                " transitions, and " + std::string(kTransitions) + " says " +
                std::to_string(std::llround(counted->total));
  result.moment = counted->last_scrape;
  result.evidence = evidence_around(record, result.moment);
  return result;
}

// "blackhole on n1-n2, connection 3: cannot attach the filter: EPERM"
std::string failed_fault_text(const Event& event) {
  const auto connection = event.count("conn");
  return event.text("fault") + " on " + event.text("proxy") +
         (connection ? ", connection " + std::to_string(*connection) : "") + ": " +
         event.text("what");
}

// The first series of the counter that ever counted one, as a sentence; a gap is NaN and no count.
std::string counted_fault_failures(const RunRecord& record) {
  const auto* all = record.samples.find(kFaultFailures);
  if (all == nullptr) return {};
  for (const auto& [labels, series] : *all) {
    double most = 0;
    for (const Sample& sample : series.samples)
      most = sample.value > most ? sample.value : most;
    if (most <= 0) continue;
    const auto proxy = labels.find("proxy");
    return (proxy == labels.end() ? "a proxy" : proxy->second) + " counted " +
           std::to_string(std::llround(most)) + " in " + std::string(kFaultFailures);
  }
  return {};
}

}  // namespace

std::vector<ExpectationResult> cross_check(const RunRecord& record) {
  std::vector<ExpectationResult> disagreements;
  for (const std::string& node : record.node_names) {
    if (auto result = cross_check_node(record, node)) disagreements.push_back(std::move(*result));
  }
  return disagreements;
}

std::string stalled(const Scenario& scenario, const RunRecord& record) {
  const Duration margin = smallest_margin(scenario);
  const Duration granted = std::max<Duration>(kAlwaysGranted, margin / 4);
  const Instant from = first_window_opens(scenario, record);
  const RunRecord::Lateness* worst = nullptr;
  for (const RunRecord::Lateness& lateness : record.late_heartbeats) {
    if (lateness.at < from || lateness.late <= granted) continue;
    if (worst == nullptr || lateness.late > worst->late) worst = &lateness;
  }
  if (worst == nullptr) return {};
  return "the machine stalled: at " + time_text(worst->at, record.whole.begin) +
         " the heartbeat was " + duration_words(worst->late) + " late, and times in this run " +
         "allow for " + duration_words(granted);
}

std::string unwatched(const Scenario& scenario, const RunRecord& record) {
  for (const Expectation& expectation : scenario.expectations) {
    const auto window = resolve(expectation.window, record);
    if (window.has_error()) continue;
    // A shorter one has no scrape to spare: that is how it was written, and no machine's fault.
    if (window->end - window->begin < kWorthCountingIntervals * record.scrape_interval) continue;
    const std::string trouble = coverage_trouble(*window, scrapes_in(*window, record), record);
    if (trouble.empty()) continue;
    return trouble + " (in the window of " + expectation.id +
           "): a machine or a process was too slow";
  }
  return {};
}

std::string fault_trouble(const RunRecord& record) {
  constexpr std::string_view kCannot = "a fault could not be produced: ";
  const auto is_failure = [](const Event& event) { return event.event == "fault_failed"; };
  const auto first = std::find_if(record.events.begin(), record.events.end(), is_failure);
  if (first == record.events.end()) {
    const std::string counted = counted_fault_failures(record);
    return counted.empty() ? counted : std::string(kCannot) + counted;
  }
  std::string text = std::string(kCannot) + failed_fault_text(*first) + " (at " +
                     time_text(first->at, record.whole.begin);
  const auto more = std::count_if(first + 1, record.events.end(), is_failure);
  if (more > 0) text += ", and " + std::to_string(more) + " more";
  return text + ")";
}

}  // namespace halfopen
