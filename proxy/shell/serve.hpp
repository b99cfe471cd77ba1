// `fault-proxy` without a word: puts the parts together and runs until it is told to stop.
#pragma once

#include <string>

#include "base/result.hpp"
#include "proxy/shell/options.hpp"

namespace halfopen {

// The exit code.
[[nodiscard]] int serve(const ServeOptions& options);

// The token of an option or of a file, without the file's newline; empty if neither is given.
[[nodiscard]] Result<std::string> read_token(const std::string& token, const std::string& file);

}  // namespace halfopen
