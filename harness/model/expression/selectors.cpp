#include "harness/model/expression/selectors.hpp"

#include <algorithm>
#include <variant>

namespace halfopen::expression {
namespace {

bool is_about_presence(Function function) {
  return function == Function::kAbsent || function == Function::kAbsentOverTime ||
         function == Function::kPresentOverTime;
}

void collect(const Syntax& syntax, Selectors& found) {
  if (const auto* selector = std::get_if<Selector>(&syntax.node)) {
    found.read.push_back(selector);
  } else if (const auto* call = std::get_if<Call>(&syntax.node)) {
    if (is_about_presence(call->function)) {
      const auto* asked = std::get_if<Selector>(&call->argument->node);
      const bool is_plain = asked != nullptr && call->function == Function::kAbsent;
      if (is_plain) found.asked_to_be_absent.push_back(asked);
      return;
    }
    if (call->argument != nullptr) collect(*call->argument, found);
    if (call->parameter != nullptr) collect(*call->parameter, found);
  } else if (const auto* aggregation = std::get_if<Aggregation>(&syntax.node)) {
    collect(*aggregation->operand, found);
  } else if (const auto* negation = std::get_if<Negation>(&syntax.node)) {
    collect(*negation->operand, found);
  } else if (const auto* binary = std::get_if<Binary>(&syntax.node)) {
    collect(*binary->left, found);
    collect(*binary->right, found);
  }
}

bool names_a_node(const Selector& selector) {
  return std::any_of(selector.matchers.begin(), selector.matchers.end(),
                     [](const LabelMatcher& matcher) {
                       return matcher.label == "node" && matcher.kind == LabelMatcher::Kind::kEqual;
                     });
}

}  // namespace

Selectors selectors_of(const Syntax& syntax) {
  Selectors found;
  collect(syntax, found);
  return found;
}

bool speaks_of_absence(const Selectors& selectors, const Selector& of, const SeriesLabels& labels) {
  return std::any_of(selectors.asked_to_be_absent.begin(), selectors.asked_to_be_absent.end(),
                     [&](const Selector* absent) {
                       return absent->metric == of.metric && absent->offset == of.offset &&
                              names_a_node(*absent) && selects(*absent, labels);
                     });
}

bool selects(const Selector& selector, const SeriesLabels& labels) {
  return std::all_of(
      selector.matchers.begin(), selector.matchers.end(),
      [&labels](const auto& matcher) { return matcher.accepts(label_of(labels, matcher.label)); });
}

std::string label_of(const SeriesLabels& labels, const std::string& label) {
  const auto found = labels.find(label);
  return found == labels.end() ? "" : found->second;
}

}  // namespace halfopen::expression
