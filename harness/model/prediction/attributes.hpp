// Settings as JSON, read leniently: what is not there, or not of the wanted form, leaves the
// default. Whoever a setting is for refuses it with a message; a prediction needs no second one.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace halfopen {

[[nodiscard]] std::string word_attribute(const boost::json::object& from, std::string_view key,
                                         std::string_view otherwise);
// An empty object where there is none.
[[nodiscard]] const boost::json::object& object_attribute(const boost::json::object& from,
                                                          std::string_view key);
// Negative durations and those above a decade count as not of the wanted form.
void read_attribute(const boost::json::object& from, std::string_view key, Duration& target);
void read_attribute(const boost::json::object& from, std::string_view key, bool& target);
void read_attribute(const boost::json::object& from, std::string_view key, unsigned& target);

}  // namespace halfopen
