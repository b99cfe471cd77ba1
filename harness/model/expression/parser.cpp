// Recursive descent over the tokens, one function a level of the grammar, precedence climbing for
// the binary operators. Types are checked as nodes are made, so that a tree that exists can be
// evaluated.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "base/near_name.hpp"
#include "harness/model/expression/expression.hpp"
#include "harness/model/expression/grammar.hpp"
#include "harness/model/expression/selector_parser.hpp"
#include "harness/model/expression/syntax.hpp"
#include "harness/model/expression/token_reader.hpp"

namespace halfopen {
namespace expression {
namespace {

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

// "a, b, c": what there is in place of what is not.
template <class Table>
std::string names_in(const Table& table) {
  std::string names;
  for (const auto& entry : table)
    names.append(names.empty() ? "" : ", ").append(entry.name);
  return names;
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

class Parser {
 public:
  Parser(std::vector<Token> tokens, std::set<std::string>& metric_names)
      : tokens_(std::move(tokens)), metric_names_(metric_names) {}

  Result<SyntaxPointer> run() {
    HALFOPEN_TRY(tree, binary(1));
    if (peek().kind != TokenKind::kEnd) return tokens_.unexpected("an operator or the end");
    if (tree->type == ValueType::kRangeVector) {
      return Problem{at_column(tree->begin),
                     "a range vector is no condition: put it into a function such as rate(...)"};
    }
    return Result<SyntaxPointer>(std::move(tree));
  }

 private:
  using Node = decltype(Syntax::node);

  [[nodiscard]] const Token& peek() const { return tokens_.peek(); }
  Token take() { return tokens_.take(); }
  [[nodiscard]] bool is_symbol(std::string_view symbol) const { return tokens_.is_symbol(symbol); }
  [[nodiscard]] bool is_keyword(std::string_view word) const { return tokens_.is_keyword(word); }
  bool take_symbol(std::string_view symbol) { return tokens_.take_symbol(symbol); }
  bool take_keyword(std::string_view keyword) { return tokens_.take_keyword(keyword); }

  [[nodiscard]] Result<SyntaxPointer> make(Node node, ValueType type, unsigned depth_of_operands,
                                           std::size_t begin) const {
    if (depth_of_operands + 1 > kDepthMax) return too_deep(begin);
    const std::size_t end = tokens_.end_of_taken();
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
      HALFOPEN_TRY(labels, parse_label_list(tokens_));
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
    // on() with nothing in it is let pass, as PromQL does.
    if (matching_token && !node.matching.labels.empty() && !both_vectors) {
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
    const ValueType type = operand->type;
    const unsigned depth = operand->depth;
    return make(Negation{std::move(operand), sign.text == "-"}, type, depth, sign.begin);
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
    if (!take_symbol(")")) return tokens_.unexpected("\")\" or an operator");
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
      return outside(token,
                     "the aggregation " + token.text + "; there are " + names_in(kAggregators));
    }
    if (contains(kKeywords, name)) return expected(token, "an expression");
    if (contains(kKeywordNames, name)) {
      return outside(token, "a metric with the name of the keyword " + token.text);
    }
    if (called) return call(token);
    if (name == "inf") {
      return make(Number{std::numeric_limits<double>::infinity()}, ValueType::kScalar, 0,
                  token.begin);
    }
    if (name == "nan") {
      return make(Number{std::numeric_limits<double>::quiet_NaN()}, ValueType::kScalar, 0,
                  token.begin);
    }
    HALFOPEN_TRY(selector, parse_selector(tokens_, token.text));
    if (absent_nesting_ == 0) metric_names_.insert(token.text);
    const ValueType type = selector.range > Duration::zero() ? kRange : kVector;
    return make(std::move(selector), type, 0, token.begin);
  }

  [[nodiscard]] Result<SyntaxPointer> call(const Token& name) {
    const auto* definition = find_by(kFunctions, &FunctionDefinition::name, name.text);
    if (definition == nullptr) return unknown_function(name);
    take();  // "("
    SyntaxPointer parameter;
    SyntaxPointer argument;
    unsigned depth = 0;
    if (definition->has_parameter) {
      HALFOPEN_TRY(parsed, parameter_of(name));
      depth = parsed->depth;
      parameter = std::move(parsed);
    }
    if (definition->argument) {
      if (is_symbol(")")) return expected(peek(), type_name(*definition->argument));
      const bool in_absent = definition->function == Function::kAbsent ||
                             definition->function == Function::kAbsentOverTime;
      absent_nesting_ += in_absent ? 1 : 0;
      HALFOPEN_TRY(parsed, binary(1));
      absent_nesting_ -= in_absent ? 1 : 0;
      if (is_symbol("[") || is_symbol("@")) return tokens_.unexpected("");
      if (parsed->type != *definition->argument) {
        return Problem{at_column(parsed->begin),         name.text,        "() takes ",
                       type_name(*definition->argument), ", and this is ", type_name(parsed->type)};
      }
      depth = std::max(depth, parsed->depth);
      argument = std::move(parsed);
    }
    if (is_symbol(",")) return problem(peek(), name.text + "() takes no further argument");
    if (!take_symbol(")")) return tokens_.unexpected("\")\"");
    return make(Call{definition->function, std::move(parameter), std::move(argument)},
                definition->result, depth, name.begin);
  }

  // The number before the argument, and the comma after it.
  [[nodiscard]] Result<SyntaxPointer> parameter_of(const Token& name) {
    if (is_symbol(")")) return expected(peek(), "a number");
    HALFOPEN_TRY(parsed, binary(1));
    if (parsed->type != ValueType::kScalar) {
      return Problem{at_column(parsed->begin), name.text, "() takes a number first, and this is ",
                     type_name(parsed->type)};
    }
    if (!take_symbol(",")) return expected(peek(), "\",\" and what " + name.text + "() is of");
    return Result<SyntaxPointer>(std::move(parsed));
  }

  [[nodiscard]] static Problem unknown_function(const Token& name) {
    if (contains(kOtherFunctions, name.text)) {
      return outside(name, "the function " + name.text + "; there are " + names_in(kFunctions));
    }
    std::vector<std::string> known;
    known.reserve(kFunctions.size() + kAggregators.size());
    for (const FunctionDefinition& definition : kFunctions)
      known.emplace_back(definition.name);
    for (const AggregatorDefinition& definition : kAggregators)
      known.emplace_back(definition.name);
    return problem(name,
                   "there is no function " + name.text + "; " + expected_names(name.text, known));
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
    if (!take_symbol(")")) return tokens_.unexpected("\")\" or an operator");
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
    HALFOPEN_TRY(labels, parse_label_list(tokens_));
    node.labels = std::move(labels);
    return true;
  }

  TokenReader tokens_;
  std::set<std::string>& metric_names_;
  unsigned nesting_ = 0;
  unsigned absent_nesting_ = 0;
};

}  // namespace

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
