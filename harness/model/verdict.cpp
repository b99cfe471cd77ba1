#include "harness/model/verdict.hpp"

#include <algorithm>

namespace halfopen {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "PASS";
    case Verdict::kFail:
      return "FAIL";
    case Verdict::kInconclusive:
      return "INCONCLUSIVE";
  }
  return "?";
}

Verdict combine(const std::vector<ExpectationResult>& results) {
  const auto any = [&results](Verdict verdict) {
    return std::any_of(results.begin(), results.end(),
                       [verdict](const auto& result) { return result.verdict == verdict; });
  };
  if (any(Verdict::kFail)) return Verdict::kFail;
  return any(Verdict::kInconclusive) ? Verdict::kInconclusive : Verdict::kPass;
}

}  // namespace halfopen
