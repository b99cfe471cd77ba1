// A configuration file as answers to questions. Keys that nobody asked for are errors, because a
// misspelt defence would silently be another experiment.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.hpp"
#include "node/shell/config_fields.hpp"

namespace halfopen::node {

// Where each key of a file stands: "reconnect.enabled" or "peers[2].name" -> "n1.yaml:4:3".
using KeyPlaces = std::map<std::string, std::string>;

// Puts the questions of `read` to `text`; `name` stands for the file in Problems, which read
// "file:line:column: what, what was expected". The first one stays.
[[nodiscard]] Result<KeyPlaces> read_yaml(const std::string& text, const std::string& name,
                                          const std::function<void(Fields&)>& read);

}  // namespace halfopen::node
