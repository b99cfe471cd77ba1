#include "harness/model/plan_variables.hpp"

#include <algorithm>
#include <set>

#include "base/near_name.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/substitute_arithmetic.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kVariablesMax = 256;
// Each value of each choice is planned once, so that a mistake in any of them is found at once.
constexpr std::size_t kChoosersMax = 4;
constexpr std::size_t kOptionsMax = 8;

using Options = std::map<std::string, Variables>;

Result<Options> read_options(const DocumentEntry& chooser) {
  HALFOPEN_CHECK(check_map(chooser.value, "the choice \"" + chooser.key + "\""));
  Options options;
  for (const DocumentEntry& option : chooser.value.entries) {
    const std::string what = "the choice " + chooser.key + "=" + option.key;
    HALFOPEN_CHECK(check_map(option.value, what));
    HALFOPEN_TRY(variables, read_variable_map(option.value, what));
    options[option.key] = std::move(variables);
  }
  if (options.empty() || options.size() > kOptionsMax) {
    return problem_at(chooser.key_mark, "the choice \"" + chooser.key + "\" must have 1 to " +
                                            std::to_string(kOptionsMax) + " values");
  }
  return options;
}

Problem incomplete(const DocumentEntry& option, const std::string& chooser,
                   const std::string& variable, const std::string& giver) {
  return problem_at(option.key_mark, "the choice " + chooser + "=" + option.key +
                                         " does not give \"" + variable + "\", which " + chooser +
                                         "=" + giver +
                                         " gives; give it here, or a default in vars");
}

// A variable that only some of the sets give would be unknown in the others, and nobody would hear
// of it before choosing them.
Result<void> check_complete(const DocumentEntry& chooser, const DeclaredVariables& declared) {
  std::map<std::string, std::string> given_by;
  for (const DocumentEntry& option : chooser.value.entries) {
    for (const DocumentEntry& variable : option.value.entries) {
      if (declared.choices.contains(variable.key) || variable.key == chooser.key) {
        return problem_at(variable.key_mark, "a choice may not give \"" + variable.key +
                                                 "\", which chooses a set itself");
      }
      given_by.emplace(variable.key, option.key);
    }
  }
  for (const DocumentEntry& option : chooser.value.entries) {
    for (const auto& [name, giver] : given_by) {
      if (option.value.find(name) != nullptr || declared.variables.contains(name)) continue;
      return incomplete(option, chooser.key, name, giver);
    }
  }
  return {};
}

Result<void> check_override(const DeclaredVariables& declared, const std::string& name,
                            const std::string& value, const std::string& file) {
  const std::string option = "--var " + name + "=" + value + ": ";
  const std::vector<std::string> names = declared.names();
  if (names.empty()) {
    return problem_at(Mark{file, 0, 0}, option + "the file declares no variables");
  }
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return problem_at(Mark{file, 0, 0},
                      option + "unknown variable \"" + name + "\"; " + expected_names(name, names));
  }
  return {};
}

}  // namespace

std::vector<std::string> DeclaredVariables::names() const {
  std::set<std::string> all;
  for (const auto& [name, variable] : variables)
    all.insert(name);
  for (const auto& [chooser, options] : choices) {
    for (const auto& [option, given] : options) {
      for (const auto& [name, variable] : given)
        all.insert(name);
    }
  }
  return {all.begin(), all.end()};
}

std::map<std::string, std::vector<std::string>> DeclaredVariables::options() const {
  std::map<std::string, std::vector<std::string>> all;
  for (const auto& [chooser, sets] : choices) {
    for (const auto& [option, given] : sets)
      all[chooser].push_back(option);
  }
  return all;
}

Result<Variables> read_variable_map(const Document& map, const std::string& what) {
  HALFOPEN_CHECK(check_map(map, what));
  if (map.entries.size() > kVariablesMax) {
    return problem_at(map.mark,
                      what + " has more than " + std::to_string(kVariablesMax) + " variables");
  }
  Variables variables;
  for (const DocumentEntry& entry : map.entries) {
    if (!is_variable_name(entry.key)) {
      return problem_at(entry.key_mark, "\"" + entry.key +
                                            "\" is not a variable's name; expected "
                                            "a-z, 0-9 and _, not beginning with a digit");
    }
    HALFOPEN_TRY(text, read_text(entry.value, "the variable \"" + entry.key + "\""));
    variables[entry.key] = Variable{text, entry.value.quoted, entry.value.mark};
  }
  return variables;
}

Result<DeclaredVariables> read_variables(const Document& file) {
  DeclaredVariables declared;
  if (const Document* vars = file.find("vars")) {
    HALFOPEN_TRY(variables, read_variable_map(*vars, "\"vars\""));
    declared.variables = std::move(variables);
  }
  const Document* choices = file.find("choices");
  if (choices == nullptr) return declared;
  HALFOPEN_CHECK(check_map(*choices, "\"choices\""));
  if (choices->entries.size() > kChoosersMax) {
    return problem_at(choices->mark, "expected at most " + std::to_string(kChoosersMax) +
                                         " variables that choose a set");
  }
  for (const DocumentEntry& chooser : choices->entries) {
    if (!declared.variables.contains(chooser.key)) {
      return problem_at(chooser.key_mark, "the choice \"" + chooser.key +
                                              "\" needs a default in vars, as in vars: {" +
                                              chooser.key + ": ...}");
    }
    HALFOPEN_TRY(options, read_options(chooser));
    declared.choices[chooser.key] = std::move(options);
  }
  for (const DocumentEntry& chooser : choices->entries) {
    HALFOPEN_CHECK(check_complete(chooser, declared));
  }
  return declared;
}

Result<Variables> read_overrides(const DeclaredVariables& declared,
                                 const std::map<std::string, std::string>& overrides,
                                 const std::string& file) {
  Variables variables;
  const std::string option = file + ": --var ";
  for (const auto& [name, value] : overrides) {
    HALFOPEN_CHECK(check_override(declared, name, value, file));
    variables[name] = Variable{value, false, Mark{option + name, 0, 0}};
  }
  return variables;
}

Result<Variables> layer_variables(const DeclaredVariables& declared,
                                  const std::vector<Variables>& layers) {
  Variables top;
  for (const Variables& layer : layers) {
    for (const auto& [name, variable] : layer)
      top[name] = variable;
  }
  Variables layered = declared.variables;
  for (const auto& [chooser, options] : declared.choices) {
    const auto given = top.find(chooser);
    const Variable& chosen = given == top.end() ? declared.variables.at(chooser) : given->second;
    const auto option = options.find(chosen.text);
    if (option == options.end()) {
      return unknown_name(chosen.mark, "value of " + chooser, chosen.text,
                          declared.options()[chooser]);
    }
    for (const auto& [name, variable] : option->second)
      layered[name] = variable;
  }
  for (const auto& [name, variable] : top)
    layered[name] = variable;
  return resolve_variables(layered);
}

}  // namespace halfopen
