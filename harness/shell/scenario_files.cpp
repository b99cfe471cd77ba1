#include "harness/shell/scenario_files.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <cstdio>
#include <filesystem>

#include "base/duration_text.hpp"
#include "harness/model/plan_summary.hpp"
#include "harness/model/scenario_format.hpp"
#include "harness/model/schema.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/loaded_plan.hpp"
#include "harness/shell/run_directory.hpp"

namespace halfopen {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kClaimBytesMax = 72;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : ",") + word;
  return text.empty() ? "-" : text;
}

Result<PlanSummary> summarize(const std::string& file) {
  HALFOPEN_TRY(text, read_text_file(file));
  HALFOPEN_TRY(document, parse_yaml(text, file));
  HALFOPEN_TRY(plan, plan_scenario(document, {}));
  return summary_of(plan);
}

json::object to_json(const PlanSummary& summary) {
  return {{"name", summary.name},
          {"file", summary.file},
          {"claim", summary.claim},
          {"tags", json::value_from(summary.tags)},
          {"worlds", json::value_from(summary.worlds)},
          {"cost", summary.cost},
          {"runs", summary.runs},
          {"controls", summary.controls},
          {"longest_seconds", to_seconds(summary.longest)}};
}

void print_table(const std::vector<PlanSummary>& all) {
  std::size_t name_width = 4;
  std::size_t tags_width = 4;
  for (const PlanSummary& one : all) {
    name_width = std::max(name_width, one.name.size());
    tags_width = std::max(tags_width, joined(one.tags).size());
  }
  const auto name_columns = static_cast<int>(name_width);
  const auto tags_columns = static_cast<int>(tags_width);
  std::printf("%-*s  %4s  %4s  %8s  %-*s  %s\n", name_columns, "NAME", "RUNS", "COST", "AT MOST",
              tags_columns, "TAGS", "CLAIM");
  for (const PlanSummary& one : all) {
    std::printf("%-*s  %4zu  %4u  %8s  %-*s  %s\n", name_columns, one.name.c_str(), one.runs,
                one.cost, format_duration(one.longest).c_str(), tags_columns,
                joined(one.tags).c_str(), excerpt(one.claim, kClaimBytesMax).c_str());
  }
}

// Beside the file and then in its place, so that nobody ever reads half of it.
Result<void> replace_file(const std::string& path, const std::string& text) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) return Problem{path, ": ", error.message()};
  const std::string beside = real.string() + ".fmt";
  const auto written = write_text_file(beside, text);
  if (written.has_error()) return written.error();
  fs::permissions(beside, fs::status(real, error).permissions(), error);
  if (!error) fs::rename(beside, real, error);
  if (!error) return {};
  std::error_code ignored;
  fs::remove(beside, ignored);
  return Problem{path, ": ", error.message()};
}

// Whether the file was laid out well.
Result<bool> format_one(const std::string& file, FormatMode mode) {
  HALFOPEN_TRY(text, read_text_file(file));
  HALFOPEN_TRY(formatted, format_scenario(text, file));
  if (mode == FormatMode::kPrint) std::fputs(formatted.c_str(), stdout);
  if (formatted == text) return true;
  if (mode == FormatMode::kCheck) {
    std::printf("%s: is laid out otherwise; halfopen fmt --write %s\n", file.c_str(), file.c_str());
  }
  if (mode == FormatMode::kWrite) {
    HALFOPEN_CHECK(replace_file(file, formatted));
    std::printf("%s: written\n", file.c_str());
  }
  return false;
}

// Calls `use` for each file that the arguments name. False where an argument names none, or a file
// was not good: what is wrong with it is then said.
template <class Use>
bool for_each_file(const std::vector<std::string>& arguments, Use use) {
  bool good = true;
  for (const std::string& argument : arguments) {
    const auto expanded = scenario_files_of(argument);
    if (expanded.has_error()) complain({expanded.error()});
    good = good && expanded.has_value();
    for (const std::string& file : expanded.has_value() ? *expanded : std::vector<std::string>{}) {
      const Result<void> used = use(file);
      if (used.has_error()) complain({used.error()});
      good = good && used.has_value();
    }
  }
  return good;
}

}  // namespace

int list_scenarios(const std::vector<std::string>& files, bool as_json) {
  std::vector<PlanSummary> all;
  const bool good = for_each_file(files, [&all](const std::string& file) -> Result<void> {
    HALFOPEN_TRY(summary, summarize(file));
    all.push_back(std::move(summary));
    return {};
  });
  if (as_json) {
    json::array array;
    for (const PlanSummary& one : all)
      array.push_back(to_json(one));
    std::printf("%s\n", json::serialize(array).c_str());
  } else if (!all.empty()) {
    print_table(all);
  }
  return after_output(good ? kExitPass : kExitBadInput);
}

int format_scenarios(const std::vector<std::string>& files, FormatMode mode) {
  bool otherwise = false;
  const bool good = for_each_file(files, [&](const std::string& file) -> Result<void> {
    HALFOPEN_TRY(laid_out, format_one(file, mode));
    otherwise = otherwise || !laid_out;
    return {};
  });
  if (!good) return after_output(kExitBadInput);
  return after_output(mode == FormatMode::kCheck && otherwise ? kExitFail : kExitPass);
}

int print_schema() {
  std::fputs(scenario_schema_text().c_str(), stdout);
  return after_output(kExitPass);
}

}  // namespace halfopen
