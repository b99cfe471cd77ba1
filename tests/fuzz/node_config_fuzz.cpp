// Whatever a configuration file holds: a configuration or a Problem of one line, never a crash.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "node/shell/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto config = halfopen::node::parse_config(text, "n.yaml");
  if (config.has_error() && !config.error().text.starts_with("n.yaml")) std::abort();
  return 0;
}
