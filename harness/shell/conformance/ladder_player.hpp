// Climbs a ladder: many connections through one mapping table, each silent for a little longer than
// the one before, then one byte.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

#include "harness/model/conformance/case.hpp"
#include "harness/model/conformance/ladder.hpp"
#include "harness/shell/conformance/lab.hpp"

namespace halfopen::conformance {

struct Climb {
  std::vector<Rung> rungs;
  Granularity granularity;
  std::vector<std::string> notes;
};

// A beat of the worker's heart that came late: the machine stood still from `at - late` to `at`.
struct LateBeat {
  Instant at;
  Duration late{};
};

// `late_beats` grows meanwhile.
[[nodiscard]] boost::asio::awaitable<Result<Climb>> climb(boost::asio::io_context& context,
                                                          const Case& test, Lab& lab,
                                                          const std::vector<LateBeat>& late_beats);

}  // namespace halfopen::conformance
