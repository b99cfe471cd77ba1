// `fault-proxy ctl`: drives a server that runs, ours or Toxiproxy's, over its API.
#pragma once

#include "proxy/shell/options.hpp"

namespace halfopen {

// The exit code: 1 where the server refused or cannot be reached.
[[nodiscard]] int control(const CtlOptions& options);

}  // namespace halfopen
