// Expressions over scraped samples: a strict subset of PromQL, so that the same text works in
// Grafana. What is outside the subset is a parse error that says so.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/result.hpp"

namespace halfopen {

namespace expression {
struct Syntax;  // the tree; see syntax.hpp
}

class Expression {
 public:
  Expression() = default;
  // Errors name the column in the text and what was expected there.
  [[nodiscard]] static Result<Expression> parse(const std::string& text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const expression::Syntax& syntax() const { return *syntax_; }
  // Every metric name that the expression selects, outside absent().
  [[nodiscard]] const std::set<std::string>& metric_names() const { return metric_names_; }

 private:
  std::string text_;
  std::shared_ptr<const expression::Syntax> syntax_;
  std::set<std::string> metric_names_;
};

}  // namespace halfopen
