#include "harness/model/conformance/comparison.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace halfopen::conformance {
namespace {

constexpr const char* kMissing = "(not observed)";
constexpr const char* kUnexpected = "(nothing expected)";

std::string seconds_text(Duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f s", to_seconds(duration));
  return text.data();
}

std::string value_of(const Observation& observation, const std::string& cell) {
  for (const Cell& seen : observation.cells) {
    if (seen.name == cell) return seen.value;
  }
  return kMissing;
}

Row compare_cell(const Cell& expected, const std::vector<Seen>& seen) {
  Row row{expected.name, expected.value, {}, true};
  for (const Seen& world : seen) {
    row.values.push_back(value_of(world.observation, expected.name));
    row.agrees = row.agrees && row.values.back() == expected.value;
  }
  return row;
}

// A cell that nobody expected is a disagreement too: it is something that an end could see.
void add_unexpected(const Case& test, const std::vector<Seen>& seen, std::vector<Row>& rows) {
  for (const Seen& world : seen) {
    for (const Cell& cell : world.observation.cells) {
      const auto is_listed = std::any_of(rows.begin(), rows.end(),
                                         [&](const Row& row) { return row.name == cell.name; });
      if (is_listed) continue;
      Row row{cell.name, kUnexpected, {}, false};
      for (const Seen& other : seen)
        row.values.push_back(value_of(other.observation, cell.name));
      rows.push_back(std::move(row));
    }
    for (const MeasuredTime& time : world.observation.times) {
      const auto is_bounded =
          std::any_of(test.times.begin(), test.times.end(),
                      [&](const TimeBound& bound) { return bound.name == time.name; });
      if (!is_bounded) {
        rows.push_back({time.name + " after", kUnexpected, {seconds_text(time.value)}, false});
      }
    }
  }
}

Row compare_time(const TimeBound& bound, const std::vector<Seen>& seen) {
  Row row{bound.name + " after",
          seconds_text(bound.at_least) + " to " + seconds_text(bound.at_most),
          {},
          true};
  for (const Seen& world : seen) {
    std::string value = kMissing;
    bool is_within = false;
    for (const MeasuredTime& time : world.observation.times) {
      if (time.name != bound.name) continue;
      value = seconds_text(time.value);
      is_within = time.value >= bound.at_least && time.value <= bound.at_most;
    }
    row.values.push_back(value);
    row.agrees = row.agrees && is_within;
  }
  return row;
}

}  // namespace

std::string_view agreement_name(Agreement agreement) {
  switch (agreement) {
    case Agreement::kAgree:
      return "AGREE";
    case Agreement::kInconclusive:
      return "INCONCLUSIVE";
    case Agreement::kDisagree:
      break;
  }
  return "DISAGREE";
}

Comparison compare(const Case& test, const std::vector<Seen>& seen) {
  Comparison comparison;
  for (const Seen& world : seen) {
    comparison.worlds.push_back(world.world);
    for (const std::string& note : world.observation.notes)
      comparison.notes.push_back(world.world + ": " + note);
    if (world.observation.status == Observation::Status::kComplete) continue;
    comparison.is_internal =
        comparison.is_internal || world.observation.status == Observation::Status::kInternal;
    comparison.reason += (comparison.reason.empty() ? "" : "; ") + ("the " + world.world) +
                         " world: " + world.observation.reason;
  }
  if (seen.empty()) comparison.reason = "no world was asked";
  if (!comparison.reason.empty()) return comparison;
  for (const Cell& expected : test.expected)
    comparison.rows.push_back(compare_cell(expected, seen));
  for (const TimeBound& bound : test.times)
    comparison.rows.push_back(compare_time(bound, seen));
  add_unexpected(test, seen, comparison.rows);
  const bool agree = std::all_of(comparison.rows.begin(), comparison.rows.end(),
                                 [](const Row& row) { return row.agrees; });
  // A case that expects nothing could only ever agree.
  comparison.agreement =
      agree && !comparison.rows.empty() ? Agreement::kAgree : Agreement::kDisagree;
  return comparison;
}

Repeated combine(const std::vector<Comparison>& repetitions) {
  Repeated all;
  if (repetitions.empty()) return {Agreement::kInconclusive, false};
  all.worst = repetitions.front().agreement;
  for (const Comparison& comparison : repetitions) {
    all.worst = std::max(all.worst, comparison.agreement);
    all.changed = all.changed || comparison.agreement != repetitions.front().agreement;
  }
  return all;
}

}  // namespace halfopen::conformance
