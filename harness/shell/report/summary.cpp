#include "harness/shell/report/summary.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <vector>

namespace halfopen {
namespace {

constexpr std::size_t kLabelWidth = 12;  // "  expected: "
constexpr std::size_t kFoldedMin = 30;

// Breaks at spaces; what goes on stands under the text and not under its label.
std::string labelled(const std::string& label, const std::string& text, std::size_t width) {
  std::string line = "  " + label + ":";
  line.resize(std::max(kLabelWidth, line.size() + 1), ' ');
  const std::size_t room = std::max(kFoldedMin, width > kLabelWidth ? width - kLabelWidth : 0);
  std::size_t at = 0;
  while (text.size() - at > room) {
    std::size_t cut = text.rfind(' ', at + room);
    if (cut == std::string::npos || cut <= at) cut = text.find(' ', at + room);
    if (cut == std::string::npos) break;
    line += text.substr(at, cut - at) + "\n" + std::string(kLabelWidth, ' ');
    at = cut + 1;
  }
  return line + text.substr(at) + "\n";
}

const ExpectationResult* worst(const RunResult& run) {
  const ExpectationResult* found = nullptr;
  for (const ExpectationResult& result : run.expectations) {
    if (result.verdict == Verdict::kPass) continue;
    // The first that failed; where none did, the first that could not be decided.
    const bool is_better = found == nullptr || (found->verdict == Verdict::kInconclusive &&
                                                result.verdict == Verdict::kFail);
    if (is_better) found = &result;
  }
  return found;
}

// "; so did stored, delivered"
std::string others(const RunResult& run, const ExpectationResult& told) {
  std::string names;
  for (const ExpectationResult& result : run.expectations) {
    if (&result == &told || result.verdict != told.verdict) continue;
    names += (names.empty() ? "" : ", ") + result.id;
  }
  if (names.empty()) return "";
  return told.verdict == Verdict::kFail ? "; also failed: " + names : "; also: " + names;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += (text.empty() ? "" : " | ") + line;
  return text.empty() ? "no event was written" : text;
}

}  // namespace

std::string run_line(const RunResult& run) {
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%6.1f s", run.seconds);
  std::string verdict(run.is_left_out ? "NOT RUN" : verdict_name(run.verdict));
  verdict.resize(13, ' ');
  return verdict + seconds.data() + "  " + full_name(run);
}

std::string why(const RunResult& run, std::size_t width) {
  const bool is_good = run.verdict == Verdict::kPass && !run.internal_error;
  if (is_good && run.note.empty()) return "";
  std::string text = run_line(run) + "\n";
  if (!run.note.empty()) text += labelled("note", run.note, width);
  if (is_good) return text;
  if (!run.reason.empty()) text += labelled("why", run.reason, width);
  if (run.reason.empty() && !run.headline.empty()) text += labelled("why", run.headline, width);
  const ExpectationResult* told = run.is_left_out ? nullptr : worst(run);
  if (told != nullptr) {
    text += labelled("expected", told->id + ": " + told->expected, width);
    text += labelled("seen", told->seen + others(run, *told), width);
    text += labelled("around", joined(told->evidence), width);
  }
  if (!run.is_left_out) {
    const std::string kernel = told != nullptr && !told->kernel.empty()
                                   ? told->kernel + "; all of it in "
                                   : "all of it in ";
    text += labelled("evidence", kernel + run.directory, width);
  }
  return text + labelled("again", run.again, 0x7fffffff);  // to be copied: never folded
}

std::string flake_text(const RunSummary& summary) {
  unsigned repeated = 0;
  std::string lines;
  unsigned flaky = 0;
  for (const PlanResults& results : summary.plans) {
    std::map<std::string, std::array<unsigned, 3>> counts;
    std::vector<std::string> order;
    for (const RunResult& run : results.runs) {
      if (run.is_left_out) continue;
      if (!counts.contains(run.run_id)) order.push_back(run.run_id);
      ++counts[run.run_id].at(static_cast<std::size_t>(run.verdict));
    }
    for (const std::string& id : order) {
      const auto [passed, failed, inconclusive] = counts.at(id);
      const unsigned all = passed + failed + inconclusive;
      if (all < 2) continue;
      ++repeated;
      if (passed == all || failed == all || inconclusive == all) continue;
      ++flaky;
      std::array<char, 160> text{};
      std::snprintf(text.data(), text.size(),
                    "FLAKY  %3u of %u passed, %u failed, %u inconclusive  ", passed, all, failed,
                    inconclusive);
      lines += text.data() + id + "\n";
    }
  }
  if (repeated == 0) return "";
  std::array<char, 120> sum{};
  std::snprintf(sum.data(), sum.size(), "%u of %u repeated runs changed their verdict (%.1f %%)\n",
                flaky, repeated, 100.0 * flaky / repeated);
  return lines + sum.data();
}

std::string left_out_text(const RunSummary& summary) {
  constexpr std::size_t kNamesMax = 3;
  std::vector<std::string> reasons;
  std::map<std::string, std::vector<std::string>> names_of;
  for (const PlanResults& results : summary.plans) {
    for (const RunResult& run : results.runs) {
      if (!run.is_left_out) continue;
      if (!names_of.contains(run.reason)) reasons.push_back(run.reason);
      names_of[run.reason].push_back(full_name(run));
    }
  }
  std::string text;
  for (const std::string& reason : reasons) {
    const std::vector<std::string>& names = names_of.at(reason);
    text += std::to_string(names.size()) + (names.size() == 1 ? " run " : " runs ") + reason + ": ";
    for (std::size_t index = 0; index < std::min(names.size(), kNamesMax); ++index)
      text += (index == 0 ? "" : ", ") + names[index];
    text += names.size() > kNamesMax ? ", ...\n" : "\n";
  }
  return text;
}

std::string prediction_text(const RunSummary& summary) {
  constexpr std::size_t kShownMax = 10;
  std::size_t made = 0;
  std::size_t wrong = 0;
  std::string lines;
  for (const PlanResults& results : summary.plans) {
    for (const RunResult& run : results.runs) {
      made += run.predictions;
      for (const std::string& line : run.mispredictions) {
        if (++wrong <= kShownMax) lines += "  " + full_name(run) + ": " + line + "\n";
      }
    }
  }
  if (made == 0) return "";
  if (wrong > kShownMax) lines += "  and " + std::to_string(wrong - kShownMax) + " more\n";
  return "What halfopen explain predicts came true in " + std::to_string(made - wrong) + " of " +
         std::to_string(made) + " facts" + (wrong > 0 ? "; not in\n" + lines : ".\n");
}

std::string sum_text(const RunSummary& summary) {
  const VerdictCounts counts = count_verdicts(summary);
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(),
                "%u passed, %u failed, %u inconclusive%s in %.1f s, seed %llu", counts.passed,
                counts.failed, counts.inconclusive,
                summary.world == "kernel" ? " in the kernel world" : "", summary.seconds,
                static_cast<unsigned long long>(summary.seed));
  return text.data();
}

}  // namespace halfopen
