#include "harness/model/expression/lexer.hpp"

#include <utility>

#include "base/assert.hpp"
#include "harness/model/expression/literals.hpp"

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
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

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
    if (const std::size_t length = number_length(rest()); length > 0) {
      const auto number = number_value(rest().substr(0, length));
      if (!number) {
        return Problem{at_column(begin), "\"", rest().substr(0, length),
                       "\" is no number that a computer can hold"};
      }
      Token token = finish(TokenKind::kNumber, begin, begin + length);
      token.number = *number;
      return token;
    }
    // A colon may stand in a metric's name, but ends a duration ("5m:1m" is a subquery).
    std::size_t end = begin;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == '.') && text_[end] != ':')
      ++end;
    const auto duration = duration_value(text_.substr(begin, end - begin));
    if (!duration) {
      return Problem{at_column(begin), "\"", text_.substr(begin, end - begin),
                     "\" is neither a number nor a duration such as 5s, 1m30s, 100ms (100 years at "
                     "most)"};
    }
    Token token = finish(TokenKind::kDuration, begin, end);
    token.duration = *duration;
    return token;
  }

  [[nodiscard]] Result<Token> string() {
    HALFOPEN_TRY(literal, string_value(rest(), position_));
    Token token = finish(TokenKind::kString, position_, position_ + literal.length);
    token.text = std::move(literal.value);
    return token;
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
