#include "harness/shell/report/summary.hpp"

#include <array>
#include <cstdio>

namespace halfopen {

std::string run_line(const RunResult& run) {
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%6.1f s", run.seconds);
  std::string verdict(verdict_name(run.verdict));
  verdict.resize(13, ' ');
  return verdict + seconds.data() + "  " + run.run_id;
}

std::string why(const RunResult& run, const std::string& directory, const std::string& command) {
  const bool is_good = run.verdict == Verdict::kPass && !run.internal_error;
  if (is_good && run.note.empty()) return "";
  std::string text = run_line(run) + "\n";
  if (!run.note.empty()) text += "  note: " + run.note + "\n";
  if (is_good) return text;
  if (!run.reason.empty()) text += "  why: " + run.reason + "\n";
  for (const ExpectationResult& result : run.expectations) {
    if (result.verdict == Verdict::kPass) continue;
    text += "  " + result.id + " " + std::string(verdict_name(result.verdict)) + "\n";
    text += "    expected: " + result.expected + "\n";
    text += "    seen:     " + result.seen + "\n";
    for (const std::string& line : result.evidence)
      text += "    | " + line + "\n";
  }
  text += "  everything: " + directory + "\n";
  text += "  again:      " + command + "\n";
  return text;
}

}  // namespace halfopen
