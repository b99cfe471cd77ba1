// Where a quote or a bracket was opened that is never closed. A YAML parser stops where the text
// makes no sense any more, which may be many lines below the mistake, or never: a quote that is not
// closed on its line ends at the next quote, and the lines between are text.
//
// A guess by layout, for texts that are wrong already: people indent what stands within brackets
// further than the line that opened them, and what stands within quotes does not look like keys.
#pragma once

#include <optional>
#include <string>

#include "harness/model/document.hpp"

namespace halfopen {

// A quote of this document that swallowed lines which look like keys or list items of its own
// level, or that the text ends in. The parser takes both, and the file means something else than it
// seems.
[[nodiscard]] std::optional<Problem> swallowing_quote(const std::string& text,
                                                      const std::string& file,
                                                      const Document& document);
// That, or a bracket that nothing closes. For a text that is no valid YAML.
[[nodiscard]] std::optional<Problem> unclosed_sign(const std::string& text,
                                                   const std::string& file);

}  // namespace halfopen
