#include "harness/model/record.hpp"

#include <boost/json/value.hpp>
#include <cmath>

namespace halfopen {

std::string Event::text(std::string_view field) const {
  const boost::json::value* value = fields.if_contains(field);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::uint64_t> Event::count(std::string_view field) const {
  const boost::json::value* value = fields.if_contains(field);
  if (value == nullptr) return std::nullopt;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) {
    return static_cast<std::uint64_t>(value->get_int64());
  }
  return std::nullopt;
}

std::optional<Duration> Event::milliseconds(std::string_view field) const {
  const boost::json::value* value = fields.if_contains(field);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code not_a_number;
  const auto milliseconds = value->to_number<double>(not_a_number);
  constexpr double kLongest = 1e12;  // three decades; more would not fit
  if (not_a_number || !(std::abs(milliseconds) < kLongest)) return std::nullopt;
  return Duration{std::llround(milliseconds * 1e6)};
}

}  // namespace halfopen
