// What a worker tells the coordinator when its run is over, as one JSON line.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/model/death_story.hpp"
#include "harness/model/verdict.hpp"

namespace halfopen {

struct RunResult {
  std::string run_id;
  Verdict verdict = Verdict::kInconclusive;
  std::string reason;           // for a verdict that no expectation explains: why, and the remedy
  bool bad_input = false;       // the scenario's own files or programs cannot work: exit 64
  bool internal_error = false;  // exit 70
  bool stalled = false;         // the machine was too late; worth one more try, alone
  std::vector<ExpectationResult> expectations;
  std::optional<DeathStory> story;
  std::string note;  // what a reader should know whatever the verdict; empty for nothing
  double seconds = 0;
  unsigned predictions = 0;                 // how many facts `halfopen explain` foretells of it
  std::vector<std::string> mispredictions;  // those that came otherwise, a line each
  // What the coordinator knows; the worker does not send it.
  unsigned repetition = 0;   // 0 for the first time that the run is played, 1 for the second ...
  std::uint64_t seed = 0;    // of this one run
  bool is_left_out = false;  // never started; `reason` says why
  std::string directory;     // where it left everything
  std::string headline;      // the report's sentence: what died when, of what, who found it
  std::string again;         // the command that plays it again
};

// The run's id, and which repetition it was: "name", "name#2".
[[nodiscard]] std::string full_name(const RunResult& result);

[[nodiscard]] boost::json::object to_json(const RunResult& result);
[[nodiscard]] Result<RunResult> run_result_from_json(const boost::json::object& object);

}  // namespace halfopen
