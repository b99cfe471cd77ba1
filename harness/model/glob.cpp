#include "harness/model/glob.hpp"

#include <cstddef>

namespace halfopen {

// Greedy: after a mismatch the last "*" takes one more character.
bool matches_glob(std::string_view text, std::string_view glob) {
  std::size_t at = 0;
  std::size_t pattern = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (at < text.size()) {
    if (pattern < glob.size() && glob[pattern] == '*') {
      star = pattern++;
      star_text = at;
    } else if (pattern < glob.size() && (glob[pattern] == '?' || glob[pattern] == text[at])) {
      ++at;
      ++pattern;
    } else if (star != std::string_view::npos) {
      pattern = star + 1;
      at = ++star_text;
    } else {
      return false;
    }
  }
  while (pattern < glob.size() && glob[pattern] == '*')
    ++pattern;
  return pattern == glob.size();
}

}  // namespace halfopen
