#include "harness/model/expression/label_pattern.hpp"

#include <re2/re2.h>

#include <utility>

namespace halfopen::expression {
namespace {

// Of the compiled pattern and what matching remembers: a tenth of RE2's own bound, since patterns
// are short.
constexpr std::int64_t kMemoryMax = 1 << 20;

RE2::Options options() {
  RE2::Options options;
  options.set_max_mem(kMemoryMax);
  options.set_log_errors(false);
  options.set_never_capture(true);
  return options;
}

}  // namespace

struct LabelPattern::Compiled {
  explicit Compiled(const std::string& pattern) : expression(pattern, options()) {}
  RE2 expression;
};

Result<LabelPattern> LabelPattern::compile(const std::string& pattern) {
  if (pattern.size() > kPatternLengthMax) {
    return Problem{"the regular expression is longer than ", std::to_string(kPatternLengthMax),
                   " characters"};
  }
  LabelPattern result;
  auto compiled = std::make_shared<const Compiled>(pattern);
  if (!compiled->expression.ok()) {
    return Problem{"the regular expression \"", pattern,
                   "\" is malformed: ", compiled->expression.error()};
  }
  result.compiled_ = std::move(compiled);
  return result;
}

bool LabelPattern::matches(const std::string& value) const {
  if (compiled_ == nullptr || value.size() > kValueLengthMax) return false;
  return RE2::FullMatch(value, compiled_->expression);
}

bool LabelPattern::is_in(const std::string& text) const {
  return compiled_ != nullptr && RE2::PartialMatch(text, compiled_->expression);
}

}  // namespace halfopen::expression
