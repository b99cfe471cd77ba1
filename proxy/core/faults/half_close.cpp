// The half_close fault as text becomes a config: who gets a FIN, and when.
#include "proxy/core/faults/aim.hpp"

namespace halfopen {

Result<HalfCloseConfig> parse_half_close(const boost::json::object& attributes,
                                         const std::string& where) {
  Attributes reader{attributes, where};
  HalfCloseConfig config;
  config.side = read_side(reader, "side", PeerSide::kClient);
  config.aim = read_aim(reader);
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const HalfCloseConfig& config) {
  boost::json::object written{{"side", to_text(config.side)}};
  write_aim(config.aim, written);
  return written;
}

}  // namespace halfopen
