// A file's variables, in layers: `vars`, then what a chosen set (`choices`) gives, then the matrix
// cell, then --var, then a control's own. A later layer wins, and only names that the file declares
// can be given. (A control wins over --var, or it would not take away what it is there to take.)
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/model/document.hpp"
#include "harness/model/substitute.hpp"

namespace halfopen {

struct DeclaredVariables {
  Variables variables;                                              // of `vars`
  std::map<std::string, std::map<std::string, Variables>> choices;  // chooser -> option -> its set

  // Every name that can be given a value: those of `vars` and those of the chosen sets.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::map<std::string, std::vector<std::string>> options() const;
};

[[nodiscard]] Result<DeclaredVariables> read_variables(const Document& file);

// A map of names to scalars; `what` begins the messages.
[[nodiscard]] Result<Variables> read_variable_map(const Document& map, const std::string& what);

// --var NAME=VALUE as a layer; a name that the file does not declare is a Problem.
[[nodiscard]] Result<Variables> read_overrides(const DeclaredVariables& declared,
                                               const std::map<std::string, std::string>& overrides,
                                               const std::string& file);

// `layers` on top of what is declared, the last one on top; variables made of variables resolved.
[[nodiscard]] Result<Variables> layer_variables(const DeclaredVariables& declared,
                                                const std::vector<Variables>& layers);

}  // namespace halfopen
