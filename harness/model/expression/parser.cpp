// Recursive descent over the tokens, one function a level of the grammar, precedence climbing for
// the binary operators. Types are checked as nodes are made, so that a tree that exists can be
// evaluated.
#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <optional>
#include <utility>

#include "harness/model/expression/expression.hpp"
#include "harness/model/expression/grammar.hpp"
#include "harness/model/expression/lexer.hpp"
#include "harness/model/expression/syntax.hpp"

namespace halfopen {
namespace expression {
namespace {

constexpr std::string_view kOutside = "not in halfopen's subset of PromQL: ";

std::string lower(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

template <class Table, class Member>
auto find_by(const Table& table, Member member, std::string_view text) -> decltype(table.data()) {
  for (const auto& entry : table) {
    if (entry.*member == text) return &entry;
  }
  return nullptr;
}

template <class Table>
bool contains(const Table& table, std::string_view text) {
  return std::find(table.begin(), table.end(), text) != table.end();
}

std::string_view type_name(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "a number";
    case ValueType::kInstantVector:
      return "an instant vector";
    case ValueType::kRangeVector:
      return "a range vector";
  }
  return "?";
}

Problem problem(const Token& token, std::string_view text) {
  return Problem{at_column(token.begin), text};
}

Problem outside(const Token& token, std::string_view what) {
  return Problem{at_column(token.begin), kOutside, what};
}

Problem expected(const Token& token, std::string_view what) {
  const std::string found = token.kind == TokenKind::kEnd ? "the end" : "\"" + token.text + "\"";
  return Problem{at_column(token.begin), "expected ", what, ", found ", found};
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, std::set<std::string>& metric_names)
      : tokens_(std::move(tokens)), metric_names_(metric_names) {}

  Result<SyntaxPointer> run() {
    HALFOPEN_TRY(tree, binary(1));
    if (peek().kind != TokenKind::kEnd) return unexpected_after_expression();
    if (tree->type == ValueType::kRangeVector) {
      return Problem{at_column(tree->begin),
                     "a range vector is no condition: put it into a function such as rate(...)"};
    }
    return Result<SyntaxPointer>(std::move(tree));
  }

 private:
  using Node = decltype(Syntax::node);

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
  }
  Token take() {
    Token token = peek();
    if (position_ + 1 < tokens_.size()) ++position_;
    return token;
  }
  [[nodiscard]] bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::kSymbol && peek(ahead).text == symbol;
  }
  [[nodiscard]] bool is_keyword(std::string_view keyword) const {
    return peek().kind == TokenKind::kWord && lower(peek().text) == keyword;
  }
  bool take_symbol(std::string_view symbol) {
    if (!is_symbol(symbol)) return false;
    take();
    return true;
  }
  bool take_keyword(std::string_view keyword) {
    if (!is_keyword(keyword)) return false;
    take();
    return true;
  }

  [[nodiscard]] Problem unexpected_after_expression() const {
    if (is_symbol("[")) return outside(peek(), "a range on anything but a selector (a subquery)");
    if (is_symbol("@")) return outside(peek(), "the @ modifier");
    if (is_keyword("offset")) return problem(peek(), "offset belongs directly after a selector");
    if (is_keyword("atan2")) return outside(peek(), "the operator atan2");
    if (is_symbol("=")) return expected(peek(), "an operator (equality is ==)");
    return expected(peek(), "an operator or the end");
  }

  [[nodiscard]] Result<SyntaxPointer> make(Node node, ValueType type, unsigned depth_of_operands,
                                           std::size_t begin) const {
    if (depth_of_operands + 1 > kDepthMax) return too_deep(begin);
    const std::size_t end = position_ == 0 ? 0 : tokens_[position_ - 1].end;
    return Result<SyntaxPointer>(std::make_unique<const Syntax>(
        Syntax{std::move(node), type, depth_of_operands + 1, begin, end}));
  }
  [[nodiscard]] static Problem too_deep(std::size_t begin) {
    return Problem{at_column(begin), "the expression is nested more than ",
                   std::to_string(kDepthMax), " deep"};
  }

  // --- operators ---

  [[nodiscard]] Result<SyntaxPointer> binary(int precedence_min) {
    if (++nesting_ > kDepthMax) return too_deep(peek().begin);
    HALFOPEN_TRY(left, unary());
    for (;;) {
      const Token token = peek();
      const bool may_be = token.kind == TokenKind::kSymbol || token.kind == TokenKind::kWord;
      const auto* definition =
          may_be ? find_by(kOperators, &OperatorDefinition::text, lower(token.text)) : nullptr;
      if (definition == nullptr || definition->precedence < precedence_min) break;
      take();
      Binary node;
      node.operation = definition->operation;
      HALFOPEN_TRY(matching_token, binary_modifiers(node));
      const bool to_the_right = definition->precedence == kPowerPrecedence;
      HALFOPEN_TRY(right, binary(definition->precedence + (to_the_right ? 0 : 1)));
      node.left = std::move(left);
      node.right = std::move(right);
      HALFOPEN_TRY(joined, make_binary(std::move(node), token, matching_token));
      left = std::move(joined);
    }
    --nesting_;
    return Result<SyntaxPointer>(std::move(left));
  }

  // The token of on or ignoring, if there was one.
  [[nodiscard]] Result<std::optional<Token>> binary_modifiers(Binary& node) {
    const Token token = peek();
    std::optional<Token> matching_token;
    if (take_keyword("bool")) {
      if (!is_comparison(node.operation)) {
        return problem(token, "bool is only for comparisons");
      }
      node.return_bool = true;
    }
    if (is_keyword("on") || is_keyword("ignoring")) {
      matching_token = peek();
      node.matching.on = is_keyword("on");
      take();
      HALFOPEN_TRY(labels, label_list());
      node.matching.labels = std::move(labels);
      if (is_keyword("group_left") || is_keyword("group_right")) {
        return outside(peek(), peek().text);
      }
    }
    return matching_token;
  }

  [[nodiscard]] Result<SyntaxPointer> make_binary(Binary node, const Token& token,
                                                  const std::optional<Token>& matching_token) {
    const ValueType left = node.left->type;
    const ValueType right = node.right->type;
    for (const SyntaxPointer* operand : {&node.left, &node.right}) {
      if ((*operand)->type == ValueType::kRangeVector) {
        return Problem{at_column((*operand)->begin), "an operand of ", token.text,
                       " is an instant vector or a number, and this is a range vector"};
      }
    }
    const bool both_vectors = left == kVector && right == kVector;
    if (is_set_operation(node.operation) && !both_vectors) {
      return problem(token, token.text + " takes an instant vector on both sides");
    }
    if (matching_token && !both_vectors) {
      return problem(*matching_token, "on and ignoring need an instant vector on both sides");
    }
    const bool both_numbers = left == ValueType::kScalar && right == ValueType::kScalar;
    if (both_numbers && is_comparison(node.operation) && !node.return_bool) {
      return problem(token, "a comparison of two numbers must say bool: 1 < bool 2");
    }
    const unsigned depth = std::max(node.left->depth, node.right->depth);
    const std::size_t begin = node.left->begin;
    return make(std::move(node), both_numbers ? ValueType::kScalar : kVector, depth, begin);
  }

  [[nodiscard]] Result<SyntaxPointer> unary() {
    if (!is_symbol("-") && !is_symbol("+")) return primary();
    const Token sign = take();
    HALFOPEN_TRY(operand, binary(kPowerPrecedence));
    if (operand->type == ValueType::kRangeVector) {
      return problem(sign, "a sign belongs before an instant vector or a number");
    }
    if (sign.text == "+") return Result<SyntaxPointer>(std::move(operand));
    const ValueType type = operand->type;
    const unsigned depth = operand->depth;
    return make(Negation{std::move(operand)}, type, depth, sign.begin);
  }

  // --- what stands between operators ---

  [[nodiscard]] Result<SyntaxPointer> primary() {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::kNumber: {
        const Token number = take();
        return make(Number{number.number}, ValueType::kScalar, 0, number.begin);
      }
      case TokenKind::kString:
        return outside(token, "a string as a value");
      case TokenKind::kDuration:
        return problem(token,
                       "a duration belongs in [...] or after offset; times are numbers of "
                       "seconds");
      case TokenKind::kWord:
        return word();
      case TokenKind::kSymbol:
        break;
      case TokenKind::kEnd:
        return expected(token, "an expression");
    }
    if (is_symbol("{")) return outside(token, "a selector without a metric's name");
    if (!take_symbol("(")) return expected(token, "an expression");
    HALFOPEN_TRY(inner, binary(1));
    if (!take_symbol(")")) return expected(peek(), "\")\" or an operator");
    return Result<SyntaxPointer>(std::move(inner));
  }

  [[nodiscard]] Result<SyntaxPointer> word() {
    const Token token = take();
    const std::string name = lower(token.text);
    const bool called = is_symbol("(");
    const bool grouped = is_keyword("by") || is_keyword("without");
    if (const auto* found = find_by(kAggregators, &AggregatorDefinition::name, name);
        found != nullptr && (called || grouped)) {
      return aggregation(found->aggregator, token);
    }
    if (contains(kOtherAggregators, name) && (called || grouped)) {
      return outside(token, "the aggregation " + token.text);
    }
    if (contains(kKeywords, name)) return expected(token, "an expression");
    if (called) return call(token);
    if (name == "inf") {
      return make(Number{std::numeric_limits<double>::infinity()}, ValueType::kScalar, 0,
                  token.begin);
    }
    if (name == "nan") {
      return make(Number{std::numeric_limits<double>::quiet_NaN()}, ValueType::kScalar, 0,
                  token.begin);
    }
    return selector(token);
  }

  [[nodiscard]] Result<SyntaxPointer> call(const Token& name) {
    const auto* definition = find_by(kFunctions, &FunctionDefinition::name, name.text);
    if (definition == nullptr) return outside(name, "the function " + name.text);
    take();  // "("
    SyntaxPointer argument;
    unsigned depth = 0;
    if (definition->argument) {
      if (is_symbol(")")) return expected(peek(), type_name(*definition->argument));
      const bool in_absent = definition->function == Function::kAbsent;
      absent_nesting_ += in_absent ? 1 : 0;
      HALFOPEN_TRY(parsed, binary(1));
      absent_nesting_ -= in_absent ? 1 : 0;
      if (is_symbol("[")) return unexpected_after_expression();
      if (parsed->type != *definition->argument) {
        return Problem{at_column(parsed->begin),         name.text,        "() takes ",
                       type_name(*definition->argument), ", and this is ", type_name(parsed->type)};
      }
      depth = parsed->depth;
      argument = std::move(parsed);
    }
    if (is_symbol(",")) return problem(peek(), name.text + "() takes no further argument");
    if (!take_symbol(")")) return expected(peek(), "\")\"");
    return make(Call{definition->function, std::move(argument)}, definition->result, depth,
                name.begin);
  }

  [[nodiscard]] Result<SyntaxPointer> aggregation(Aggregator aggregator, const Token& name) {
    Aggregation node;
    node.aggregator = aggregator;
    HALFOPEN_TRY(grouped_before, grouping(node));
    if (!take_symbol("(")) return expected(peek(), "\"(\"");
    HALFOPEN_TRY(operand, binary(1));
    if (operand->type != kVector) {
      return Problem{at_column(operand->begin), name.text, " takes an instant vector, and this is ",
                     type_name(operand->type)};
    }
    if (is_symbol(",")) return problem(peek(), name.text + " takes no further argument");
    if (!take_symbol(")")) return expected(peek(), "\")\" or an operator");
    if (!grouped_before) {
      HALFOPEN_TRY(grouped_after, grouping(node));
      static_cast<void>(grouped_after);
    }
    const unsigned depth = operand->depth;
    node.operand = std::move(operand);
    return make(std::move(node), kVector, depth, name.begin);
  }

  // True when there was a grouping clause.
  [[nodiscard]] Result<bool> grouping(Aggregation& node) {
    if (!is_keyword("by") && !is_keyword("without")) return false;
    node.without = is_keyword("without");
    take();
    HALFOPEN_TRY(labels, label_list());
    node.labels = std::move(labels);
    return true;
  }

  [[nodiscard]] Result<std::vector<std::string>> label_list() {
    std::vector<std::string> labels;
    if (!take_symbol("(")) return expected(peek(), "\"(\" and names of labels");
    while (!take_symbol(")")) {
      HALFOPEN_TRY(label, label_name());
      labels.push_back(std::move(label));
      if (!is_symbol(")") && !take_symbol(",")) return expected(peek(), "\",\" or \")\"");
    }
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
  }

  [[nodiscard]] Result<std::string> label_name() {
    const Token token = peek();
    if (token.kind != TokenKind::kWord || token.text.find(':') != std::string::npos) {
      return expected(token, "a label's name");
    }
    if (token.text == "__name__") return outside(token, "the label __name__");
    take();
    return Result<std::string>(token.text);
  }

  // --- selectors ---

  [[nodiscard]] Result<SyntaxPointer> selector(const Token& name) {
    Selector node;
    node.metric = name.text;
    if (take_symbol("{")) {
      while (!take_symbol("}")) {
        HALFOPEN_TRY(matcher, label_matcher());
        node.matchers.push_back(std::move(matcher));
        if (!is_symbol("}") && !take_symbol(",")) return expected(peek(), "\",\" or \"}\"");
      }
    }
    const bool ranged = take_symbol("[");
    if (ranged) {
      HALFOPEN_TRY(range, duration("a duration such as 5s"));
      if (range <= Duration::zero()) {
        return problem(peek(), "the range must be longer than 0");
      }
      node.range = range;
      if (peek().text.starts_with(':')) return outside(peek(), "subqueries");
      if (!take_symbol("]")) return expected(peek(), "\"]\"");
    }
    if (is_symbol("@")) return outside(peek(), "the @ modifier");
    if (take_keyword("offset")) {
      if (is_symbol("-")) return outside(peek(), "a negative offset");
      HALFOPEN_TRY(offset, duration("a duration such as 5s"));
      node.offset = offset;
    }
    if (absent_nesting_ == 0) metric_names_.insert(name.text);
    return make(std::move(node), ranged ? kRange : kVector, 0, name.begin);
  }

  [[nodiscard]] Result<Duration> duration(std::string_view what) {
    if (peek().kind != TokenKind::kDuration) return expected(peek(), what);
    return take().duration;
  }

  [[nodiscard]] Result<LabelMatcher> label_matcher() {
    HALFOPEN_TRY(label, label_name());
    const Token operation = take();
    constexpr std::array<std::string_view, 4> kMatchers{"=", "!=", "=~", "!~"};
    const auto found = std::find(kMatchers.begin(), kMatchers.end(), operation.text);
    if (operation.kind != TokenKind::kSymbol || found == kMatchers.end()) {
      return expected(operation, "=, !=, =~ or !~");
    }
    const Token value = take();
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

  std::vector<Token> tokens_;
  std::set<std::string>& metric_names_;
  std::size_t position_ = 0;
  unsigned nesting_ = 0;
  unsigned absent_nesting_ = 0;
};

}  // namespace

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

}  // namespace expression

Result<Expression> Expression::parse(const std::string& text) {
  if (text.size() > expression::kTextMax) {
    return Problem{"the expression is longer than ", std::to_string(expression::kTextMax),
                   " characters"};
  }
  HALFOPEN_TRY(tokens, expression::tokenize(text));
  Expression result;
  HALFOPEN_TRY(tree, expression::Parser(std::move(tokens), result.metric_names_).run());
  result.text_ = text;
  result.syntax_ = std::shared_ptr<const expression::Syntax>(std::move(tree));
  return result;
}

}  // namespace halfopen
