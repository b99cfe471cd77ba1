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

namespace {

template <class Judged>
Verdict combine_all(const std::vector<Judged>& all) {
  const auto any = [&all](Verdict verdict) {
    return std::any_of(all.begin(), all.end(),
                       [verdict](const Judged& one) { return one.verdict == verdict; });
  };
  if (any(Verdict::kFail)) return Verdict::kFail;
  return any(Verdict::kInconclusive) ? Verdict::kInconclusive : Verdict::kPass;
}

}  // namespace

Verdict combine(const std::vector<ExpectationResult>& results) {
  return combine_all(results);
}

Verdict combine_parts(const std::vector<ExpectationPart>& parts) {
  return combine_all(parts);
}

}  // namespace halfopen
