// The small arithmetic inside "${...}": numbers, durations, variables, + - * / and parentheses.
//
// A quantity has a unit or it has none, and the operators keep them apart: 3s + 2s is a duration,
// 2 * 3s is a duration, 6s / 3s is a number, and 3s + 2 is refused rather than guessed at.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

struct Quantity {
  enum class Kind { kNumber, kDuration, kText };
  Kind kind = Kind::kText;
  double number = 0;    // of a number
  Duration duration{};  // of a duration
  std::string text;     // as it is written into the document
  bool quoted = false;  // text that must stay a string, even if it looks like a number
};

// What a piece of text is worth: "3s" a duration, "2.5" a number, anything else text. Quoted text
// may still be a duration (which is text in YAML anyway), but not a number.
[[nodiscard]] Quantity quantity_of(const std::string& text, bool quoted);

using VariableLookup = std::function<Result<Quantity>(const std::string& name)>;

// A lone variable keeps its text and type; a calculation's result is written anew.
[[nodiscard]] Result<Quantity> calculate(std::string_view text, const VariableLookup& lookup);

// Is this a variable's name: [a-z_][a-z0-9_]*?
[[nodiscard]] bool is_variable_name(std::string_view text);

}  // namespace halfopen
