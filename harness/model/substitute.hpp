// "${...}" in a document's scalars, replaced by variables and small calculations.
//
// A scalar that is nothing but one "${x}" takes x's type, so `count: "${n}"` is a number although
// YAML demands the quotes; in any other text the value is inserted as text. "$${" writes "${".
// Keys are never substituted.
#pragma once

#include <map>
#include <string>

#include "harness/model/document.hpp"

namespace halfopen {

struct Variable {
  std::string text;
  bool quoted = false;
  Mark mark;  // where its value was written
};

// In name order, so that messages and plans are the same every time.
using Variables = std::map<std::string, Variable>;

// Variables may be made of variables, in any order; one that is made of itself is a Problem.
[[nodiscard]] Result<Variables> resolve_variables(const Variables& variables);

// Replaces in every scalar of the document. `variables` must be resolved.
[[nodiscard]] Result<void> substitute(Document& document, const Variables& variables);

}  // namespace halfopen
