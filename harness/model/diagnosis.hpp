// Which causes fit a log? Ranks the causes by what the log's errors allow, with the evidence for
// and against each, and never claims more certainty than the evidence gives: causes that leave the
// same traces are reported as not distinguishable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/death_story.hpp"

namespace halfopen {

// What an incident's log says, parsed from free text (times, "sent", error names or their
// sentences such as "Broken pipe").
struct LogFacts {
  std::optional<Duration> connected_idle;  // from the connect to the failing broadcast
  bool said_sent = false;                  // a send was reported as successful before the error
  std::vector<std::string> errors;         // errno names in order of appearance
  std::vector<std::string> lines;          // the lines that carried these facts
};
[[nodiscard]] LogFacts read_log(const std::string& text);

// What a cause does to an undefended node, as measured in this run's own cells.
struct CauseFingerprint {
  std::string cause;  // axis value
  std::string title;
  bool measured = false;  // false: the cell was not run, or was not conclusive
  DeathStory story;       // means nothing unless measured
};

enum class Fit : std::uint8_t { kFits, kPossible, kExcluded };

struct RankedCause {
  std::string cause;
  std::string title;
  Fit fit = Fit::kPossible;
  std::vector<std::string> evidence_for;
  std::vector<std::string> evidence_against;
};

struct Diagnosis {
  std::vector<RankedCause> ranking;  // best first; equal fits keep the axis's order
  std::string conclusion;            // one paragraph for a person, with what would decide further
};

[[nodiscard]] Diagnosis diagnose(const LogFacts& log, const std::vector<CauseFingerprint>& causes);

}  // namespace halfopen
