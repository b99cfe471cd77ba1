#include "harness/model/conformance/observation.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <string_view>
#include <utility>

namespace halfopen::conformance {
namespace {

using Status = Observation::Status;
constexpr std::array kStatusNames{
    std::pair{Status::kComplete, std::string_view("complete")},
    std::pair{Status::kStalled, std::string_view("stalled")},
    std::pair{Status::kCannot, std::string_view("cannot")},
    std::pair{Status::kInternal, std::string_view("internal")},
};

Problem malformed(std::string_view what) {
  return Problem{"a worker's observation has no good \"", what, "\""};
}

std::string text_of(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

Duration duration_of(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return Duration{value != nullptr && value->is_int64() ? value->as_int64() : 0};
}

const boost::json::array* array_of(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

}  // namespace

boost::json::object to_json(const Observation& observation) {
  boost::json::array cells;
  for (const Cell& cell : observation.cells)
    cells.push_back(boost::json::object{{"name", cell.name}, {"value", cell.value}});
  boost::json::array times;
  for (const MeasuredTime& time : observation.times)
    times.push_back(boost::json::object{{"name", time.name}, {"nanoseconds", time.value.count()}});
  boost::json::array notes;
  for (const std::string& note : observation.notes)
    notes.emplace_back(note);
  std::string_view status;
  for (const auto& [value, name] : kStatusNames) {
    if (value == observation.status) status = name;
  }
  return {{"status", status},
          {"reason", observation.reason},
          {"cells", std::move(cells)},
          {"times", std::move(times)},
          {"notes", std::move(notes)},
          {"latest_heartbeat_nanoseconds", observation.latest_heartbeat.count()}};
}

Result<Observation> observation_from_json(const boost::json::object& object) {
  Observation observation;
  bool is_known = false;
  for (const auto& [value, name] : kStatusNames) {
    if (text_of(object, "status") != name) continue;
    observation.status = value;
    is_known = true;
  }
  if (!is_known) return malformed("status");
  observation.reason = text_of(object, "reason");
  observation.latest_heartbeat = duration_of(object, "latest_heartbeat_nanoseconds");
  const auto* cells = array_of(object, "cells");
  const auto* times = array_of(object, "times");
  const auto* notes = array_of(object, "notes");
  if (cells == nullptr) return malformed("cells");
  if (times == nullptr) return malformed("times");
  if (notes == nullptr) return malformed("notes");
  for (const auto& value : *cells) {
    if (!value.is_object()) return malformed("cells");
    observation.cells.push_back(
        {text_of(value.as_object(), "name"), text_of(value.as_object(), "value")});
  }
  for (const auto& value : *times) {
    if (!value.is_object()) return malformed("times");
    observation.times.push_back(
        {text_of(value.as_object(), "name"), duration_of(value.as_object(), "nanoseconds")});
  }
  for (const auto& value : *notes) {
    if (!value.is_string()) return malformed("notes");
    observation.notes.emplace_back(value.as_string());
  }
  return observation;
}

}  // namespace halfopen::conformance
