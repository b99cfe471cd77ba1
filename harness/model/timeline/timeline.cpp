#include "harness/model/timeline/timeline.hpp"

#include <algorithm>
#include <cmath>

#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_window.hpp"
#include "harness/model/timeline/timeline_parts.hpp"

namespace halfopen {
namespace timeline {
namespace {

// Log lines this near to something that a reader looks at are kept first.
constexpr double kNear = 1500;

std::optional<double> inside(const Source& source, Instant at) {
  if (at < source.record.whole.begin || at > source.record.whole.end) return std::nullopt;
  return source.milliseconds(at);
}

const Expectation* find_expectation(const Scenario& scenario, const std::string& id) {
  for (const Expectation& expectation : scenario.expectations) {
    if (expectation.id == id) return &expectation;
  }
  return nullptr;
}

std::vector<double> moments_of(const Timeline& timeline) {
  std::vector<double> moments;
  for (const ExpectationMoment& expectation : timeline.expectations) {
    if (expectation.moment_ms) moments.push_back(*expectation.moment_ms);
  }
  for (const Death& death : timeline.deaths) {
    moments.push_back(death.died_ms);
    for (const Finding& finding : death.findings)
      if (finding.at_ms) moments.push_back(*finding.at_ms);
    if (death.healed_ms) moments.push_back(*death.healed_ms);
  }
  return moments;
}

}  // namespace

double Source::milliseconds(Instant at) const {
  return std::round(to_seconds(at - record.whole.begin) * 1e6) / 1000;
}

double Source::clamped(Instant at) const {
  return milliseconds(std::clamp(at, record.whole.begin, record.whole.end));
}

bool is_vote_node(const Scenario& scenario, const std::string& name) {
  return std::any_of(scenario.nodes.begin(), scenario.nodes.end(), [&](const NodeSpec& node) {
    return node.name == name && node.argv.empty() && !node.is_endpoint;
  });
}

bool is_of_link(const Event& event, const LinkSpec& link) {
  return (event.program == "fault-proxy" || event.program == "middlebox") &&
         event.text("proxy") == link.id;
}

std::vector<ExpectationMoment> find_moments(const Source& source,
                                            const std::vector<ExpectationResult>& results) {
  std::vector<ExpectationMoment> moments;
  for (const ExpectationResult& result : results) {
    ExpectationMoment moment;
    moment.result = result;
    moment.moment_ms = inside(source, result.moment);
    if (const Expectation* expectation = find_expectation(source.scenario, result.id)) {
      if (const auto window = resolve(expectation->window, source.record); window.has_value()) {
        moment.begin_ms = source.clamped(window->begin);
        moment.end_ms = source.clamped(window->end);
      }
    }
    moments.push_back(std::move(moment));
  }
  return moments;
}

std::vector<MeasuredEnd> compare_prediction(const Source& source, const Prediction& prediction) {
  const PredictionCheck check = compare(prediction, source.record);
  std::vector<MeasuredEnd> ends;
  for (const EndPrediction& predicted : prediction.ends) {
    MeasuredEnd end{predicted, {}};
    for (const PredictionRow& row : check.rows) {
      const bool is_its =
          row.link == predicted.link && row.node == predicted.node && row.peer == predicted.peer;
      if (is_its) end.rows.push_back(row);
    }
    ends.push_back(std::move(end));
  }
  return ends;
}

std::vector<ShownLogLine> find_log(const Source& source, const Timeline& timeline,
                                   std::vector<std::string>& left_out) {
  const std::vector<double> moments = moments_of(timeline);
  const auto is_near = [&](double at) {
    return std::any_of(moments.begin(), moments.end(),
                       [&](double moment) { return std::abs(moment - at) <= kNear; });
  };
  std::vector<const Event*> kept;
  for (const Event& event : source.record.events)
    kept.push_back(&event);
  if (kept.size() > kLogLinesMax) {
    std::erase_if(kept,
                  [&](const Event* event) { return !is_near(source.milliseconds(event->at)); });
  }
  if (kept.size() > kLogLinesMax) kept.resize(kLogLinesMax);
  if (kept.size() < source.record.events.size()) {
    left_out.push_back(std::to_string(source.record.events.size() - kept.size()) + " of " +
                       std::to_string(source.record.events.size()) +
                       " log lines (all are in the run's folder)");
  }
  std::vector<ShownLogLine> lines;
  lines.reserve(kept.size());
  for (const Event* event : kept) {
    lines.push_back(
        {source.milliseconds(event->at), event_line(*event, source.record.whole.begin)});
  }
  return lines;
}

}  // namespace timeline

Timeline build_timeline(const Scenario& scenario, const RunRecord& record,
                        const std::vector<ExpectationResult>& results,
                        const Prediction* prediction) {
  const timeline::Source source{scenario, record};
  Timeline result;
  result.duration_ms = source.duration_ms();
  result.links = timeline::find_links(source);
  result.steps = timeline::find_steps(source);
  result.bands = timeline::find_bands(source);
  result.lanes = timeline::find_lanes(source, result.bands, result.left_out);
  result.votes = timeline::find_votes(source, result.left_out);
  result.deaths = timeline::find_deaths(source, result.bands);
  timeline::mark_deaths(result.deaths, result.duration_ms, result.lanes);
  result.votes_said = timeline::tell_votes(source);
  result.headline = timeline::make_headline(result.deaths, result.votes_said);
  result.plots = timeline::find_plots(source, result.left_out);
  result.expectations = timeline::find_moments(source, results);
  if (prediction != nullptr) {
    result.predictions = timeline::compare_prediction(source, *prediction);
  }
  result.log = timeline::find_log(source, result, result.left_out);
  return result;
}

}  // namespace halfopen
