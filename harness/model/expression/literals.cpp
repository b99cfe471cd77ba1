#include "harness/model/expression/literals.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "harness/model/expression/lexer.hpp"

namespace halfopen::expression {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexadecimalDigits = "0123456789abcdefABCDEF";

bool is_hexadecimal(std::string_view text) {
  return text.starts_with("0x") || text.starts_with("0X");
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

// The whole of `text` as an integer that fits into 64 signed bits.
std::optional<double> integer(std::string_view text, int base) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return static_cast<double>(value);
}

struct DurationUnit {
  std::string_view name;
  std::int64_t milliseconds;
};
// "ms" stands before "m" so that it is not cut short.
constexpr std::array<DurationUnit, 7> kUnits{{{"y", 365LL * 86'400'000},
                                              {"w", 7LL * 86'400'000},
                                              {"d", 86'400'000},
                                              {"h", 3'600'000},
                                              {"ms", 1},
                                              {"m", 60'000},
                                              {"s", 1'000}}};
constexpr std::int64_t kDurationMillisecondsMax =
    std::chrono::duration_cast<std::chrono::milliseconds>(kDurationMax).count();

void append_utf8(std::string& text, std::uint32_t point) {
  const auto put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6U));
    put(0x80 | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12U));
    put(0x80 | ((point >> 6U) & 0x3FU));
    put(0x80 | (point & 0x3FU));
  } else {
    put(0xF0 | (point >> 18U));
    put(0x80 | ((point >> 12U) & 0x3FU));
    put(0x80 | ((point >> 6U) & 0x3FU));
    put(0x80 | (point & 0x3FU));
  }
}

// Reads what follows a backslash from the front of `rest` and appends what it stands for. Octal and
// \x name a byte, \u and \U a character. False for an escape that PromQL does not have.
bool append_escape(std::string& text, std::string_view& rest, char quote) {
  if (rest.empty()) return false;
  const char first = rest.front();
  constexpr std::string_view kEscapes = "abfnrtv\\";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\";
  if (const std::size_t which = kEscapes.find(first); which != std::string_view::npos) {
    text += kMeanings[which];
    rest.remove_prefix(1);
    return true;
  }
  if (first == quote) {
    text += quote;
    rest.remove_prefix(1);
    return true;
  }
  const bool octal = first >= '0' && first <= '7';
  std::size_t digits = 0;
  if (octal) digits = 3;
  if (first == 'x') digits = 2;
  if (first == 'u') digits = 4;
  if (first == 'U') digits = 8;
  if (digits == 0) return false;
  if (!octal) rest.remove_prefix(1);
  if (rest.size() < digits) return false;
  std::uint32_t point = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + digits, point, octal ? 8 : 16);
  if (parsed.ec != std::errc{} || parsed.ptr != rest.data() + digits) return false;
  rest.remove_prefix(digits);
  if (digits <= 3) {
    if (point > 0xFF) return false;
    text += static_cast<char>(point);
    return true;
  }
  if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
  append_utf8(text, point);
  return true;
}

}  // namespace

std::size_t number_length(std::string_view text) {
  std::size_t length = 0;
  const auto accept_run = [&](std::string_view set) {
    length = std::min(text.find_first_not_of(set, length), text.size());
  };
  const auto accept = [&](std::string_view set) {
    if (length == text.size() || set.find(text[length]) == std::string_view::npos) return false;
    ++length;
    return true;
  };
  std::string_view digits = kDigits;
  if (is_hexadecimal(text)) {
    length = 2;
    digits = kHexadecimalDigits;
  }
  accept_run(digits);
  if (accept(".")) accept_run(digits);
  if (accept("eE")) {
    accept("+-");
    accept_run(kDigits);
  }
  return length < text.size() && is_alphanumeric(text[length]) ? 0 : length;
}

std::optional<double> number_value(std::string_view text) {
  if (is_hexadecimal(text)) return integer(text.substr(2), 16);
  if (text.size() > 1 && text.front() == '0') {
    // 010 is octal; 08 and 0.5 are not, and are read as decimals.
    if (const auto octal = integer(text, 8)) return octal;
  }
  if (const auto whole = integer(text, 10)) return whole;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value, std::chars_format::general);
  if (parsed.ptr != end) return std::nullopt;
  if (parsed.ec == std::errc{}) return value;
  // Too small for a double is 0; too large is no number. The exponent's sign tells which.
  const bool small =
      parsed.ec == std::errc::result_out_of_range && text.find('-') != std::string_view::npos;
  return small ? std::optional<double>(0.0) : std::nullopt;
}

std::optional<Duration> duration_value(std::string_view text) {
  std::int64_t total = 0;
  std::int64_t previous_unit = kDurationMillisecondsMax;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
    if (parsed.ec != std::errc{} || count < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const DurationUnit& known) {
      return text.starts_with(known.name);
    });
    if (unit == kUnits.end() || unit->milliseconds >= previous_unit) return std::nullopt;
    if (count > (kDurationMillisecondsMax - total) / unit->milliseconds) return std::nullopt;
    previous_unit = unit->milliseconds;
    total += count * unit->milliseconds;
    text.remove_prefix(unit->name.size());
  }
  return std::chrono::milliseconds(total);
}

Result<StringLiteral> string_value(std::string_view text, std::size_t offset) {
  const char quote = text.front();
  std::string_view rest = text.substr(1);
  StringLiteral literal;
  while (!rest.empty()) {
    const char c = rest.front();
    if (c == '\n' && quote != '`') break;
    const std::size_t position = offset + (text.size() - rest.size());
    rest.remove_prefix(1);
    if (c == quote) {
      literal.length = text.size() - rest.size();
      return literal;
    }
    if (c != '\\' || quote == '`') {
      literal.value += c;
    } else if (!append_escape(literal.value, rest, quote)) {
      return Problem{at_column(position),
                     "this is no escape in a string; write \\\\ for a backslash, or use "
                     "`backticks`, between which nothing is escaped"};
    }
  }
  return Problem{at_column(offset), "this string does not end"};
}

}  // namespace halfopen::expression
