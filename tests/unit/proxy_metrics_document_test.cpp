// proxy/METRICS.md and metrics/names.inc say the same, both ways.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "metrics/names.hpp"

namespace halfopen {
namespace {

constexpr const char* kDocument = HALFOPEN_PROXY "/METRICS.md";
constexpr std::size_t kColumns = 5;

struct Row {
  std::string kind;
  std::string labels;
  std::string meaning;
  std::string example;
};

bool is_proxys(std::string_view name) {
  return name.starts_with("fault_proxy_") || name.starts_with("toxiproxy_") ||
         name.starts_with("process_");
}

std::string stripped(std::string text) {
  std::erase(text, '`');
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The table's rows by the metric's name; rows that are none of a metric are left out.
std::map<std::string, Row> read_rows() {
  std::map<std::string, Row> rows;
  std::ifstream file(kDocument);
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    std::string cell;
    std::getline(parts, cell, '|');
    while (std::getline(parts, cell, '|'))
      cells.push_back(stripped(cell));
    if (cells.size() < kColumns || !is_proxys(cells[0])) continue;
    EXPECT_EQ(cells.size(), kColumns) << cells[0] << ": a | within a cell breaks the table";
    EXPECT_FALSE(rows.contains(cells[0])) << cells[0] << " is there twice";
    rows[cells[0]] = {cells[1], cells[2], cells[3], cells[4]};
  }
  return rows;
}

std::string kind_text(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return "";
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

TEST(ProxyMetricsDocument, HasEveryMetricWithItsTypeAndLabels) {
  const auto rows = read_rows();
  for (const MetricDefinition& metric : all_metrics()) {
    if (!is_proxys(metric.name)) continue;
    const auto row = rows.find(std::string(metric.name));
    ASSERT_NE(row, rows.end()) << metric.name << " is not in " << kDocument;
    EXPECT_EQ(row->second.kind, kind_text(metric.kind)) << metric.name;
    EXPECT_EQ(without_spaces(row->second.labels), metric.labels) << metric.name;
    EXPECT_FALSE(row->second.meaning.empty()) << metric.name;
    EXPECT_NE(row->second.example.find(metric.name), std::string::npos)
        << metric.name << ": its example is about something else: " << row->second.example;
  }
}

TEST(ProxyMetricsDocument, HasNoMetricThatDoesNotExist) {
  const auto rows = read_rows();
  EXPECT_FALSE(rows.empty()) << kDocument;
  for (const auto& [name, row] : rows) {
    const auto all = all_metrics();
    const bool exists = std::any_of(all.begin(), all.end(),
                                    [&](const auto& metric) { return metric.name == name; });
    EXPECT_TRUE(exists) << name << " is not in metrics/names.inc";
  }
}

// The values that a label may have are in the file's sentence, in parentheses: each is explained.
TEST(ProxyMetricsDocument, ExplainsEveryValueThatASentenceNames) {
  const auto rows = read_rows();
  for (const MetricDefinition& metric : all_metrics()) {
    const auto open = metric.help.rfind('(');
    if (!is_proxys(metric.name) || open == std::string_view::npos) continue;
    std::istringstream values{
        std::string(metric.help.substr(open + 1, metric.help.rfind(')') - open - 1))};
    const auto row = rows.find(std::string(metric.name));
    ASSERT_NE(row, rows.end()) << metric.name;
    for (std::string value; std::getline(values, value, ',');) {
      value = stripped(value);
      // A remark in parentheses is no list of values; directions are explained above the table.
      if (value.find(' ') != std::string::npos || value == "upstream" || value == "downstream") {
        continue;
      }
      EXPECT_NE(row->second.meaning.find(value), std::string::npos)
          << metric.name << ": what is " << value << "?";
    }
  }
}

}  // namespace
}  // namespace halfopen
