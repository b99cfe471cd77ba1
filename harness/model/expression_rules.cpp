#include "harness/model/expression_rules.hpp"

#include <optional>
#include <variant>

#include "harness/model/expression/syntax.hpp"

namespace halfopen {
namespace {

namespace syntax = expression;

const char* extrapolating_name(syntax::Function function) {
  switch (function) {
    case syntax::Function::kRate:
      return "rate";
    case syntax::Function::kIncrease:
      return "increase";
    case syntax::Function::kDelta:
      return "delta";
    default:
      return nullptr;
  }
}

// The name of the first function in the tree that extrapolates, or nullptr.
const char* find_extrapolation(const syntax::Syntax& tree) {
  if (const auto* call = std::get_if<syntax::Call>(&tree.node)) {
    if (const char* name = extrapolating_name(call->function)) return name;
    return call->argument ? find_extrapolation(*call->argument) : nullptr;
  }
  if (const auto* aggregation = std::get_if<syntax::Aggregation>(&tree.node)) {
    // How many series there are is exact, whatever their values.
    if (aggregation->aggregator == syntax::Aggregator::kCount) return nullptr;
    return find_extrapolation(*aggregation->operand);
  }
  if (const auto* negation = std::get_if<syntax::Negation>(&tree.node)) {
    return find_extrapolation(*negation->operand);
  }
  if (const auto* binary = std::get_if<syntax::Binary>(&tree.node)) {
    if (const char* name = find_extrapolation(*binary->left)) return name;
    return find_extrapolation(*binary->right);
  }
  return nullptr;
}

bool is_zero(const syntax::Syntax& tree) {
  const auto* number = std::get_if<syntax::Number>(&tree.node);
  return number != nullptr && number->value == 0;
}

const char* find_mistake(const syntax::Syntax& tree) {
  if (const auto* call = std::get_if<syntax::Call>(&tree.node)) {
    return call->argument ? find_mistake(*call->argument) : nullptr;
  }
  if (const auto* aggregation = std::get_if<syntax::Aggregation>(&tree.node)) {
    return find_mistake(*aggregation->operand);
  }
  if (const auto* negation = std::get_if<syntax::Negation>(&tree.node)) {
    return find_mistake(*negation->operand);
  }
  const auto* binary = std::get_if<syntax::Binary>(&tree.node);
  if (binary == nullptr) return nullptr;
  const bool is_equality = binary->operation == syntax::Operator::kEqual ||
                           binary->operation == syntax::Operator::kNotEqual;
  if (is_equality && !is_zero(*binary->left) && !is_zero(*binary->right)) {
    if (const char* name = find_extrapolation(*binary->left)) return name;
    if (const char* name = find_extrapolation(*binary->right)) return name;
  }
  if (const char* name = find_mistake(*binary->left)) return name;
  return find_mistake(*binary->right);
}

// What is the same at every moment of every run proves nothing.
bool looks_at_the_run(const syntax::Syntax& tree) {
  if (std::holds_alternative<syntax::Selector>(tree.node)) return true;
  if (const auto* call = std::get_if<syntax::Call>(&tree.node)) {
    return call->argument == nullptr || looks_at_the_run(*call->argument);
  }
  if (const auto* aggregation = std::get_if<syntax::Aggregation>(&tree.node)) {
    return looks_at_the_run(*aggregation->operand);
  }
  if (const auto* negation = std::get_if<syntax::Negation>(&tree.node)) {
    return looks_at_the_run(*negation->operand);
  }
  const auto* binary = std::get_if<syntax::Binary>(&tree.node);
  return binary != nullptr && (looks_at_the_run(*binary->left) || looks_at_the_run(*binary->right));
}

}  // namespace

Result<void> check_looks_at_the_run(const Expression& expression, const Mark& mark) {
  if (looks_at_the_run(expression.syntax())) return {};
  return problem_at(mark, "the condition '" + excerpt(expression.text(), 200) +
                              "' names no metric, so it says the same in every run; expected one, "
                              "as in min(votenode_peer_up) == 1");
}

Result<void> check_comparisons(const Expression& expression, const Mark& mark) {
  const char* name = find_mistake(expression.syntax());
  if (name == nullptr) return {};
  return problem_at(mark, "in the condition '" + excerpt(expression.text(), 200) + "': " + name +
                              "() extrapolates, so that 2 may read 2.04, and == or != with it is "
                              "chance; compare with > or <, or use the counter itself: metric - "
                              "metric offset 5s == 2");
}

}  // namespace halfopen
