#include "harness/model/prediction/comparison.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <cstdio>

#include "harness/model/judge_votes.hpp"

namespace halfopen {
namespace {

std::string seconds_text(Duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", to_seconds(duration));
  return text.data();
}

std::string alternatives(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons)
    text += (text.empty() ? "" : " or ") + reason;
  return text.empty() ? "nothing" : text;
}

const Event* first_death(const EndPrediction& end, const RunRecord& record) {
  const auto found =
      std::find_if(record.events.begin(), record.events.end(), [&](const Event& event) {
        const std::string reason = event.text("reason");
        return is_detection(event, end.node, end.peer) && reason != "tie_break" &&
               reason != "removed";
      });
  return found == record.events.end() ? nullptr : &*found;
}

class Comparer {
 public:
  Comparer(const EndPrediction& end, const RunRecord& record, std::vector<PredictionRow>& rows)
      : end_(end), death_(first_death(end, record)), rows_(rows) {}

  void compare() {
    using Fate = EndPrediction::Fate;
    const bool noticed = death_ != nullptr;
    const std::string seen = noticed ? death_->text("reason") : "nothing";
    if (end_.fate == Fate::kSurvives) {
      add("fate", "survives", noticed ? "died: " + seen : "no death was seen", !noticed);
      return;
    }
    const std::vector<std::string> reasons =
        end_.death ? end_.death->reasons : std::vector<std::string>{};
    const bool may_live = end_.fate == Fate::kRaces;
    const bool expected = reasons.empty()
                              ? !noticed
                              : std::find(reasons.begin(), reasons.end(), seen) != reasons.end();
    add("found by", alternatives(reasons) + (may_live ? ", or it lives (a race)" : ""), seen,
        expected || (may_live && !noticed));
    if (noticed && end_.death && !reasons.empty()) compare_time(*end_.death);
  }

 private:
  void add(std::string what, std::string predicted, std::string measured, bool agrees) {
    rows_.push_back({end_.link, end_.node, end_.peer, std::move(what), std::move(predicted),
                     std::move(measured), agrees});
  }

  void compare_time(const ExpectedDeath& death) {
    const auto after = death_->milliseconds("since_life_ms");
    if (!after) return;
    add("found after", seconds_text(death.at_least) + " to " + seconds_text(death.at_most),
        seconds_text(*after), *after >= death.at_least && *after <= death.at_most);
  }

  const EndPrediction& end_;
  const Event* death_;
  std::vector<PredictionRow>& rows_;
};

}  // namespace

bool PredictionCheck::agrees() const {
  return std::all_of(rows.begin(), rows.end(), [](const PredictionRow& row) { return row.agrees; });
}

PredictionCheck compare(const Prediction& prediction, const RunRecord& record) {
  PredictionCheck check;
  for (const EndPrediction& end : prediction.ends) {
    if (end.fate == EndPrediction::Fate::kUnknown || end.ends_itself) continue;
    Comparer(end, record, check.rows).compare();
  }
  return check;
}

boost::json::array to_json(const PredictionCheck& check) {
  boost::json::array rows;
  for (const PredictionRow& row : check.rows) {
    rows.push_back(boost::json::object{{"link", row.link},
                                       {"node", row.node},
                                       {"peer", row.peer},
                                       {"what", row.what},
                                       {"predicted", row.predicted},
                                       {"measured", row.measured},
                                       {"agrees", row.agrees}});
  }
  return rows;
}

}  // namespace halfopen
