#include "harness/shell/report/github.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "base/printable_text.hpp"
#include "harness/shell/report/summary.hpp"

namespace halfopen {
namespace {

constexpr unsigned kAnnotationsMax = 10;
constexpr std::size_t kRowsMax = 200;
constexpr std::size_t kCellBytesMax = 400;

using Escapes = std::initializer_list<std::pair<char, std::string_view>>;

std::string escaped(const std::string& text, Escapes escapes) {
  std::string result;
  for (const char character : text) {
    const auto* found = std::find_if(escapes.begin(), escapes.end(), [character](const auto& pair) {
      return pair.first == character;
    });
    if (found == escapes.end()) {
      result += character;
    } else {
      result += found->second;
    }
  }
  return result;
}

std::string as_message(const std::string& text) {
  return escaped(text, {{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}});
}

std::string as_property(const std::string& text) {
  return escaped(text, {{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}, {':', "%3A"}, {',', "%2C"}});
}

// Of a Markdown table: nothing in it is a column, HTML, a link, an image or code. As entities,
// since a table takes a backslash before another one, or before "|", in its own way.
std::string as_cell(const std::string& text) {
  return escaped(printable(text, kCellBytesMax), {{'|', "&#124;"},
                                                  {'\\', "&#92;"},
                                                  {'`', "&#96;"},
                                                  {'[', "&#91;"},
                                                  {']', "&#93;"},
                                                  {'*', "&#42;"},
                                                  {'_', "&#95;"},
                                                  {'~', "&#126;"},
                                                  {'<', "&lt;"},
                                                  {'>', "&gt;"},
                                                  {'&', "&amp;"}});
}

std::string below(const std::string& path, const std::string& root) {
  const bool is_below = !root.empty() && path.rfind(root + "/", 0) == 0;
  return is_below ? path.substr(root.size() + 1) : path;
}

int line_of(const Plan& plan, const RunResult& run, const std::string& expectation) {
  for (const PlannedRun& planned : plan.runs) {
    if (planned.id != run.run_id) continue;
    for (const Expectation& candidate : planned.scenario.expectations) {
      if (candidate.id == expectation) return candidate.mark.line;
    }
  }
  return 1;
}

struct Place {
  std::string file;
  int line = 1;
  int column = 0;  // 0: not known
};

// Whether the text is a number from `begin` to `end`, and which.
bool number(const std::string& text, std::size_t begin, std::size_t end, int& value) {
  const auto read = std::from_chars(text.data() + begin, text.data() + end, value);
  return read.ec == std::errc{} && read.ptr == text.data() + end;
}

// FILE:LINE:COLUMN: at the start of a problem's text, and where the rest begins; nothing where it
// does not begin so.
struct PlacedText {
  Place place;
  std::string text;
};
std::optional<PlacedText> placed_text(const std::string& text) {
  const std::size_t end = text.find(": ");
  if (end == std::string::npos) return std::nullopt;
  const std::size_t column = text.rfind(':', end - 1);
  if (end == 0 || column == std::string::npos || column == 0) return std::nullopt;
  const std::size_t line = text.rfind(':', column - 1);
  if (line == std::string::npos || line == 0) return std::nullopt;
  PlacedText found{{text.substr(0, line)}, text.substr(end + 2)};
  if (!number(text, line + 1, column, found.place.line)) return std::nullopt;
  if (!number(text, column + 1, end, found.place.column)) return std::nullopt;
  return found;
}

// The text between its words; nothing where it is empty.
std::string after(const std::string& before, const std::string& text,
                  const std::string& behind = "") {
  return text.empty() ? "" : before + text + behind;
}

class Annotations {
 public:
  void add(Verdict verdict, const Place& place, const std::string& title,
           const std::string& message) {
    unsigned& count = verdict == Verdict::kFail ? errors_ : warnings_;
    if (++count > kAnnotationsMax) return;
    text_ += std::string(verdict == Verdict::kFail ? "::error" : "::warning") +
             " file=" + as_property(place.file) + ",line=" + std::to_string(place.line) +
             (place.column > 0 ? ",col=" + std::to_string(place.column) : "") +
             ",title=" + as_property(title) + "::" + as_message(message) + "\n";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  unsigned errors_ = 0;
  unsigned warnings_ = 0;
};

}  // namespace

std::string github_annotations(const RunSummary& summary, const std::string& root) {
  Annotations annotations;
  for (const PlanResults& results : summary.plans) {
    const std::string file = below(results.plan->file, root);
    for (const RunResult& run : results.runs) {
      if (run.verdict == Verdict::kPass && !run.internal_error) continue;
      if (!run.reason.empty()) {
        annotations.add(run.internal_error ? Verdict::kFail : run.verdict, {file}, full_name(run),
                        run.reason + after("\nagain: ", run.again));
        continue;
      }
      for (const ExpectationResult& result : run.expectations) {
        if (result.verdict == Verdict::kPass) continue;
        annotations.add(result.verdict, {file, line_of(*results.plan, run, result.id)},
                        full_name(run) + ": " + result.id,
                        after("", run.headline, "\n") + "expected: " + result.expected +
                            "\nseen: " + result.seen + after("\nagain: ", run.again));
      }
    }
  }
  return annotations.text();
}

std::string github_annotations(const std::vector<Problem>& problems, const std::string& root) {
  Annotations annotations;
  for (const Problem& problem : problems) {
    const auto placed = placed_text(problem.text);
    if (!placed) continue;
    annotations.add(Verdict::kFail,
                    {below(placed->place.file, root), placed->place.line, placed->place.column},
                    "not a scenario", placed->text);
  }
  return annotations.text();
}

std::string github_step_summary(const RunSummary& summary) {
  std::string text = "### halfopen: " + sum_text(summary) + "\n\n";
  std::string rows;
  std::size_t count = 0;
  for (const PlanResults& results : summary.plans) {
    for (const RunResult& run : results.runs) {
      if (run.verdict == Verdict::kPass && !run.internal_error) continue;
      if (++count > kRowsMax) continue;
      std::string seen = run.reason.empty() ? run.headline : run.reason;
      for (const ExpectationResult& result : run.expectations) {
        if (!run.reason.empty() || result.verdict == Verdict::kPass) continue;
        seen += (seen.empty()         ? ""
                 : seen.back() == '.' ? " "
                                      : "; ") +
                result.id + ": " + result.seen;
      }
      rows += "| " + std::string(run.is_left_out ? "NOT RUN" : verdict_name(run.verdict)) + " | " +
              as_cell(full_name(run)) + " | " + as_cell(seen) + " | " +
              after("<code>", as_cell(run.again), "</code>") + " |\n";
    }
  }
  if (rows.empty()) return text + "Every run passed.\n";
  text += "| verdict | run | what was seen | again |\n| --- | --- | --- | --- |\n" + rows;
  if (count > kRowsMax) text += "\n" + std::to_string(count - kRowsMax) + " more.\n";
  text += "\nThe pictures of all runs are in <code>" + as_cell(summary.directory) +
          "/report.html</code>: keep it as an artifact.\n";
  return text;
}

}  // namespace halfopen
