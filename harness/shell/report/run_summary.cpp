#include "harness/shell/report/run_summary.hpp"

#include <algorithm>
#include <string_view>

#include "harness/shell/exit_code.hpp"

namespace halfopen {

const RunResult* PlanResults::find(std::size_t plan_run) const {
  const std::string& id = plan->runs[plan_run].id;
  const auto found = std::find_if(runs.begin(), runs.end(),
                                  [&id](const RunResult& run) { return run.run_id == id; });
  return found == runs.end() ? nullptr : &*found;
}

VerdictCounts count_verdicts(const RunSummary& summary) {
  VerdictCounts counts;
  for (const PlanResults& results : summary.plans) {
    for (const RunResult& run : results.runs) {
      counts.passed += run.verdict == Verdict::kPass ? 1 : 0;
      counts.failed += run.verdict == Verdict::kFail ? 1 : 0;
      counts.inconclusive += run.verdict == Verdict::kInconclusive ? 1 : 0;
    }
  }
  return counts;
}

int exit_status(const RunSummary& summary) {
  bool is_internal = false;
  bool is_bad_input = false;
  for (const PlanResults& results : summary.plans) {
    for (const RunResult& run : results.runs) {
      is_internal = is_internal || run.internal_error;
      is_bad_input = is_bad_input || run.bad_input;
    }
  }
  if (summary.was_interrupted) return kExitInterrupted;
  if (is_internal) return kExitInternal;
  if (is_bad_input) return kExitBadInput;
  const VerdictCounts counts = count_verdicts(summary);
  if (counts.failed > 0) return kExitFail;
  return counts.inconclusive > 0 ? kExitInconclusive : kExitPass;
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char character : word)
    quoted += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return quoted + "'";
}

std::string repeat_command(const CommandParts& common, const Plan& plan, const RunResult& run,
                           std::uint64_t seed) {
  std::string command = shell_word(common.program) + " run " + shell_word(plan.file);
  const bool is_repeated = run.repetition > 0;
  if (plan.runs.size() > 1 || is_repeated) command += " --run " + shell_word(full_name(run));
  command += " --seed " + std::to_string(seed);
  for (const std::string& option : common.options)
    command += " " + option;
  return command;
}

}  // namespace halfopen
