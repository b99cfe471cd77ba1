// Verdicts, and what a person needs to believe them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace halfopen {

enum class Verdict : std::uint8_t { kPass, kFail, kInconclusive };

[[nodiscard]] std::string_view verdict_name(Verdict verdict);  // PASS, FAIL, INCONCLUSIVE

// One of several things that an expectation asks for, each of which holds or fails for itself.
struct ExpectationPart {
  std::string name;  // a checker or an alert, as parts_of() calls it
  Verdict verdict = Verdict::kInconclusive;
  std::string seen;
  Instant moment;
  std::vector<std::string> evidence{};
};

struct ExpectationResult {
  std::string id;
  Verdict verdict = Verdict::kInconclusive;
  std::string expected;  // the expectation's own text
  std::string seen;      // one line: what was observed instead, or the fact that satisfied it
  Instant moment;        // when it was decided
  std::vector<std::string> evidence;     // events around the moment, a line each
  std::string kernel;                    // what the kernel had said of the connection by then
  std::vector<ExpectationPart> parts{};  // of an expectation that has any; the judge's alone
};

// FAIL if any failed, else INCONCLUSIVE if any was, else PASS.
[[nodiscard]] Verdict combine(const std::vector<ExpectationResult>& results);
[[nodiscard]] Verdict combine_parts(const std::vector<ExpectationPart>& parts);

}  // namespace halfopen
