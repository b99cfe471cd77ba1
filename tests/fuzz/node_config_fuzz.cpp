// Whatever a configuration file holds: a configuration whose warnings are lines with a place and
// that changes nothing when it is loaded again, or a Problem of one line; never a crash.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "node/shell/config_change.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto config = halfopen::node::parse_config(text, "n.yaml");
  if (config.has_error()) {
    if (!config.error().text.starts_with("n.yaml")) std::abort();
    return 0;
  }
  for (const std::string& warning : halfopen::node::warnings_of(*config)) {
    if (!warning.starts_with("n.yaml:") || warning.find(": warning: ") == std::string::npos) {
      std::abort();
    }
  }
  const auto change = halfopen::node::compare(*config, *config);
  if (change.has_peers() || !change.ignored.empty()) std::abort();
  return 0;
}
