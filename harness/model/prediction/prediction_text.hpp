// A prediction for people and for programs.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "harness/model/prediction/comparison.hpp"
#include "harness/model/prediction/prediction.hpp"

namespace halfopen {

// All that is known of each end, in sentences; ends of which the same is known share them.
[[nodiscard]] std::string prediction_text(const Prediction& prediction);
// A line for the ends that share a fate, for tables of runs.
[[nodiscard]] std::string prediction_lines(const Prediction& prediction, const std::string& indent);
[[nodiscard]] boost::json::object to_json(const Prediction& prediction);
[[nodiscard]] std::string check_text(const PredictionCheck& check, const std::string& indent);

}  // namespace halfopen
