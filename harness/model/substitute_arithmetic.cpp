#include "harness/model/substitute_arithmetic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/duration_text.hpp"

namespace halfopen {
namespace {

constexpr int kDepthMax = 32;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_";
constexpr std::string_view kLettersAndDigits = "abcdefghijklmnopqrstuvwxyz_0123456789";
constexpr std::string_view kNoMeaning =
    " has no meaning; expected two durations or two numbers, or a duration * or / a number";
constexpr double kNanosecondsMax = 9e18;   // below the largest int64
constexpr double kExactIntegerMax = 9e15;  // below 2^53

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

std::string number_text(double number) {
  if (number == std::trunc(number) && std::abs(number) < kExactIntegerMax) {
    return std::to_string(static_cast<long long>(number));
  }
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

Result<Quantity> make_number(double number) {
  if (!std::isfinite(number)) return Problem{"the number is too large"};
  return Quantity{Quantity::Kind::kNumber, number, {}, number_text(number), false};
}

Result<Quantity> make_duration(double nanoseconds) {
  if (!(std::abs(nanoseconds) < kNanosecondsMax)) return Problem{"the duration is too long"};
  const Duration duration{std::llround(nanoseconds)};
  return Quantity{Quantity::Kind::kDuration, 0, duration, format_duration(duration), false};
}

std::string describe(const Quantity& quantity) {
  switch (quantity.kind) {
    case Quantity::Kind::kNumber:
      return "the number " + quantity.text;
    case Quantity::Kind::kDuration:
      return "the duration " + quantity.text;
    case Quantity::Kind::kText:
      return "the text \"" + quantity.text + "\"";
  }
  return quantity.text;
}

Result<Quantity> apply(char operation, const Quantity& left, const Quantity& right) {
  using Kind = Quantity::Kind;
  const double left_value =
      left.kind == Kind::kDuration ? static_cast<double>(left.duration.count()) : left.number;
  const double right_value =
      right.kind == Kind::kDuration ? static_cast<double>(right.duration.count()) : right.number;
  const bool calculable = left.kind != Kind::kText && right.kind != Kind::kText;
  if (operation == '/' && calculable && right_value == 0) return Problem{"a division by zero"};
  const bool numbers = left.kind == Kind::kNumber && right.kind == Kind::kNumber;
  const bool durations = left.kind == Kind::kDuration && right.kind == Kind::kDuration;
  if (operation == '+' && numbers) return make_number(left_value + right_value);
  if (operation == '-' && numbers) return make_number(left_value - right_value);
  if (operation == '+' && durations) return make_duration(left_value + right_value);
  if (operation == '-' && durations) return make_duration(left_value - right_value);
  if (operation == '*' && numbers) return make_number(left_value * right_value);
  if (operation == '*' && calculable && !durations) return make_duration(left_value * right_value);
  if (operation == '/' && (numbers || durations)) return make_number(left_value / right_value);
  if (operation == '/' && left.kind == Kind::kDuration && right.kind == Kind::kNumber) {
    return make_duration(left_value / right_value);
  }
  return Problem{describe(left), " ", std::string(1, operation), " ", describe(right), kNoMeaning};
}

// Recursive descent over the text: sum of products of factors.
class Calculation {
 public:
  Calculation(std::string_view text, const VariableLookup& lookup) : text_(text), lookup_(lookup) {}

  Result<Quantity> run() {
    HALFOPEN_TRY(result, sum());
    if (next() != '\0') return unexpected("an operator (+ - * /) or the end");
    return result;
  }

 private:
  // The next character that is not a space; '\0' at the end.
  char next() {
    while (at_ < text_.size() && text_[at_] == ' ')
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  Problem unexpected(const std::string& expected) {
    const char found = next();
    return Problem{"expected ", expected, " but found ",
                   found == '\0' ? "the end" : "\"" + std::string(1, found) + "\""};
  }

  Result<Quantity> sum() {
    HALFOPEN_TRY(left, product());
    for (char operation = next(); operation == '+' || operation == '-'; operation = next()) {
      ++at_;
      HALFOPEN_TRY(right, product());
      HALFOPEN_TRY(combined, apply(operation, left, right));
      left = std::move(combined);
    }
    return left;
  }

  Result<Quantity> product() {
    HALFOPEN_TRY(left, factor());
    for (char operation = next(); operation == '*' || operation == '/'; operation = next()) {
      ++at_;
      HALFOPEN_TRY(right, factor());
      HALFOPEN_TRY(combined, apply(operation, left, right));
      left = std::move(combined);
    }
    return left;
  }

  Result<Quantity> factor() {
    const char first = next();
    if (first == '(' || first == '-') {
      if (depth_ == kDepthMax) return Problem{"the calculation is nested too deep"};
      ++at_;
      ++depth_;
      Result<Quantity> inner = first == '(' ? group() : negative();
      --depth_;
      return inner;
    }
    if (first >= '0' && first <= '9') return literal();
    if (first != '\0' && kLetters.find(first) != std::string_view::npos) {
      return lookup_(std::string(take(kLettersAndDigits)));
    }
    return unexpected("a variable, a number or a duration");
  }

  Result<Quantity> group() {
    HALFOPEN_TRY(inner, sum());
    if (next() != ')') return unexpected("\")\"");
    ++at_;
    return inner;
  }

  Result<Quantity> negative() {
    HALFOPEN_TRY(inner, factor());
    return apply('*', Quantity{Quantity::Kind::kNumber, -1, {}, "-1", false}, inner);
  }

  Result<Quantity> literal() {
    const std::string word(take("abcdefghijklmnopqrstuvwxyz_0123456789."));
    Quantity quantity = quantity_of(word, false);
    if (quantity.kind == Quantity::Kind::kText) {
      return Problem{"\"", word, "\" is neither a number nor a duration such as 250ms or 1m30s"};
    }
    return quantity;
  }

  std::string_view take(std::string_view allowed) {
    const std::size_t end = std::min(text_.find_first_not_of(allowed, at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }

  std::string_view text_;
  const VariableLookup& lookup_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Quantity quantity_of(const std::string& text, bool quoted) {
  Quantity quantity;
  quantity.text = text;
  quantity.quoted = quoted;
  if (const auto number = number_of(text); number && !quoted) {
    quantity.kind = Quantity::Kind::kNumber;
    quantity.number = *number;
  } else if (const auto duration = parse_duration(text); duration && !number) {
    quantity.kind = Quantity::Kind::kDuration;
    quantity.duration = *duration;
  }
  return quantity;
}

Result<Quantity> calculate(std::string_view text, const VariableLookup& lookup) {
  return Calculation(text, lookup).run();
}

bool is_variable_name(std::string_view text) {
  return !text.empty() && kLetters.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(kLettersAndDigits) == std::string_view::npos;
}

}  // namespace halfopen
