// A fault's attributes read from JSON: every error says where, what was expected and what was
// there, and a key that nobody asked for is an error that lists the known ones.
//
// Reading keeps the first problem and goes on with defaults, so a fault's parser is a plain list of
// its fields; finish() answers the problem.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/duration_text.hpp"
#include "base/result.hpp"

namespace halfopen {

class Attributes {
 public:
  // `object` must outlive this. `where` names the object in errors: "attributes".
  Attributes(const boost::json::object& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  [[nodiscard]] Duration duration(std::string_view key, Duration fallback);
  // A whole number, as JSON writes one: neither 1.5 nor "100". null is as if it were not there.
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback);
  // A whole number of `unit`s, as in Toxiproxy's attributes, or a duration with its own unit.
  // Either way at most kLongestDelay in size, so that no sum of times overflows.
  static constexpr Duration kLongestDelay = std::chrono::hours(365 * 24);
  [[nodiscard]] Duration delay(std::string_view key, Duration unit);
  // Must be there and positive.
  [[nodiscard]] Duration positive_duration(std::string_view key);

  // true or false.
  [[nodiscard]] bool flag(std::string_view key, bool fallback);
  // A whole number from 0 on.
  [[nodiscard]] std::uint64_t count(std::string_view key, std::uint64_t fallback);
  // "" when it is not there.
  [[nodiscard]] std::string text(std::string_view key);

  template <class Enum>
  using Choices = std::initializer_list<std::pair<std::string_view, Enum>>;
  // One of a fixed set of words.
  template <class Enum>
  [[nodiscard]] Enum choice(std::string_view key, Enum fallback, const Choices<Enum>& choices) {
    const boost::json::value* value = take(key);
    if (value == nullptr) return fallback;
    std::vector<std::string_view> words;
    for (const auto& [word, meaning] : choices) {
      if (value->is_string() && value->get_string() == word) return meaning;
      words.push_back(word);
    }
    expected_one_of(key, words, *value);
    return fallback;
  }
  // The nested object, if the value is one.
  [[nodiscard]] const boost::json::object* nested(std::string_view key);
  [[nodiscard]] bool contains(std::string_view key) const { return object_.contains(key); }

  // Takes over the problem of a reader of a nested object.
  void adopt(const Result<void>& result);
  void expected(std::string_view key, std::string_view what, const boost::json::value& found);
  // The first problem, or an unknown key.
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] std::string path_of(std::string_view key) const;

 private:
  [[nodiscard]] const boost::json::value* take(std::string_view key);
  void expected_one_of(std::string_view key, const std::vector<std::string_view>& words,
                       const boost::json::value& found);

  const boost::json::object& object_;
  std::string where_;
  std::vector<std::string_view> known_;
  std::optional<Problem> problem_;
};

}  // namespace halfopen
