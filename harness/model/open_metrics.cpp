#include "harness/model/open_metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/model/expression/evaluate.hpp"

namespace halfopen {
namespace {

constexpr std::string_view kTotal = "_total";
constexpr std::array<std::string_view, 3> kHistogramParts{"_bucket", "_count", "_sum"};

using Series = SeriesStore::Series;

// Inside a family: which metric (all labels but a bucket's bound), when, and the line's place in
// that moment.
struct Line {
  const SeriesLabels* metric = nullptr;
  std::int64_t milliseconds = 0;
  std::size_t part = 0;
  double bound = 0;
  std::string_view name;
  const SeriesLabels* labels = nullptr;
  double value = 0;
};

struct Family {
  std::string name;  // without _total
  std::string_view type = "unknown";
  std::string_view help;
  std::vector<std::pair<std::string_view, const std::map<SeriesLabels, Series>*>> metrics;
};

void append_escaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
}

void append_labels(std::string& text, const SeriesLabels& labels) {
  if (labels.empty()) return;
  char separator = '{';
  for (const auto& [label, value] : labels) {
    text += separator;
    text.append(label).append("=\"");
    append_escaped(text, value);
    text += '"';
    separator = ',';
  }
  text += '}';
}

// Seconds with three digits. Prometheus reads them as a double, multiplies by 1000 and drops what
// is behind the point, so that 1.001 becomes 1000 ms (and so will some times of the year 2038);
// where it would, half a microsecond more keeps the millisecond.
void append_seconds(std::string& text, std::int64_t milliseconds) {
  const std::int64_t whole = milliseconds / 1000;
  std::string digits = std::to_string(whole) + ".";
  const std::string fraction = std::to_string(milliseconds % 1000);
  digits += std::string(3 - fraction.size(), '0') + fraction;
  double read = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), read);
  if (static_cast<std::int64_t>(read * 1000) < milliseconds) digits += "0005";
  text += digits;
}

std::int64_t wall_milliseconds(Instant at, Duration wall_offset) {
  return std::chrono::floor<std::chrono::milliseconds>(at + wall_offset - Instant{}).count();
}

double bound_of(const SeriesLabels& labels) {
  const auto found = labels.find("le");
  if (found == labels.end()) return 0;
  if (found->second == "+Inf") return std::numeric_limits<double>::infinity();
  double bound = 0;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), bound);
  return bound;
}

// Which family a metric of the store belongs to. Names that look like a histogram's are one only
// where it is known: a counter may be called x_count.
class Families {
 public:
  explicit Families(std::span<const MetricFamily> known) {
    for (const MetricFamily& family : known)
      known_.emplace(family.name, &family);
  }

  void add(std::string_view metric, const std::map<SeriesLabels, Series>& series) {
    if (add_known(metric, metric, series)) return;
    for (const std::string_view part : kHistogramParts) {
      if (!metric.ends_with(part)) continue;
      const std::string_view base = metric.substr(0, metric.size() - part.size());
      const auto found = known_.find(base);
      if (found == known_.end() || found->second->kind != MetricFamily::Kind::kHistogram) continue;
      if (add_known(base, metric, series)) return;
    }
    Family& family = families_[std::string(metric)];
    family.name = metric;
    family.metrics.emplace_back(metric, &series);
  }

  [[nodiscard]] const std::map<std::string, Family>& all() const { return families_; }

 private:
  bool add_known(std::string_view name, std::string_view metric,
                 const std::map<SeriesLabels, Series>& series) {
    const auto found = known_.find(name);
    if (found == known_.end()) return false;
    const MetricFamily& definition = *found->second;
    // A counter's family is called without _total; one that lacks it is no counter to OpenMetrics.
    const bool counter = definition.kind == MetricFamily::Kind::kCounter;
    if (counter && !name.ends_with(kTotal)) return false;
    Family& family = families_[definition.name];
    family.name = name.substr(0, name.size() - (counter ? kTotal.size() : 0));
    family.help = definition.help;
    if (counter) family.type = "counter";
    if (definition.kind == MetricFamily::Kind::kGauge) family.type = "gauge";
    if (definition.kind == MetricFamily::Kind::kHistogram) family.type = "histogram";
    family.metrics.emplace_back(metric, &series);
    return true;
  }

  std::map<std::string_view, const MetricFamily*> known_;
  std::map<std::string, Family> families_;
};

class FamilyWriter {
 public:
  FamilyWriter(const Family& family, Duration wall_offset)
      : family_(family), histogram_(family.type == "histogram"), wall_offset_(wall_offset) {}

  void write(std::string& text) {
    for (const auto& [name, by_labels] : family_.metrics) {
      for (const auto& [labels, series] : *by_labels)
        collect(name, series);
    }
    std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
      if (a.metric != b.metric) return *a.metric < *b.metric;
      return std::tie(a.milliseconds, a.part, a.bound) < std::tie(b.milliseconds, b.part, b.bound);
    });
    text.append("# TYPE ").append(family_.name).append(" ").append(family_.type).append("\n");
    if (!family_.help.empty()) {
      text.append("# HELP ").append(family_.name).append(" ");
      append_escaped(text, family_.help);
      text += '\n';
    }
    for (const Line& line : lines_) {
      text += line.name;
      append_labels(text, *line.labels);
      text.append(" ").append(value_text(line.value)).append(" ");
      append_seconds(text, line.milliseconds);
      text += '\n';
    }
  }

 private:
  void collect(std::string_view name, const Series& series) {
    SeriesLabels labels = series.labels;
    std::size_t part = 0;
    if (histogram_) {
      labels.erase("le");
      while (part < kHistogramParts.size() && !name.ends_with(kHistogramParts[part]))
        ++part;
    }
    // Equal labels are one object, so that lines compare them by address.
    const SeriesLabels* metric = &metrics_.try_emplace(std::move(labels)).first->first;
    const double bound = bound_of(series.labels);
    const std::size_t first = lines_.size();
    for (std::size_t i = 0; i < series.samples.size(); ++i) {
      if (series.stale[i]) continue;
      const Line line{metric,
                      wall_milliseconds(series.samples[i].at, wall_offset_),
                      part,
                      bound,
                      name,
                      &series.labels,
                      series.samples[i].value};
      const bool same = lines_.size() > first && lines_.back().milliseconds == line.milliseconds;
      if (same) lines_.pop_back();
      lines_.push_back(line);
    }
  }

  const Family& family_;
  bool histogram_;
  Duration wall_offset_;
  std::map<SeriesLabels, bool> metrics_;
  std::vector<Line> lines_;
};

}  // namespace

std::string open_metrics_text(const SeriesStore& store, Duration wall_offset,
                              std::span<const MetricFamily> known) {
  Families families(known);
  for (const auto& [name, series] : store.all())
    families.add(name, series);
  std::string text;
  for (const auto& [name, family] : families.all())
    FamilyWriter(family, wall_offset).write(text);
  text += "# EOF\n";
  return text;
}

}  // namespace halfopen
