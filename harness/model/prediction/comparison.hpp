// Prediction beside measurement: what a run was expected to show of each connection, and what it
// showed. A disagreement is reported, not failed: the model may be wrong, or the machine late.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "harness/model/prediction/prediction.hpp"
#include "harness/model/record.hpp"

namespace halfopen {

struct PredictionRow {
  std::string link;
  std::string node;
  std::string peer;
  std::string what;  // "fate", "found by", "found after"
  std::string predicted;
  std::string measured;
  bool agrees = false;
};

struct PredictionCheck {
  std::vector<PredictionRow> rows;
  [[nodiscard]] bool agrees() const;
};

// An end whose fate is unknown, or whose own process the scenario ends, gives no rows.
[[nodiscard]] PredictionCheck compare(const Prediction& prediction, const RunRecord& record);

[[nodiscard]] boost::json::array to_json(const PredictionCheck& check);

}  // namespace halfopen
