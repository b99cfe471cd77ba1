// The parser's finger on the tokens, and the sentences in which it says what is wrong there.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "harness/model/expression/lexer.hpp"

namespace halfopen::expression {

// Words of the language are the same in any case.
[[nodiscard]] std::string lower(std::string text);

// "column N: " and the text.
[[nodiscard]] Problem problem(const Token& token, std::string_view text);
// For what PromQL has and halfopen has not.
[[nodiscard]] Problem outside(const Token& token, std::string_view what);
[[nodiscard]] Problem expected(const Token& token, std::string_view what);

class TokenReader {
 public:
  // The last token is kEnd, and is never passed.
  explicit TokenReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const Token& peek() const { return tokens_[position_]; }
  Token take();
  // Where the token that was taken last ends.
  [[nodiscard]] std::size_t end_of_taken() const {
    return position_ == 0 ? 0 : tokens_[position_ - 1].end;
  }

  [[nodiscard]] bool is_symbol(std::string_view symbol) const {
    return peek().kind == TokenKind::kSymbol && peek().text == symbol;
  }
  [[nodiscard]] bool is_keyword(std::string_view keyword) const {
    return peek().kind == TokenKind::kWord && lower(peek().text) == keyword;
  }
  bool take_symbol(std::string_view symbol);
  bool take_keyword(std::string_view keyword);

  // What to say where an expression has ended and the text goes on: names what is outside the
  // subset, else `what` was expected.
  [[nodiscard]] Problem unexpected(std::string_view what) const;

 private:
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

}  // namespace halfopen::expression
