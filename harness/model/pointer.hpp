// `set:` paths: where in a document a value is replaced.
//
// A path is a JSON pointer ("/nodes/n1/keepalive/enabled") that must lead to something which is
// there: a path that creates what it misspelt would make a control that changes nothing. An item
// of a list is named by its index, its `id`, its `name`, or what stands for a name: a link is its
// two nodes ("n1-n2"), a fault without a name is its type.
#pragma once

#include <string>

#include "harness/model/document.hpp"

namespace halfopen {

// The value at the path, or a Problem (without a place) that names the part which leads nowhere.
// `value` is what is to be set there, if anything: it says what to write where the path ends early.
[[nodiscard]] Result<Document*> resolve_pointer(Document& document, const std::string& path,
                                                const Document* value = nullptr);

// Applies a `set:` map: each key a path, each value the replacement.
[[nodiscard]] Result<void> apply_set(Document& document, const Document& set);

}  // namespace halfopen
