// Events as a person reads them: short lines with times counted from the run's start.
#pragma once

#include <string>
#include <vector>

#include "harness/model/record.hpp"

namespace halfopen {

// "+5.212s"
[[nodiscard]] std::string time_text(Instant at, Instant origin);
// "5.0 s", for idle times and the like; below a second "250 ms".
[[nodiscard]] std::string duration_words(Duration duration);

// "+5.212s n1 send to n2: EPIPE (idle 5.0 s)"
[[nodiscard]] std::string event_line(const Event& event, Instant origin);

// The (at most five) events nearest to the moment, in time order.
[[nodiscard]] std::vector<std::string> evidence_around(const RunRecord& record, Instant moment);

}  // namespace halfopen
