// Numbers, durations and strings as PromQL writes them. The lexer decides where one begins; what
// it is worth, and where it ends, is decided here.
//
// PromQL's lexer is Go's in places, and so are its surprises: 010 is 8, 0x1e5 is hexadecimal to its
// end, 1e400 is no number, and '\'' is an error between double quotes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen::expression {

// How many characters at the start of `text` are a number by their shape, which is PromQL's: digits
// (hexadecimal ones after 0x), a point, an exponent. 0 when a letter follows directly: then it is
// a duration or nothing.
[[nodiscard]] std::size_t number_length(std::string_view text);
// The value of such a shape. Nothing where it has none, such as 1e, 0x or 1e400.
[[nodiscard]] std::optional<double> number_value(std::string_view text);

// 5s, 1h30m, 100ms: units from the largest to the smallest, each once. Nothing for another shape.
// Longer than kDurationMax is an error of its own, so that no time can overflow.
inline constexpr Duration kDurationMax = std::chrono::hours(24) * 365 * 100;
[[nodiscard]] std::optional<Duration> duration_value(std::string_view text);

struct StringLiteral {
  std::string value;
  std::size_t length = 0;  // with its quotes
};
// `text` begins with a quote: ", ' or `. Errors begin with "column N: ", as if `text` began at
// `offset` of an expression.
[[nodiscard]] Result<StringLiteral> string_value(std::string_view text, std::size_t offset);

}  // namespace halfopen::expression
