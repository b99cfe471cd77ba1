// A regular expression over a label's value, anchored at both ends as PromQL anchors it.
//
// The engine is RE2, whose syntax is the one that Prometheus has, and whose time grows with the
// value's length and never exponentially, so that no scenario file can hang the harness.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

namespace halfopen::expression {

class LabelPattern {
 public:
  static constexpr std::size_t kPatternLengthMax = 256;
  static constexpr std::size_t kValueLengthMax = 4096;  // a longer value matches nothing

  LabelPattern() = default;  // matches nothing
  [[nodiscard]] static Result<LabelPattern> compile(const std::string& pattern);

  [[nodiscard]] bool matches(const std::string& value) const;
  // Somewhere in it and not anchored, for text that is no label. It has to be UTF-8, since the
  // engine stops at what is not; how long it may be is the caller's to say.
  [[nodiscard]] bool is_in(const std::string& text) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace halfopen::expression
