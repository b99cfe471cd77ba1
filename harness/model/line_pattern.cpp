#include "harness/model/line_pattern.hpp"

#include <utility>

namespace halfopen {

LinePattern LinePattern::containing(std::string text) {
  LinePattern result;
  result.text_ = std::move(text);
  return result;
}

Result<LinePattern> LinePattern::matching(const std::string& pattern) {
  // Compiled alone first, so that a message shows the pattern as it was written. The engine's "."
  // stops at a line break, of which a line has none.
  HALFOPEN_TRY(alone, expression::LabelPattern::compile(pattern));
  static_cast<void>(alone);
  LinePattern result;
  HALFOPEN_TRY(anywhere, expression::LabelPattern::compile(".*(?:" + pattern + ").*"));
  result.pattern_ = anywhere;
  result.text_ = pattern;
  result.is_regex_ = true;
  return result;
}

bool LinePattern::is_in(const std::string& line) const {
  if (is_regex_) {
    return pattern_.matches(line.size() > kLineBytesMax ? line.substr(0, kLineBytesMax) : line);
  }
  return line.find(text_) != std::string::npos;
}

std::string LinePattern::text() const {
  return std::string(is_regex_ ? "matching" : "containing") + " \"" + text_ + "\"";
}

}  // namespace halfopen
