#include "harness/model/expression/lexer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/assert.hpp"

namespace halfopen::expression {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}
bool is_word(char c) {
  return is_word_start(c) || is_digit(c);
}
// A colon may stand in a metric's name, but ends a duration ("5m:1m" is a subquery).
bool is_unit(char c) {
  return c != ':' && is_word(c);
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct DurationUnit {
  std::string_view name;
  std::int64_t milliseconds;
};
// PromQL's units, longest first; "ms" stands before "m" so that it is not cut short.
constexpr std::array<DurationUnit, 7> kUnits{{{"y", 365LL * 86'400'000},
                                              {"w", 7LL * 86'400'000},
                                              {"d", 86'400'000},
                                              {"h", 3'600'000},
                                              {"ms", 1},
                                              {"m", 60'000},
                                              {"s", 1'000}}};
constexpr std::int64_t kDurationMillisecondsMax = 100LL * 365 * 86'400'000;

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    for (;;) {
      skip_space_and_comments();
      const std::size_t before = position_;
      HALFOPEN_TRY(token, next());
      HALFOPEN_ASSERT(position_ > before || token.kind == TokenKind::kEnd);
      const bool last = token.kind == TokenKind::kEnd;
      tokens.push_back(std::move(token));
      if (last) return tokens;
    }
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(position_); }

  void skip_space_and_comments() {
    while (position_ < text_.size()) {
      if (is_space(text_[position_])) {
        ++position_;
      } else if (text_[position_] == '#') {
        while (position_ < text_.size() && text_[position_] != '\n')
          ++position_;
      } else {
        return;
      }
    }
  }

  Token finish(TokenKind kind, std::size_t begin, std::size_t end) {
    position_ = end;
    return Token{kind, std::string(text_.substr(begin, end - begin)), 0, {}, begin, end};
  }

  [[nodiscard]] Result<Token> next() {
    if (position_ == text_.size()) return finish(TokenKind::kEnd, position_, position_);
    const char first = text_[position_];
    if (is_word_start(first)) {
      std::size_t end = position_;
      while (end < text_.size() && is_word(text_[end]))
        ++end;
      return finish(TokenKind::kWord, position_, end);
    }
    const bool decimal = first == '.' && rest().size() > 1 && is_digit(rest()[1]);
    if (is_digit(first) || decimal) return number_or_duration();
    if (first == '"' || first == '\'' || first == '`') return string();
    for (const std::string_view symbol : {"==", "!=", "=~", "!~", ">=", "<="}) {
      if (rest().starts_with(symbol)) return finish(TokenKind::kSymbol, position_, position_ + 2);
    }
    if (std::string_view("()[]{},=+-*/%^<>:@").find(first) != std::string_view::npos) {
      return finish(TokenKind::kSymbol, position_, position_ + 1);
    }
    return Problem{at_column(position_), "unexpected character \"", std::string(1, first), "\""};
  }

  [[nodiscard]] Result<Token> number_or_duration() {
    const std::size_t begin = position_;
    const char* const start = text_.data() + begin;
    const char* const stop = text_.data() + text_.size();
    double number = 0;
    const char* end = start;
    if (rest().starts_with("0x") || rest().starts_with("0X")) {
      std::uint64_t hexadecimal = 0;
      const auto parsed = std::from_chars(start + 2, stop, hexadecimal, 16);
      if (parsed.ec == std::errc{}) end = parsed.ptr;
      number = static_cast<double>(hexadecimal);
    } else {
      const auto parsed = std::from_chars(start, stop, number, std::chars_format::general);
      if (parsed.ec == std::errc{}) end = parsed.ptr;
    }
    const auto length = static_cast<std::size_t>(end - start);
    const bool word_follows = begin + length < text_.size() && is_unit(text_[begin + length]);
    if (length == 0 || word_follows) return duration();
    Token token = finish(TokenKind::kNumber, begin, begin + length);
    token.number = number;
    return token;
  }

  [[nodiscard]] Result<Token> duration() {
    const std::size_t begin = position_;
    std::size_t end = begin;
    while (end < text_.size() && (is_unit(text_[end]) || text_[end] == '.'))
      ++end;
    std::string_view left = text_.substr(begin, end - begin);
    const Problem malformed{at_column(begin), "\"", left,
                            "\" is neither a number nor a duration such as 5s, 1m30s, 100ms"};
    std::int64_t total = 0;
    std::int64_t previous_unit = kDurationMillisecondsMax;
    while (!left.empty()) {
      std::int64_t count = 0;
      const auto parsed = std::from_chars(left.data(), left.data() + left.size(), count);
      if (parsed.ec != std::errc{}) return malformed;
      left.remove_prefix(static_cast<std::size_t>(parsed.ptr - left.data()));
      const DurationUnit* found = nullptr;
      for (const DurationUnit& unit : kUnits) {
        if (found == nullptr && left.starts_with(unit.name)) found = &unit;
      }
      if (found == nullptr || found->milliseconds >= previous_unit) return malformed;
      if (count < 0 || count > (kDurationMillisecondsMax - total) / found->milliseconds) {
        return malformed;
      }
      previous_unit = found->milliseconds;
      total += count * found->milliseconds;
      left.remove_prefix(found->name.size());
    }
    Token token = finish(TokenKind::kDuration, begin, end);
    token.duration = std::chrono::milliseconds(total);
    return token;
  }

  [[nodiscard]] Result<Token> string() {
    const std::size_t begin = position_;
    const char quote = text_[begin];
    std::string value;
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == quote) {
        Token token = finish(TokenKind::kString, begin, i + 1);
        token.text = std::move(value);
        return token;
      }
      if (c != '\\' || quote == '`') {
        value += c;
        continue;
      }
      ++i;
      const char escaped = i < text_.size() ? text_[i] : '\0';
      constexpr std::string_view kEscapes = "ntr\\'\"";
      constexpr std::string_view kMeanings = "\n\t\r\\'\"";
      const std::size_t which = kEscapes.find(escaped);
      if (which == std::string_view::npos) {
        return Problem{at_column(i - 1),
                       "not in halfopen's subset of PromQL: this escape in a string; write \\\\ "
                       "for a backslash, or use `backticks`"};
      }
      value += kMeanings[which];
    }
    return Problem{at_column(begin), "this string does not end"};
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

std::string at_column(std::size_t offset) {
  return "column " + std::to_string(offset + 1) + ": ";
}

Result<std::vector<Token>> tokenize(std::string_view text) {
  return Lexer(text).run();
}

}  // namespace halfopen::expression
