#include "harness/model/prediction/attributes.hpp"

#include <boost/json/value.hpp>

#include "base/duration_text.hpp"

namespace halfopen {
namespace {

constexpr Duration kLongest = std::chrono::hours(24 * 3660);
constexpr std::int64_t kCountMax = 1'000'000;

}  // namespace

std::string word_attribute(const boost::json::object& from, std::string_view key,
                           std::string_view otherwise) {
  const boost::json::value* value = from.if_contains(key);
  return std::string(value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                            : otherwise);
}

const boost::json::object& object_attribute(const boost::json::object& from, std::string_view key) {
  static const boost::json::object kEmpty;
  const boost::json::value* value = from.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : kEmpty;
}

void read_attribute(const boost::json::object& from, std::string_view key, Duration& target) {
  const boost::json::value* value = from.if_contains(key);
  if (value == nullptr || !value->is_string()) return;
  const auto duration = parse_duration(std::string_view(value->get_string()));
  if (duration.has_value() && *duration >= Duration{0} && *duration <= kLongest) target = *duration;
}

void read_attribute(const boost::json::object& from, std::string_view key, bool& target) {
  const boost::json::value* value = from.if_contains(key);
  if (value != nullptr && value->is_bool()) target = value->get_bool();
}

void read_attribute(const boost::json::object& from, std::string_view key, unsigned& target) {
  const boost::json::value* value = from.if_contains(key);
  if (value == nullptr || !value->is_int64()) return;
  const std::int64_t number = value->get_int64();
  if (number >= 0 && number <= kCountMax) target = static_cast<unsigned>(number);
}

}  // namespace halfopen
