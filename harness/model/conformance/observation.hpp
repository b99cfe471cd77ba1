// What the ends of one case saw in one world, and how it travels from the worker that saw it to
// whoever compares: one JSON object.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/conformance/case.hpp"

namespace halfopen::conformance {

struct MeasuredTime {
  std::string name;
  Duration value{};
};

struct Observation {
  enum class Status : std::uint8_t {
    kComplete,
    kStalled,   // the machine was too late for its times to mean anything
    kCannot,    // the world cannot be set up here, or a fault failed
    kInternal,  // a bug of ours
  };
  Status status = Status::kCannot;
  std::string reason;  // for all but kComplete: what happened, and the remedy
  std::vector<Cell> cells;
  std::vector<MeasuredTime> times;
  std::vector<std::string> notes;  // lines for a person, compared with nothing
  Duration latest_heartbeat{};
};

[[nodiscard]] boost::json::object to_json(const Observation& observation);
[[nodiscard]] Result<Observation> observation_from_json(const boost::json::object& object);

}  // namespace halfopen::conformance
