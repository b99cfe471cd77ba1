// `halfopen list`, `fmt` and `schema`: what can be said of scenario files without running them.
#pragma once

#include <string>
#include <vector>

namespace halfopen {

// A line for each file, or a JSON array. A file that is not good is told on standard error, and the
// others are listed all the same. Answers the exit status.
[[nodiscard]] int list_scenarios(const std::vector<std::string>& files, bool as_json);

enum class FormatMode { kPrint, kCheck, kWrite };
// Prints the files as they should be laid out; or names those that are laid out otherwise, and
// answers kExitFail if there are any; or writes them, each at once or not at all.
[[nodiscard]] int format_scenarios(const std::vector<std::string>& files, FormatMode mode);

[[nodiscard]] int print_schema();

}  // namespace halfopen
