// Series that a condition looked at and that are gone. Think of a roll call: who answered once must
// answer again, or the rest would speak for those who cannot.
//
// A selector matches whatever is there, so `min(up) == 1` stays true when the one that would have
// said 0 has died. What was never there is not missed, nor is a series that a range still reaches.
#pragma once

#include <string>
#include <vector>

#include "harness/model/expression/syntax.hpp"
#include "harness/model/record.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

// The scenario itself took the node away. Its series are not missed in that time, and afterwards
// only once they were seen again: a new process need not tell all that the old one told.
struct Absence {
  std::string node;
  Interval span;
};
// From the beginning of a restart to its end, and from a stop to the end of the step that heals it,
// or of the run.
[[nodiscard]] std::vector<Absence> planned_absences(const Scenario& scenario,
                                                    const RunRecord& record);

class SeriesWatch {
 public:
  // What stands in absent(), absent_over_time() or present_over_time() is not missed, nor a series
  // of a node that an absent() names (expression/selectors.hpp). Nor are sockets: a state that no
  // socket is in is told by no series.
  SeriesWatch(const Expression& condition, const RunRecord& record,
              const std::vector<Absence>& absences);

  // Names the first series that is gone, and when it was last there; empty: none is.
  [[nodiscard]] std::string missed(Instant at) const;

 private:
  struct Watched {
    const std::string* metric;
    const SeriesStore::Series* series;
    const expression::Selector* selector;
  };
  [[nodiscard]] const Sample* last_before_it_went(const Watched& watched, Instant at) const;
  // Absent then; if not, `since` becomes the end of its last absence.
  [[nodiscard]] bool is_absent(const std::string& node, Instant at, Instant& since) const;

  const RunRecord& record_;
  const std::vector<Absence>& absences_;
  Duration lookback_;
  std::vector<Watched> all_;
};

}  // namespace halfopen
