// The reset_on_next fault as text becomes a config: whose next packets draw a reset.
#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {
namespace {

std::string_view to_text(PeerSides side) {
  switch (side) {
    case PeerSides::kClient:
      return "client";
    case PeerSides::kUpstream:
      return "upstream";
    case PeerSides::kBoth:
      break;
  }
  return "both";
}

}  // namespace

Result<ResetOnNextConfig> parse_reset_on_next(const boost::json::object& attributes,
                                              const std::string& where) {
  Attributes reader{attributes, where};
  ResetOnNextConfig config;
  config.side = reader.choice<PeerSides>("side", PeerSides::kBoth,
                                         {{"client", PeerSides::kClient},
                                          {"upstream", PeerSides::kUpstream},
                                          {"both", PeerSides::kBoth}});
  config.new_connections = reader.flag("new_connections", false);
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const ResetOnNextConfig& config) {
  return {{"side", to_text(config.side)}, {"new_connections", config.new_connections}};
}

}  // namespace halfopen
