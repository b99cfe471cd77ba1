// The metrics worth a look: those that the expectations name, and the two beliefs that every death
// is about (is the peer up, has the NAT an entry).
#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "harness/model/timeline/timeline_parts.hpp"

namespace halfopen::timeline {
namespace {

constexpr const char* kAlways[] = {"votenode_peer_up", "fault_proxy_nat_entries"};

bool is_name_character(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_' ||
         character == ':';
}

// The words of the text that are names of recorded metrics. By the text, because every kind of
// expectation has one, whatever it holds.
std::set<std::string> metrics_in(const std::string& text, const SeriesStore& samples) {
  std::set<std::string> names;
  std::string word;
  for (std::size_t index = 0; index <= text.size(); ++index) {
    if (index < text.size() && is_name_character(text[index])) {
      word += text[index];
      continue;
    }
    if (samples.has_metric(word)) names.insert(word);
    word.clear();
  }
  return names;
}

std::string label_text(const SeriesLabels& labels) {
  std::string text;
  for (const auto& [name, value] : labels)
    text += (text.empty() ? "" : ", ") + name + " " + value;
  return text.empty() ? "all" : text;
}

// A step function needs only its corners. Where there are still too many, every n-th one stays, and
// always the last.
PlotSeries draw(const Source& source, const SeriesStore::Series& series) {
  PlotSeries drawn{label_text(series.labels), {}, {}};
  const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  std::vector<std::size_t> corners;
  for (std::size_t index = 0; index < series.samples.size(); ++index) {
    const auto value = [&](std::size_t at) { return series.samples[at].value; };
    const bool edge = index == 0 || index + 1 == series.samples.size();
    if (edge || !same(value(index), value(index - 1)) || !same(value(index), value(index + 1))) {
      corners.push_back(index);
    }
  }
  const std::size_t stride = corners.size() / kPlotPointsMax + 1;
  for (std::size_t at = 0; at < corners.size(); ++at) {
    if (at % stride != 0 && at + 1 != corners.size()) continue;
    const std::size_t index = corners[at];
    const Sample& sample = series.samples[index];
    drawn.times_ms.push_back(source.milliseconds(sample.at));
    const bool is_gone = series.stale[index] || !std::isfinite(sample.value);
    drawn.values.push_back(is_gone ? std::nullopt : std::optional(sample.value));
  }
  return drawn;
}

// Series that never move say nothing beside those that do, so they are the first to be left out.
bool moves(const SeriesStore::Series& series) {
  return std::any_of(series.samples.begin(), series.samples.end(), [&](const Sample& sample) {
    return sample.value != series.samples.front().value;
  });
}

bool any_moves(const Source& source, const std::string& metric) {
  const auto* all = source.record.samples.find(metric);
  return all != nullptr && std::any_of(all->begin(), all->end(), [](const auto& series) {
           return moves(series.second) || series.second.samples.back().value != 0;
         });
}

Plot make_plot(const Source& source, const std::string& metric) {
  Plot plot;
  plot.metric = metric;
  const auto* all = source.record.samples.find(metric);
  if (all == nullptr) return plot;
  for (const bool moving : {true, false}) {
    for (const auto& [labels, series] : *all) {
      if (series.samples.empty() || moves(series) != moving) continue;
      if (plot.series.size() >= kPlotSeriesMax) {
        ++plot.series_left_out;
      } else {
        plot.series.push_back(draw(source, series));
      }
    }
  }
  return plot;
}

}  // namespace

std::vector<Plot> find_plots(const Source& source, std::vector<std::string>& left_out) {
  std::vector<Plot> plots;
  std::size_t missing = 0;
  const auto plot_of = [&](const std::string& metric) -> Plot* {
    for (Plot& plot : plots) {
      if (plot.metric == metric) return &plot;
    }
    if (!source.record.samples.has_metric(metric)) return nullptr;
    if (plots.size() >= kPlotsMax) {
      ++missing;
      return nullptr;
    }
    plots.push_back(make_plot(source, metric));
    return &plots.back();
  };
  for (const char* metric : kAlways) {
    // A run without a NAT has only zeros to show of it.
    if (any_moves(source, metric)) (void)plot_of(metric);
  }
  for (const Expectation& expectation : source.scenario.expectations) {
    for (const std::string& metric : metrics_in(expectation.text, source.record.samples)) {
      if (Plot* plot = plot_of(metric)) plot->because.push_back(expectation.id);
    }
  }
  if (missing > 0) left_out.push_back(std::to_string(missing) + " plots");
  return plots;
}

}  // namespace halfopen::timeline
