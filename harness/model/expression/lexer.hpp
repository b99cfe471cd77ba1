// Cuts an expression's text into tokens. Only the cutting happens here: what a word means (a
// metric, a function, a keyword) depends on its place and is the parser's to know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen::expression {

enum class TokenKind : std::uint8_t { kWord, kNumber, kDuration, kString, kSymbol, kEnd };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  // of a string: its value, with escapes resolved
  double number = 0;
  Duration duration{};
  std::size_t begin = 0;  // offsets in the text
  std::size_t end = 0;
};

// The last token is always kEnd. Errors begin with "column N: ".
[[nodiscard]] Result<std::vector<Token>> tokenize(std::string_view text);

// "column N: " for an offset from 0.
[[nodiscard]] std::string at_column(std::size_t offset);

}  // namespace halfopen::expression
