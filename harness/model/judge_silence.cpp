#include "harness/model/judge_silence.hpp"

#include <algorithm>
#include <set>

#include "harness/model/expression/selectors.hpp"

namespace halfopen {
namespace {

constexpr const char* kUpMetric = "up";
constexpr const char* kSocketsMetric = "halfopen_node_sockets";

bool is_told_by_the_harness(const std::string& metric) {
  return metric == kUpMetric || metric == kSocketsMetric;
}

bool is_planned(const std::vector<Absence>& planned, const std::string& node, Instant at) {
  return std::any_of(planned.begin(), planned.end(), [&](const Absence& absence) {
    return absence.node == node && at >= absence.span.begin && at <= absence.span.end;
  });
}

}  // namespace

SilenceWatch::SilenceWatch(const Expression& condition, const SeriesStore& samples)
    : samples_(samples) {
  const expression::Selectors selectors = expression::selectors_of(condition.syntax());
  std::set<Asked> asked;
  for (const expression::Selector* selector : selectors.read) {
    const auto* by_labels = samples.find(selector->metric);
    if (by_labels == nullptr || is_told_by_the_harness(selector->metric)) continue;
    for (const auto& [labels, series] : *by_labels) {
      const std::string node = expression::label_of(labels, "node");
      if (node.empty() || !expression::selects(*selector, labels)) continue;
      if (expression::speaks_of_absence(selectors, *selector, labels)) continue;
      asked.insert({selector->metric, node, selector->range, selector->offset});
    }
  }
  asked_.assign(asked.begin(), asked.end());
}

bool SilenceWatch::answered(const Asked& asked, Instant at) const {
  const auto* all_up = samples_.find(kUpMetric);
  if (all_up == nullptr) return true;
  const auto up = all_up->find(SeriesLabels{{"node", asked.node}});
  if (up == all_up->end()) return true;
  const std::vector<Sample>& scrapes = up->second.samples;
  const Instant looked_at = at - asked.offset;
  const auto after =
      std::upper_bound(scrapes.begin(), scrapes.end(), looked_at,
                       [](Instant limit, const Sample& one) { return limit < one.at; });
  if (after == scrapes.begin()) return true;
  for (auto scrape = after; scrape != scrapes.begin();) {
    --scrape;
    // The newest one counts always, older ones as far as the range reaches.
    const bool is_heard = scrape + 1 == after || scrape->at > looked_at - asked.range;
    if (!is_heard) return false;
    if (scrape->value == 1) return true;
  }
  return false;
}

std::optional<SilenceWatch::Silence> SilenceWatch::at(Instant at,
                                                      const std::vector<Absence>& planned) const {
  const auto is_silent = [&](const Asked& asked) {
    return !answered(asked, at) && !is_planned(planned, asked.node, at - asked.offset);
  };
  const auto silent = std::find_if(asked_.begin(), asked_.end(), is_silent);
  if (silent == asked_.end()) return std::nullopt;
  const auto heard = std::find_if(asked_.begin(), asked_.end(), [&](const Asked& asked) {
    return asked.metric == silent->metric && answered(asked, at);
  });
  const std::string advice = heard == asked_.end()
                                 ? ""
                                 : "; to ask only nodes that are there, add a matcher such as "
                                   "node=\"" +
                                       heard->node + "\", or say absent(...)";
  return Silence{silent->node + " did not answer, and " + silent->metric + " is asked of it too",
                 advice};
}

Result<Hearing> hear(const Expression& condition, const SilenceWatch& silence,
                     const SeriesStore& samples, Instant at, const EvaluationSettings& settings) {
  HALFOPEN_TRY(truth, holds(condition, samples, at, settings));
  const auto silent = silence.at(at);
  if (!silent) return Hearing{truth.holds, true, false, std::move(truth.seen)};
  if (!truth.holds) return Hearing{false, false, false, std::move(truth.seen)};
  return Hearing{false, false, true, truth.seen + ", but " + silent->seen + silent->advice};
}

}  // namespace halfopen
