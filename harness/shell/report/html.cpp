#include "harness/shell/report/html.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <utility>

#include "harness/model/timeline/timeline.hpp"
#include "harness/shell/report/page.hpp"
#include "harness/shell/run_directory.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::size_t kReportBytesMax = 30UL * 1024 * 1024;
constexpr const char* kIndexFile = "/runs.json";
constexpr const char* kTimelineFile = "/timeline.json";

json::array pairs(const std::vector<std::pair<std::string, std::string>>& items) {
  json::array array;
  for (const auto& [first, second] : items)
    array.push_back(json::array{first, second});
  return array;
}

json::object scenario_json(const Plan& plan) {
  json::array axes;
  for (const Axis& axis : plan.axes)
    axes.push_back(json::object{{"name", axis.name}, {"values", pairs(axis.values)}});
  json::object object{
      {"name", plan.name}, {"claim", plan.claim}, {"file", plan.file}, {"axes", std::move(axes)}};
  if (plan.report) {
    object["rows"] = plan.report->rows;
    object["columns"] = plan.report->columns;
  }
  return object;
}

json::object run_json(const RunResult& run, const PlannedRun& planned, std::size_t scenario,
                      const std::string& command) {
  json::object object = to_json(run);
  object.erase("type");
  json::array must_fail;
  for (const std::string& id : planned.must_fail)
    must_fail.emplace_back(id);
  object["run"] = full_name(run);
  object["scenario"] = scenario;
  object["cell"] = pairs(planned.cell);
  object["control"] = planned.control;
  object["must_fail"] = std::move(must_fail);
  object["seed"] = run.seed;
  object["command"] = command;
  object["folder"] = fs::path(run.directory).filename().string();
  for (json::value& item : object["expectations"].as_array()) {
    json::object& expectation = item.as_object();
    expectation["verdict"] =
        verdict_name(static_cast<Verdict>(expectation["verdict"].to_number<int>()));
  }
  object["verdict"] = verdict_name(run.verdict);
  object.erase("verdict_name");
  json::array not_held;
  for (const ExpectationResult& expectation : run.expectations) {
    if (expectation.verdict == Verdict::kPass) continue;
    if (not_held.empty()) object["because"] = expectation.id + ": " + expectation.seen;
    if (expectation.verdict == run.verdict) not_held.emplace_back(expectation.id);
  }
  object["not_held"] = std::move(not_held);
  return object;
}

// One run's share of the page: what is said of it in the overview, and its picture as text.
struct Share {
  json::object summary;
  std::string full;
  std::string no_plots;
};

// For the overview, which has no room for each.
json::object count_votes(const json::array& votes) {
  std::size_t lost = 0;
  for (const json::value& vote : votes) {
    const json::object* fields = vote.if_object();
    const json::value* fate = fields == nullptr ? nullptr : fields->if_contains("fate");
    if (fate != nullptr && *fate == "lost") ++lost;
  }
  return {{"cast", votes.size()}, {"lost", lost}};
}

// A timeline that is missing or damaged costs its run the picture, not the report.
Share read_share(const std::string& directory, json::object summary) {
  Share share{std::move(summary), "", ""};
  if (directory.empty()) return share;
  const auto text = read_text_file(directory + kTimelineFile);
  if (text.has_error()) return share;
  json::error_code damaged;
  json::value parsed = json::parse(*text, damaged);
  const json::object* timeline = parsed.if_object();
  if (damaged || timeline == nullptr) {
    share.summary["picture_trouble"] = "timeline.json of this run is damaged";
    return share;
  }
  for (const char* key : {"headline", "deaths"}) {
    if (const json::value* value = timeline->if_contains(key)) share.summary[key] = *value;
  }
  if (const json::value* votes = timeline->if_contains("votes");
      votes != nullptr && votes->is_array()) {
    share.summary["votes"] = count_votes(votes->get_array());
  }
  share.full = for_script(json::serialize(parsed));
  parsed.as_object()["plots"] = json::array();
  parsed.as_object()["log"] = json::array();
  share.no_plots = for_script(json::serialize(parsed));
  return share;
}

constexpr const char* kNoPlotsNote =
    "The plots and the log of this run are left out to keep the report small; they are in its "
    "folder.";
constexpr const char* kNoneNote =
    "The picture of this run is left out to keep the report small; its data is in its folder.";

std::string data_scripts(json::object& index, std::vector<Share>& shares) {
  std::vector<DetailNeed> needs;
  for (const Share& share : shares) {
    const json::value* verdict = share.summary.if_contains("verdict");
    const bool passed = verdict != nullptr && *verdict == "PASS";
    needs.push_back({share.full.size(), share.no_plots.size(), passed});
  }
  const std::vector<Detail> details = choose_details(needs, kReportBytesMax);
  std::string scripts;
  json::array runs;
  for (std::size_t run = 0; run < shares.size(); ++run) {
    Share& share = shares[run];
    const Detail detail = details[run];
    if (detail != Detail::kFull) {
      share.summary["detail_note"] = detail == Detail::kNone ? kNoneNote : kNoPlotsNote;
    }
    const std::string& data = detail == Detail::kFull ? share.full : share.no_plots;
    if (detail != Detail::kNone && !data.empty()) {
      share.summary.erase("expectations");  // the picture has them, with their moments
      scripts += "<script type=\"application/json\" id=\"run-" + std::to_string(run) + "\">" +
                 data + "</script>\n";
    }
    runs.push_back(std::move(share.summary));
    share = Share{};
  }
  index["runs"] = std::move(runs);
  return "<script type=\"application/json\" id=\"index\">" + for_script(json::serialize(index)) +
         "</script>\n" + scripts;
}

std::string fill(std::string_view page, std::string_view marker, const std::string& text) {
  const std::size_t at = page.find(marker);
  if (at == std::string_view::npos) return std::string(page);
  std::string filled(page.substr(0, at));
  filled += text;
  filled += page.substr(at + marker.size());
  return filled;
}

}  // namespace

std::string for_script(std::string text) {
  std::string safe;
  safe.reserve(text.size());
  // In JSON a "<" stands only inside strings, where it may be written as an escape.
  for (const char character : text) {
    if (character == '<') {
      safe += "\\u003c";
    } else {
      safe += character;
    }
  }
  return safe;
}

std::vector<Detail> choose_details(const std::vector<DetailNeed>& needs, std::size_t limit) {
  std::vector<Detail> details(needs.size(), Detail::kFull);
  std::size_t total = 0;
  for (const DetailNeed& need : needs)
    total += need.full;
  for (const bool passed : {true, false}) {
    for (const Detail less : {Detail::kNoPlots, Detail::kNone}) {
      for (std::size_t run = 0; run < needs.size() && total > limit; ++run) {
        if (needs[run].passed != passed) continue;
        const std::size_t before = less == Detail::kNoPlots ? needs[run].full : needs[run].no_plots;
        const std::size_t after = less == Detail::kNoPlots ? needs[run].no_plots : 0;
        details[run] = less;
        total -= before - std::min(before, after);
      }
    }
  }
  return details;
}

std::string write_timeline(const std::string& directory, const TimelineParts& parts) {
  const Timeline timeline =
      build_timeline(parts.scenario, parts.record, parts.result.expectations, &parts.prediction);
  const auto written =
      write_text_file(directory + kTimelineFile, json::serialize(to_json(timeline)) + "\n");
  return written.has_error() ? written.error().text : "";
}

Result<std::string> write_html_report(const RunSummary& summary, const CommandParts& command) {
  json::array scenarios;
  json::array runs;
  for (const PlanResults& results : summary.plans) {
    for (const RunResult& run : results.runs) {
      const auto& all = results.plan->runs;
      const auto planned = std::find_if(
          all.begin(), all.end(), [&](const PlannedRun& one) { return one.id == run.run_id; });
      if (planned == all.end()) continue;
      runs.push_back(run_json(run, *planned, scenarios.size(),
                              repeat_command(command, *results.plan, run, summary.seed)));
    }
    scenarios.push_back(scenario_json(*results.plan));
  }
  const json::object index{{"made", wall_text().substr(0, 19)},
                           {"world", summary.world},
                           {"seed", summary.seed},
                           {"interrupted", summary.was_interrupted},
                           {"scenarios", std::move(scenarios)},
                           {"runs", std::move(runs)}};
  HALFOPEN_CHECK(write_text_file(summary.directory + kIndexFile, json::serialize(index) + "\n"));
  return make_html_report(summary.directory, summary.directory + "/report.html");
}

Result<std::string> make_html_report(const std::string& directory, const std::string& out) {
  const auto text = read_text_file(directory + kIndexFile);
  if (text.has_error()) {
    return Problem{text.error().text,
                   "; expected the folder of a `halfopen run` that came to its end"};
  }
  json::error_code damaged;
  json::value parsed = json::parse(*text, damaged);
  json::object* index = parsed.if_object();
  const json::value* runs = index == nullptr ? nullptr : index->if_contains("runs");
  if (damaged || runs == nullptr || !runs->is_array()) {
    return Problem{directory, kIndexFile,
                   ": not what `halfopen run` writes; run the scenarios again"};
  }
  std::vector<Share> shares;
  for (const json::value& item : runs->get_array()) {
    const json::object* run = item.if_object();
    const json::value* folder = run == nullptr ? nullptr : run->if_contains("folder");
    if (folder == nullptr || !folder->is_string()) {
      return Problem{directory, kIndexFile, ": a run without a folder; run the scenarios again"};
    }
    // Only ever a folder in this one, whatever the file says.
    const std::string name = fs::path(std::string(folder->get_string())).filename().string();
    if (name == "." || name == "..") {
      return Problem{
          directory, kIndexFile, ": the folder of a run is \"", name, "\"; expected one below ",
          directory};
    }
    const std::string path = name.empty() ? "" : std::string(directory).append("/").append(name);
    shares.push_back(read_share(path, *run));
  }
  (*index)["directory"] = fs::absolute(directory).lexically_normal().string();
  const std::string data = data_scripts(*index, shares);
  std::string page = fill(report_page::kPage, "<!-- STYLE -->",
                          "<style>" + std::string(report_page::kStyle) + "</style>");
  page = fill(page, "<!-- DATA -->", data);
  // The scripts come last in the page, so a run's text can never be taken for this mark.
  const std::string scripts = "<script>" + std::string(report_page::kPlotLibrary) +
                              "</script>\n<script>" + std::string(report_page::kScript) +
                              "</script>";
  page = fill(page, "<!-- SCRIPT -->", scripts);
  HALFOPEN_CHECK(write_text_file(out, page));
  return out;
}

}  // namespace halfopen
