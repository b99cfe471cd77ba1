// A prediction for people and for programs.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "harness/model/prediction/comparison.hpp"
#include "harness/model/prediction/prediction.hpp"

namespace halfopen {

// All that is known of each end, in sentences.
[[nodiscard]] std::string prediction_text(const Prediction& prediction);
// A line an end, for tables of runs.
[[nodiscard]] std::string prediction_lines(const Prediction& prediction, const std::string& indent);
// A cell of a table: "all survive", "n1 to n2 dies, ping_timeout; n2 to n1 dies, nobody".
[[nodiscard]] std::string prediction_cell(const Prediction& prediction);
[[nodiscard]] boost::json::object to_json(const Prediction& prediction);
[[nodiscard]] std::string check_text(const PredictionCheck& check, const std::string& indent);

}  // namespace halfopen
