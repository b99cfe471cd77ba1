#include "harness/shell/report/final_report.hpp"

#include <boost/json/parse.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "harness/shell/exit_code.hpp"
#include "harness/shell/progress.hpp"
#include "harness/shell/report/github.hpp"
#include "harness/shell/report/html.hpp"
#include "harness/shell/report/incident_table.hpp"
#include "harness/shell/report/json_report.hpp"
#include "harness/shell/report/junit.hpp"
#include "harness/shell/report/summary.hpp"
#include "harness/shell/run_directory.hpp"

namespace halfopen {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The sentence that the worker wrote for the report; "" where there is none.
std::string headline_of(const RunResult& run) {
  const auto text = read_text_file(run.directory + "/timeline.json");
  if (text.has_error()) return "";
  boost::system::error_code damaged;
  const auto timeline = boost::json::parse(*text, damaged);
  if (damaged || !timeline.is_object()) return "";
  const auto* headline = timeline.get_object().if_contains("headline");
  return headline != nullptr && headline->is_string() ? std::string(headline->get_string()) : "";
}

// What every report tells of a run that did not pass.
RunSummary with_stories(RunSummary summary, const CommandParts& command) {
  for (PlanResults& results : summary.plans) {
    for (RunResult& run : results.runs) {
      if (run.verdict == Verdict::kPass && run.note.empty() && !run.internal_error) continue;
      if (!run.is_left_out) run.headline = headline_of(run);
      run.again = repeat_command(command, *results.plan, run, summary.seed);
    }
  }
  return summary;
}

// In report order.
void print_runs(const RunSummary& summary) {
  std::printf("\n");
  for (const PlanResults& results : summary.plans) {
    for (const RunResult& run : results.runs) {
      if (run.is_left_out) continue;
      const std::string text = why(run, terminal_width());
      if (!text.empty()) std::printf("%s\n", text.c_str());
    }
  }
}

void print_tables(const RunSummary& summary) {
  for (const PlanResults& results : summary.plans) {
    const std::string table = incident_table(results, terminal_width());
    const std::string diagnosis = diagnosis_text(results, terminal_width());
    if (!table.empty()) std::printf("%s\n", table.c_str());
    if (!diagnosis.empty()) std::printf("%s\n", diagnosis.c_str());
  }
}

// A summary that cannot be written is no reason to lose a verdict: it is said, and that is all.
void tell_github(const RunSummary& summary) {
  if (environment("GITHUB_ACTIONS") != "true") return;
  std::printf("%s", github_annotations(summary, environment("GITHUB_WORKSPACE")).c_str());
  const std::string path = environment("GITHUB_STEP_SUMMARY");
  if (path.empty()) return;
  std::ofstream file(path, std::ios::app);
  file << github_step_summary(summary);
  if (!file.flush()) {
    std::fprintf(stderr, "halfopen: cannot write the step summary to %s\n", path.c_str());
  }
}

bool write_report(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  const auto written = write_text_file(path, text);
  if (written.has_error()) std::fprintf(stderr, "halfopen: %s\n", written.error().text.c_str());
  return written.has_value();
}

// The verdicts stand without it, so a disk that is full costs the page and a line.
void print_page(const RunSummary& summary, const CommandParts& command) {
  const auto page = write_html_report(summary, command);
  if (page.has_error()) {
    std::fprintf(stderr, "halfopen: no report.html: %s\n", page.error().text.c_str());
  } else {
    std::printf("Report: %s\n", page->c_str());
  }
}

}  // namespace

void tell_github_of(const std::vector<Problem>& problems) {
  if (environment("GITHUB_ACTIONS") != "true") return;
  std::printf("%s", github_annotations(problems, environment("GITHUB_WORKSPACE")).c_str());
}

int report_run(const RunSummary& results, const ReportSettings& settings) {
  const RunSummary summary = with_stories(results, settings.command);
  print_runs(summary);
  print_tables(summary);
  std::printf("%s%s%s", left_out_text(summary).c_str(), flake_text(summary).c_str(),
              prediction_text(summary).c_str());
  const bool written = write_report(settings.junit_path, junit_xml(summary.plans)) &&
                       write_report(settings.json_path, json_report(summary));
  tell_github(summary);
  std::printf("%s. Logs, events and configurations: %s\n", sum_text(summary).c_str(),
              summary.directory.c_str());
  print_page(summary, settings.command);
  if (!settings.captures.empty()) {
    std::printf("Captures of every link: %s\n", settings.captures.c_str());
  }
  if (summary.was_interrupted) {
    std::fprintf(stderr,
                 "halfopen: interrupted; every process and namespace of the runs is gone. "
                 "What was written is in %s\n",
                 summary.directory.c_str());
  }
  return after_output(written ? exit_status(summary) : kExitInternal);
}

}  // namespace halfopen
