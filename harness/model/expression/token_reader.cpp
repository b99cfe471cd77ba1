#include "harness/model/expression/token_reader.hpp"

#include <cctype>

namespace halfopen::expression {

std::string lower(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

Problem problem(const Token& token, std::string_view text) {
  return Problem{at_column(token.begin), text};
}

Problem outside(const Token& token, std::string_view what) {
  return Problem{at_column(token.begin), "not in halfopen's subset of PromQL: ", what};
}

Problem expected(const Token& token, std::string_view what) {
  const std::string found = token.kind == TokenKind::kEnd ? "the end" : "\"" + token.text + "\"";
  return Problem{at_column(token.begin), "expected ", what, ", found ", found};
}

Token TokenReader::take() {
  Token token = peek();
  if (position_ + 1 < tokens_.size()) ++position_;
  return token;
}

bool TokenReader::take_symbol(std::string_view symbol) {
  if (!is_symbol(symbol)) return false;
  take();
  return true;
}

bool TokenReader::take_keyword(std::string_view keyword) {
  if (!is_keyword(keyword)) return false;
  take();
  return true;
}

Problem TokenReader::unexpected(std::string_view what) const {
  if (is_symbol("[")) return outside(peek(), "a range on anything but a selector (a subquery)");
  if (is_symbol("@")) return outside(peek(), "the @ modifier");
  if (is_keyword("offset")) return problem(peek(), "offset belongs directly after a selector");
  if (is_keyword("atan2")) return outside(peek(), "the operator atan2");
  if (is_symbol("=")) return expected(peek(), "an operator (equality is ==)");
  return expected(peek(), what);
}

}  // namespace halfopen::expression
