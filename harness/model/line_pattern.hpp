// What a line of a log must have in it: a piece of text as it stands, or a regular expression that
// matches somewhere in the line. The engine, its subset and its limits are label_pattern.hpp's.
#pragma once

#include <string>

#include "base/result.hpp"
#include "harness/model/expression/label_pattern.hpp"

namespace halfopen {

class LinePattern {
 public:
  // What is longer than this is cut before it is looked at; whoever cuts it says so.
  static constexpr std::size_t kLineBytesMax = 4000;

  LinePattern() = default;  // is in every line
  [[nodiscard]] static LinePattern containing(std::string text);
  [[nodiscard]] static Result<LinePattern> matching(const std::string& pattern);

  // A byte that is not UTF-8 counts as U+FFFD where a regular expression looks at it.
  [[nodiscard]] bool is_in(const std::string& line) const;
  [[nodiscard]] std::string text() const;  // `containing "broken pipe"`

 private:
  std::string text_;
  bool is_regex_ = false;
  expression::LabelPattern pattern_;
};

}  // namespace halfopen
