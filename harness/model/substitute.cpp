#include "harness/model/substitute.hpp"

#include <set>

#include "base/near_name.hpp"
#include "harness/model/substitute_arithmetic.hpp"

namespace halfopen {
namespace {

// A variable is a time, a count or a name. The limits keep variables that are made of variables
// from growing without end.
constexpr std::size_t kVariableBytesMax = 1024;
constexpr std::size_t kSubstitutedBytesMax = 4UL * 1024UL * 1024UL;

struct Substituted {
  std::string text;
  bool quoted = true;
};

// The text with every "${...}" replaced; errors name the part that they are about.
Result<Substituted> substitute_text(const std::string& text, bool quoted,
                                    const VariableLookup& lookup) {
  Substituted result{"", quoted};
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = text.find("${", at);
    if (begin == std::string::npos) break;
    result.quoted = true;
    if (begin > at && text[begin - 1] == '$') {
      result.text += text.substr(at, begin - 1 - at) + "${";
      at = begin + 2;
      continue;
    }
    result.text += text.substr(at, begin - at);
    const std::size_t end = text.find('}', begin);
    if (end == std::string::npos) {
      return Problem{"\"${\" without \"}\" in \"", excerpt(text),
                     "\"; to write \"${\" itself, write \"$${\""};
    }
    const std::string part = text.substr(begin, end + 1 - begin);
    const auto value = calculate(std::string_view(part).substr(2, part.size() - 3), lookup);
    if (value.has_error()) return Problem{"in \"", excerpt(part), "\": ", value.error().text};
    if (value->kind == Quantity::Kind::kDuration && value->duration < Duration::zero()) {
      return Problem{"in \"", excerpt(part), "\": the duration ", value->text, " is negative"};
    }
    if (begin == 0 && end + 1 == text.size()) return Substituted{value->text, value->quoted};
    result.text += value->text;
    if (result.text.size() > kSubstitutedBytesMax) return Problem{"the text grows too long"};
    at = end + 1;
  }
  result.text += text.substr(at);
  return result;
}

Problem unknown_variable(const std::string& name, const Variables& variables) {
  std::vector<std::string> known;
  for (const auto& [known_name, variable] : variables)
    known.push_back(known_name);
  return Problem{"unknown variable \"", excerpt(name), "\"; ", expected_names(name, known)};
}

class Resolver {
 public:
  explicit Resolver(const Variables& variables) : unresolved_(variables) {}

  Result<Variables> run() {
    for (const auto& [name, variable] : unresolved_)
      HALFOPEN_CHECK(resolve(name));
    return std::move(resolved_);
  }

 private:
  Result<void> resolve(const std::string& name) {
    if (resolved_.contains(name)) return {};
    const Variable& variable = unresolved_.at(name);
    if (!open_.insert(name).second) {
      return problem_at(variable.mark, "the variable \"" + name + "\" is made of itself");
    }
    // An error in another variable has its place already.
    bool placed = false;
    const auto lookup = [this, &placed](const std::string& other) -> Result<Quantity> {
      if (!unresolved_.contains(other)) return unknown_variable(other, unresolved_);
      if (const auto inner = resolve(other); inner.has_error()) {
        placed = true;
        inner_problem_ = inner.error();
        return inner.error();
      }
      const Variable& found = resolved_.at(other);
      return quantity_of(found.text, found.quoted);
    };
    const auto text = substitute_text(variable.text, variable.quoted, lookup);
    if (text.has_error()) {
      if (placed) return inner_problem_;
      return problem_at(variable.mark, text.error().text);
    }
    if (text->text.size() > kVariableBytesMax) {
      return problem_at(variable.mark, "the value of variable \"" + name + "\" is longer than " +
                                           std::to_string(kVariableBytesMax) + " bytes");
    }
    resolved_[name] = Variable{text->text, text->quoted, variable.mark};
    open_.erase(name);
    return {};
  }

  const Variables& unresolved_;
  Variables resolved_;
  std::set<std::string> open_;  // being resolved: the path from the first one here
  Problem inner_problem_;
};

Result<void> substitute_within(Document& document, const VariableLookup& lookup,
                               std::size_t& bytes_left) {
  for (Document& item : document.items) {
    HALFOPEN_CHECK(substitute_within(item, lookup, bytes_left));
  }
  for (DocumentEntry& entry : document.entries) {
    HALFOPEN_CHECK(substitute_within(entry.value, lookup, bytes_left));
  }
  if (document.kind != Document::Kind::kScalar) return {};
  if (document.scalar.find("${") == std::string::npos) return {};
  const auto text = substitute_text(document.scalar, document.quoted, lookup);
  if (text.has_error()) return problem_at(document.mark, text.error().text);
  if (text->text.size() > bytes_left) {
    return problem_at(document.mark, "the substituted file grows over 4 MiB");
  }
  bytes_left -= text->text.size();
  document.scalar = text->text;
  document.quoted = text->quoted;
  return {};
}

}  // namespace

Result<Variables> resolve_variables(const Variables& variables) {
  return Resolver(variables).run();
}

Result<void> substitute(Document& document, const Variables& variables) {
  const auto lookup = [&variables](const std::string& name) -> Result<Quantity> {
    const auto found = variables.find(name);
    if (found == variables.end()) return unknown_variable(name, variables);
    return quantity_of(found->second.text, found->second.quoted);
  };
  std::size_t bytes_left = kSubstitutedBytesMax;
  return substitute_within(document, lookup, bytes_left);
}

}  // namespace halfopen
