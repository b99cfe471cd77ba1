#include "harness/model/expression/selector_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace halfopen::expression {
namespace {

Result<std::string> label_name(TokenReader& tokens) {
  const Token token = tokens.peek();
  if (token.kind != TokenKind::kWord || token.text.find(':') != std::string::npos) {
    return expected(token, "a label's name");
  }
  if (token.text == "__name__") return outside(token, "the label __name__");
  tokens.take();
  return Result<std::string>(token.text);
}

Result<LabelMatcher> label_matcher(TokenReader& tokens) {
  HALFOPEN_TRY(label, label_name(tokens));
  const Token operation = tokens.take();
  constexpr std::array<std::string_view, 4> kMatchers{"=", "!=", "=~", "!~"};
  const auto found = std::find(kMatchers.begin(), kMatchers.end(), operation.text);
  if (operation.kind != TokenKind::kSymbol || found == kMatchers.end()) {
    return expected(operation, "=, !=, =~ or !~");
  }
  const Token value = tokens.take();
  if (value.kind != TokenKind::kString) return expected(value, "a quoted string");
  LabelMatcher matcher;
  matcher.label = label;
  matcher.kind = static_cast<LabelMatcher::Kind>(found - kMatchers.begin());
  matcher.text = value.text;
  if (matcher.kind == LabelMatcher::Kind::kMatches ||
      matcher.kind == LabelMatcher::Kind::kNotMatches) {
    auto pattern = LabelPattern::compile(value.text);
    if (pattern.has_error()) return problem(value, pattern.error().text);
    matcher.pattern = std::move(*pattern);
  }
  return matcher;
}

Result<Duration> duration(TokenReader& tokens) {
  const Token token = tokens.take();
  if (token.kind != TokenKind::kDuration) return expected(token, "a duration such as 5s");
  if (token.duration == Duration::zero()) {
    return problem(token, "a duration must be longer than 0");
  }
  return token.duration;
}

}  // namespace

Result<std::vector<std::string>> parse_label_list(TokenReader& tokens) {
  std::vector<std::string> labels;
  if (!tokens.take_symbol("(")) return expected(tokens.peek(), "\"(\" and names of labels");
  while (!tokens.take_symbol(")")) {
    // Outside of braces PromQL reads the first two as numbers, and has left the third out of the
    // keywords that a label may be called.
    if (tokens.is_keyword("inf") || tokens.is_keyword("nan") || tokens.is_keyword("without")) {
      return expected(tokens.peek(), "a label's name");
    }
    HALFOPEN_TRY(label, label_name(tokens));
    labels.push_back(std::move(label));
    if (!tokens.is_symbol(")") && !tokens.take_symbol(",")) {
      return expected(tokens.peek(), "\",\" or \")\"");
    }
  }
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

Result<Selector> parse_selector(TokenReader& tokens, std::string metric) {
  Selector selector;
  selector.metric = std::move(metric);
  if (tokens.take_symbol("{")) {
    while (!tokens.take_symbol("}")) {
      HALFOPEN_TRY(matcher, label_matcher(tokens));
      selector.matchers.push_back(std::move(matcher));
      if (!tokens.is_symbol("}") && !tokens.take_symbol(",")) {
        return expected(tokens.peek(), "\",\" or \"}\"");
      }
    }
  }
  if (tokens.take_symbol("[")) {
    HALFOPEN_TRY(range, duration(tokens));
    selector.range = range;
    // PromQL's lexer takes any letter here for the colon of a subquery.
    if (tokens.peek().kind == TokenKind::kWord) {
      return outside(tokens.peek(), "anything but \"]\" after a range's duration (subqueries)");
    }
    if (!tokens.take_symbol("]")) return expected(tokens.peek(), "\"]\"");
  }
  if (tokens.take_keyword("offset")) {
    const bool ahead = tokens.take_symbol("-");
    HALFOPEN_TRY(offset, duration(tokens));
    selector.offset = ahead ? -offset : offset;
  }
  if (tokens.is_symbol("@")) return outside(tokens.peek(), "the @ modifier");
  return selector;
}

bool LabelMatcher::accepts(const std::string& value) const {
  switch (kind) {
    case Kind::kEqual:
      return value == text;
    case Kind::kNotEqual:
      return value != text;
    case Kind::kMatches:
      return pattern.matches(value);
    case Kind::kNotMatches:
      return !pattern.matches(value);
  }
  return false;
}

}  // namespace halfopen::expression
