#include "harness/shell/report/incident_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

namespace halfopen {
namespace {

constexpr std::size_t kCellWidth = 23;
constexpr std::size_t kRowTitleWidth = 22;
constexpr std::size_t kDefenceWidth = 20;  // of the list form
constexpr std::size_t kTextWidthMax = 110;

// Errors, how the death was found, when, what was lost.
using Cell = std::array<std::string, 4>;

std::string seconds_text(Duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", to_seconds(duration));
  return text.data();
}

std::string errors_text(const DeathStory& story) {
  if (story.first_error.empty()) return "no error";
  return story.first_error + ", " + (story.second_error.empty() ? "-" : story.second_error);
}

std::string votes_text(const DeathStory& story) {
  std::string text =
      "lost " + std::to_string(story.votes_lost) + "/" + std::to_string(story.votes_cast);
  if (story.first_error.empty() && story.detected_by.empty() && story.votes_lost == 0) return text;
  if (!story.recovered_after) return text + ", never back";
  return text + ", back " + seconds_text(*story.recovered_after);
}

std::string detection_text(const DeathStory& story) {
  if (!story.detected_by.empty()) return story.detected_by;
  return story.votes_lost == 0 ? "link stayed up" : "death not noticed";
}

std::string delay_text(const DeathStory& story) {
  return story.detected_by.empty() ? "" : "after " + seconds_text(story.detected_after);
}

Cell cell_of(const RunResult* run) {
  if (run == nullptr) return {"", "", "", ""};
  if (!run->story) return {std::string(verdict_name(run->verdict)), "", "", ""};
  Cell cell{errors_text(*run->story), detection_text(*run->story), delay_text(*run->story),
            votes_text(*run->story)};
  if (run->verdict != Verdict::kPass) cell[0] = "!" + cell[0];
  return cell;
}

const RunResult* find_run(const PlanResults& results, const std::string& row,
                          const std::string& column) {
  const ReportSpec& report = *results.plan->report;
  for (std::size_t index = 0; index < results.plan->runs.size(); ++index) {
    const PlannedRun& planned = results.plan->runs[index];
    if (!planned.control.empty()) continue;
    bool row_matches = false;
    bool column_matches = false;
    for (const auto& [axis, value] : planned.cell) {
      row_matches = row_matches || (axis == report.rows && value == row);
      column_matches = column_matches || (axis == report.columns && value == column);
    }
    if (row_matches && column_matches) return results.find(index);
  }
  return nullptr;
}

const Axis* find_axis(const Plan& plan, const std::string& name) {
  for (const Axis& axis : plan.axes) {
    if (axis.name == name) return &axis;
  }
  return nullptr;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() > width) text = text.substr(0, width);
  return text + std::string(width - text.size(), ' ');
}

// Breaks at spaces; continuation lines get `indent`.
std::string wrapped(const std::string& text, std::size_t width, const std::string& indent) {
  std::istringstream words(text);
  std::string word;
  std::string line;
  std::string all;
  while (words >> word) {
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      all += line + "\n" + indent;
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return all + line + "\n";
}

// A row's title over at most a cell's lines.
std::array<std::string, 4> title_lines(const std::string& title) {
  std::array<std::string, 4> lines;
  std::istringstream folded(wrapped(title, kRowTitleWidth - 2, ""));
  for (std::string& line : lines)
    std::getline(folded, line);
  return lines;
}

}  // namespace

namespace {

std::string matrix_form(const PlanResults& results, const Axis& rows, const Axis& columns) {
  std::string text = padded(rows.name + " \\ " + columns.name, kRowTitleWidth);
  for (const auto& [name, title] : columns.values)
    text += "| " + padded(title, kCellWidth);
  const std::size_t width = text.size();
  text += "\n";
  for (const auto& [row, title] : rows.values) {
    text += std::string(width, '-') + "\n";
    const auto titles = title_lines(title);
    std::vector<Cell> cells;
    for (const auto& [column, unused] : columns.values) {
      cells.push_back(cell_of(find_run(results, row, column)));
    }
    for (std::size_t line = 0; line < titles.size(); ++line) {
      text += padded(titles.at(line), kRowTitleWidth);
      for (const Cell& cell : cells)
        text += "| " + padded(cell.at(line), kCellWidth);
      while (text.ends_with(' '))
        text.pop_back();
      text += "\n";
    }
  }
  return text + std::string(width, '-') + "\n";
}

// For narrow terminals: a block a row, a line or two a cell.
std::string list_form(const PlanResults& results, const Axis& rows, const Axis& columns) {
  std::string text;
  for (const auto& [row, title] : rows.values) {
    text += title + "\n";
    for (const auto& [column, column_title] : columns.values) {
      const Cell cell = cell_of(find_run(results, row, column));
      text += "  " + padded(column_title, kDefenceWidth) + padded(cell.at(0), 20) + cell.at(1) +
              (cell.at(2).empty() ? "" : " " + cell.at(2)) + "\n" +
              std::string(kDefenceWidth + 2, ' ') + cell.at(3) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string incident_table(const PlanResults& results, std::size_t width) {
  if (!results.plan->report) return "";
  const Axis* rows = find_axis(*results.plan, results.plan->report->rows);
  const Axis* columns = find_axis(*results.plan, results.plan->report->columns);
  if (rows == nullptr || columns == nullptr) return "";
  const std::size_t needed = kRowTitleWidth + columns->values.size() * (kCellWidth + 2);
  const std::string text =
      needed <= width ? matrix_form(results, *rows, *columns) : list_form(results, *rows, *columns);
  return text +
         wrapped(
             "Each cell: first and second error of a send; how the death was found, and how "
             "long after the last sign of life; votes lost in the receiver's own store, and "
             "how long until votes flowed again. \"!\": the cell's expectations did not pass.",
             std::min(width, kTextWidthMax), "");
}

namespace {

// False where no cell of the row came to a verdict: this world cannot produce it.
bool was_measured(const PlanResults& results, const std::string& row, const Axis& columns) {
  return std::any_of(columns.values.begin(), columns.values.end(), [&](const auto& column) {
    const RunResult* run = find_run(results, row, column.first);
    return run != nullptr && run->verdict != Verdict::kInconclusive;
  });
}

// The columns in which no cause cost a vote, by the cells of this very run.
std::string what_saved_every_vote(const PlanResults& results, const Axis& rows,
                                  const Axis& columns) {
  std::string names;
  bool all_measured = true;
  for (const auto& [column, title] : columns.values) {
    bool saved = true;
    for (const auto& [row, unused] : rows.values) {
      if (!was_measured(results, row, columns)) {
        all_measured = false;
        continue;
      }
      const RunResult* run = find_run(results, row, column);
      saved = saved && run != nullptr && run->verdict == Verdict::kPass && run->story &&
              run->story->votes_lost == 0;
    }
    if (saved) names += (names.empty() ? "\"" : ", \"") + title + "\"";
  }
  return "What lost no vote to any " + rows.name + " here" +
         (all_measured ? ": " : ", of those that were measured: ") +
         (names.empty() ? "nothing" : names) + ".";
}

}  // namespace

std::string diagnosis_text(const PlanResults& results, std::size_t width) {
  const std::size_t text_width = std::min(width, kTextWidthMax);
  if (!results.plan->report || results.plan->report->log_text.empty()) return "";
  const ReportSpec& report = *results.plan->report;
  const Axis* rows = find_axis(*results.plan, report.rows);
  if (rows == nullptr) return "";
  std::vector<CauseFingerprint> causes;
  for (const auto& [name, title] : rows->values) {
    const RunResult* run = find_run(results, name, report.undefended);
    CauseFingerprint fingerprint;
    fingerprint.cause = name;
    fingerprint.title = title;
    if (run != nullptr && run->story && run->verdict == Verdict::kPass) {
      fingerprint.story = *run->story;
      fingerprint.measured = true;
    }
    causes.push_back(std::move(fingerprint));
  }
  const Diagnosis diagnosis = diagnose(read_log(report.log_text), causes);
  std::string text = "Which cause fits the incident's own log?\n";
  for (const RankedCause& cause : diagnosis.ranking) {
    const char* fit = cause.fit == Fit::kFits       ? "FITS    "
                      : cause.fit == Fit::kPossible ? "POSSIBLE"
                                                    : "EXCLUDED";
    text += std::string("  ") + fit + "  " + cause.title + "\n";
    for (const std::string& line : cause.evidence_for) {
      text += "      + " + wrapped(line, text_width - 8, "        ");
    }
    for (const std::string& line : cause.evidence_against) {
      text += "      - " + wrapped(line, text_width - 8, "        ");
    }
  }
  text += "\n" + wrapped("Diagnosis: " + diagnosis.conclusion, text_width, "");
  const Axis* columns = find_axis(*results.plan, report.columns);
  if (columns == nullptr) return text;
  return text + wrapped(what_saved_every_vote(results, *rows, *columns), text_width, "");
}

}  // namespace halfopen
