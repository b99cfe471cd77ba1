#include "harness/model/expression/label_pattern.hpp"

#include <regex>
#include <string_view>

namespace halfopen::expression {
namespace {

constexpr auto kFlags = std::regex_constants::ECMAScript | std::regex_constants::__polynomial;

// The first construct that is outside the subset, or "".
std::string_view unsupported_construct(std::string_view pattern) {
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char character = pattern[i];
    const std::string_view rest = pattern.substr(i);
    if (character == '\\') {
      if (rest.size() > 1 && rest[1] >= '1' && rest[1] <= '9') return "a back-reference";
      ++i;
    } else if (character == '[') {
      in_class = true;
    } else if (character == ']') {
      in_class = false;
    } else if (!in_class && character == '{') {
      return "counted repetition {n}";
    } else if (!in_class && rest.starts_with("(?") && !rest.starts_with("(?:")) {
      return "(?...) other than (?:...)";
    }
  }
  return {};
}

}  // namespace

struct LabelPattern::Compiled {
  std::regex regex;
};

Result<LabelPattern> LabelPattern::compile(const std::string& pattern) {
  if (pattern.size() > kPatternLengthMax) {
    return Problem{"the regular expression is longer than ", std::to_string(kPatternLengthMax),
                   " characters"};
  }
  if (const std::string_view construct = unsupported_construct(pattern); !construct.empty()) {
    return Problem{"not in halfopen's subset of PromQL: ", construct,
                   " in the regular expression \"", pattern, "\""};
  }
  try {
    LabelPattern result;
    result.compiled_ = std::make_shared<const Compiled>(Compiled{std::regex(pattern, kFlags)});
    return result;
  } catch (const std::regex_error& error) {
    return Problem{"the regular expression \"", pattern, "\" is malformed: ", error.what()};
  }
}

bool LabelPattern::matches(const std::string& value) const {
  if (compiled_ == nullptr || value.size() > kValueLengthMax) return false;
  return std::regex_match(value, compiled_->regex);
}

}  // namespace halfopen::expression
