#include "harness/model/line_pattern.hpp"

#include <utility>

#include "base/printable_text.hpp"

namespace halfopen {

LinePattern LinePattern::containing(std::string text) {
  LinePattern result;
  result.text_ = std::move(text);
  return result;
}

Result<LinePattern> LinePattern::matching(const std::string& pattern) {
  LinePattern result;
  HALFOPEN_TRY(compiled, expression::LabelPattern::compile(pattern));
  result.pattern_ = compiled;
  result.text_ = pattern;
  result.is_regex_ = true;
  return result;
}

bool LinePattern::is_in(const std::string& line) const {
  if (is_regex_) {
    return pattern_.is_in(valid_utf8(std::string_view(line).substr(0, kLineBytesMax)));
  }
  return line.find(text_) != std::string::npos;
}

std::string LinePattern::text() const {
  return std::string(is_regex_ ? "matching" : "containing") + " \"" + text_ + "\"";
}

}  // namespace halfopen
