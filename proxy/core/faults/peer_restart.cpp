// The peer_restart fault as text becomes a config: its kind, and how long the peer stays down.
#include "base/duration_text.hpp"
#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {

Result<PeerRestartConfig> parse_peer_restart(const boost::json::object& attributes,
                                             const std::string& where) {
  Attributes reader{attributes, where};
  if (!reader.contains("kind")) {
    return Problem{reader.path_of("kind"),
                   ": missing, expected one of graceful, crash, power_loss"};
  }
  PeerRestartConfig config;
  config.kind = reader.choice<RestartKind>("kind", RestartKind::kGraceful,
                                           {{"graceful", RestartKind::kGraceful},
                                            {"crash", RestartKind::kCrash},
                                            {"power_loss", RestartKind::kPowerLoss}});
  config.down_time = reader.duration("down_time", Duration{0});
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const PeerRestartConfig& config) {
  return {{"kind", to_text(config.kind)}, {"down_time", format_duration(config.down_time)}};
}

}  // namespace halfopen
