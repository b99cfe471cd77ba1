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

// What an incident's log says, parsed from free text (times as HH:MM:SS or RFC 3339, words such as
// "connected", "broadcast", "sent", and errors by name or by sentence: EPIPE, "Broken pipe").
struct LogFacts {
  std::optional<Duration> connected_idle;  // the longest silence between the last connect before
                                           // the first error, broadcasts and that error
  std::optional<Duration> since_connect;   // from that connect to the first error (or to the last
                                           // fact, where there is no error)
  std::optional<Duration> since_start;     // from the program's start: not idle time
  bool said_sent = false;                  // a send was reported as successful before the error
  std::vector<std::string> errors;         // errno names, each where it first appears
  std::vector<std::string> lines;          // the lines that carried these facts
};
// Takes any text; what it does not understand it leaves out. Looks at the first MiB.
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
  std::string excluded_while;  // the condition under which kExcluded holds; empty: always
  std::vector<std::string> evidence_for;
  std::vector<std::string> evidence_against;
};

struct Diagnosis {
  std::vector<RankedCause> ranking;  // best first; equal fits keep the axis's order
  std::string conclusion;            // one paragraph for a person, with what would decide further
};

[[nodiscard]] Diagnosis diagnose(const LogFacts& log, const std::vector<CauseFingerprint>& causes);

}  // namespace halfopen
