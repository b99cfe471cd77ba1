#include "harness/model/judge_missing.hpp"

#include <algorithm>
#include <optional>
#include <variant>

#include "harness/model/expression/binary_operation.hpp"
#include "harness/model/expression/selectors.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_window.hpp"

namespace halfopen {
namespace {

using expression::label_of;

constexpr const char* kSocketsMetric = "halfopen_node_sockets";

std::optional<Interval> span_of(const std::string& step, const RunRecord& record) {
  for (const StepSpan& span : record.steps) {
    if (span.id == step) return span.span;
  }
  return std::nullopt;
}

bool heals(const Step& step, const std::string& node) {
  const auto* heal = std::get_if<Heal>(&step.action);
  return heal != nullptr && std::any_of(heal->nodes.begin(), heal->nodes.end(),
                                        [&node](const auto& stop) { return stop.node == node; });
}

}  // namespace

std::vector<Absence> planned_absences(const Scenario& scenario, const RunRecord& record) {
  std::vector<Absence> absences;
  for (const Step& step : scenario.steps) {
    const auto span = span_of(step.id, record);
    if (!span) continue;
    if (const auto* restart = std::get_if<RestartNode>(&step.action)) {
      absences.push_back({restart->node, *span});
    } else if (const auto* stop = std::get_if<StopNode>(&step.action)) {
      absences.push_back({stop->node, {span->begin, record.whole.end}});
    }
    for (Absence& absence : absences) {
      if (heals(step, absence.node)) absence.span.end = std::min(absence.span.end, span->end);
    }
  }
  return absences;
}

SeriesWatch::SeriesWatch(const Expression& condition, const RunRecord& record,
                         const std::vector<Absence>& absences)
    : record_(record), absences_(absences), lookback_(evaluation_settings(record).lookback) {
  const expression::Selectors selectors = expression::selectors_of(condition.syntax());
  for (const expression::Selector* selector : selectors.read) {
    const auto by_name = record.samples.all().find(selector->metric);
    if (by_name == record.samples.all().end()) continue;
    if (selector->metric == kSocketsMetric) continue;
    for (const auto& [labels, series] : by_name->second) {
      if (!expression::selects(*selector, labels)) continue;
      if (expression::speaks_of_absence(selectors, *selector, labels)) continue;
      all_.push_back({&by_name->first, &series, selector});
    }
  }
}

bool SeriesWatch::is_absent(const std::string& node, Instant at, Instant& since) const {
  for (const Absence& absence : absences_) {
    if (absence.node != node || at < absence.span.begin) continue;
    if (at <= absence.span.end) return true;
    since = std::max(since, absence.span.end);
  }
  return false;
}

const Sample* SeriesWatch::last_before_it_went(const Watched& watched, Instant at) const {
  const SeriesStore::Series& series = *watched.series;
  const Instant looked_at = at - watched.selector->offset;
  Instant since = record_.whole.begin;
  if (is_absent(label_of(series.labels, "node"), looked_at, since)) return nullptr;
  auto after = std::upper_bound(series.samples.begin(), series.samples.end(), looked_at,
                                [](Instant limit, const Sample& one) { return limit < one.at; });
  const bool is_range = watched.selector->range > Duration::zero();
  bool is_gone = false;
  while (after != series.samples.begin()) {
    const auto newest = --after;
    if (!series.stale[static_cast<std::size_t>(newest - series.samples.begin())]) {
      const Duration reach = is_range ? watched.selector->range : lookback_;
      is_gone = (is_gone && !is_range) || newest->at < looked_at - reach;
      return is_gone && newest->at >= since ? &*newest : nullptr;
    }
    is_gone = true;
  }
  return nullptr;
}

std::string SeriesWatch::missed(Instant at) const {
  for (const Watched& watched : all_) {
    const Sample* last = last_before_it_went(watched, at);
    if (last == nullptr) continue;
    SeriesLabels labels = watched.series->labels;
    labels.insert_or_assign(expression::kNameLabel, *watched.metric);
    return expression::labels_text(labels) + " is gone; it was last there at " +
           time_text(last->at, record_.whole.begin);
  }
  return {};
}

}  // namespace halfopen
