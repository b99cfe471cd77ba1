// How a time attribute is answered: as Toxiproxy's whole number where it is one, else with its
// unit.
#pragma once

#include <boost/json/value.hpp>

#include "base/duration_text.hpp"

namespace halfopen {

[[nodiscard]] inline boost::json::value written_delay(Duration delay, Duration unit) {
  if (delay % unit == Duration{0}) return delay / unit;
  return boost::json::value(format_duration(delay));
}

}  // namespace halfopen
