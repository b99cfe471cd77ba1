#include "proxy/core/attributes.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/near_name.hpp"

namespace halfopen {
namespace {

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace

std::string Attributes::path_of(std::string_view key) const {
  return where_ + "." + std::string(key);
}

const boost::json::value* Attributes::take(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  return object_.if_contains(key);
}

void Attributes::expected(std::string_view key, std::string_view what,
                          const boost::json::value& found) {
  if (problem_) return;
  problem_ = Problem{path_of(key), ": expected ", what, ", got ", boost::json::serialize(found)};
}

void Attributes::expected_one_of(std::string_view key, const std::vector<std::string_view>& words,
                                 const boost::json::value& found) {
  if (problem_) return;
  expected(key, (words.size() == 1 ? "" : "one of ") + joined(words), found);
  if (!found.is_string()) return;
  const std::string near = near_name(found.get_string(), {words.begin(), words.end()});
  if (!near.empty()) problem_->text += "; did you mean \"" + near + "\"?";
}

Duration Attributes::duration(std::string_view key, Duration fallback) {
  const boost::json::value* value = take(key);
  if (value == nullptr) return fallback;
  if (value->is_string()) {
    const auto parsed = parse_duration(std::string_view(value->get_string()));
    if (parsed.has_value()) return *parsed;
  }
  const bool is_negative = value->is_string() && value->get_string().starts_with('-');
  expected(key,
           is_negative ? "a duration from zero on"
                       : "a duration with its unit in quotes, such as \"3s\" or \"250ms\"",
           *value);
  return fallback;
}

std::int64_t Attributes::integer(std::string_view key, std::int64_t fallback) {
  const boost::json::value* value = take(key);
  if (value == nullptr || value->is_null()) return fallback;
  if (value->is_int64()) return value->get_int64();
  expected(key, "a whole number of at most 63 bits", *value);
  return fallback;
}

Duration Attributes::delay(std::string_view key, Duration unit) {
  const boost::json::value* value = take(key);
  if (value == nullptr || value->is_null()) return Duration{0};
  std::optional<Duration> read;
  if (value->is_int64()) {
    const std::int64_t units = value->get_int64();
    const std::int64_t most = kLongestDelay / unit;
    if (units >= -most && units <= most) read = units * unit;
  } else if (value->is_string()) {
    const auto parsed = parse_duration(std::string_view(value->get_string()));
    if (parsed.has_value() && *parsed <= kLongestDelay) read = *parsed;
  }
  if (!read) {
    expected(
        key,
        "a whole number of " +
            std::string(unit == std::chrono::milliseconds(1) ? "milliseconds" : "microseconds") +
            " or a duration with its unit in quotes, such as \"1.5ms\", of at most a year",
        *value);
  }
  return read.value_or(Duration{0});
}

Duration Attributes::positive_duration(std::string_view key) {
  const Duration value = duration(key, Duration{0});
  if (value > Duration{0} || problem_) return value;
  if (const auto* found = object_.if_contains(key)) {
    expected(key, "a duration above zero", *found);
  } else {
    problem_ = Problem{path_of(key), ": missing, expected a duration such as \"3s\""};
  }
  return value;
}

bool Attributes::flag(std::string_view key, bool fallback) {
  const boost::json::value* value = take(key);
  if (value == nullptr) return fallback;
  if (value->is_bool()) return value->get_bool();
  expected(key, "true or false", *value);
  return fallback;
}

std::uint64_t Attributes::count(std::string_view key, std::uint64_t fallback) {
  const boost::json::value* value = take(key);
  if (value == nullptr) return fallback;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) {
    return static_cast<std::uint64_t>(value->get_int64());
  }
  expected(key, "a whole number from 0 on", *value);
  return fallback;
}

std::string Attributes::text(std::string_view key) {
  const boost::json::value* value = take(key);
  if (value == nullptr) return "";
  if (value->is_string()) return std::string(value->get_string());
  expected(key, "a text", *value);
  return "";
}

const boost::json::object* Attributes::nested(std::string_view key) {
  const boost::json::value* value = take(key);
  return value == nullptr ? nullptr : value->if_object();
}

void Attributes::adopt(const Result<void>& result) {
  if (!problem_ && result.has_error()) problem_ = result.error();
}

Result<void> Attributes::finish() {
  if (problem_) return *problem_;
  for (const auto& [key, value] : object_) {
    const std::string_view name = key;
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    return Problem{path_of(name), ": unknown attribute, expected ",
                   known_.empty() ? "none" : joined(known_)};
  }
  return {};
}

}  // namespace halfopen
