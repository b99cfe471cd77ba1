// A triage for the person who was woken, and for programs.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "harness/model/triage/triage.hpp"

namespace halfopen {

[[nodiscard]] std::string triage_text(const Triage& triage);
[[nodiscard]] boost::json::object to_json(const Triage& triage);

}  // namespace halfopen
