#include "node/core/settings.hpp"

namespace halfopen::node {

std::string_view name_of(Preset preset) {
  return preset == Preset::kNaive ? "naive" : "resilient";
}

std::optional<Preset> preset_of(std::string_view name) {
  for (const Preset preset : {Preset::kResilient, Preset::kNaive}) {
    if (name_of(preset) == name) return preset;
  }
  return std::nullopt;
}

Defences defences_of(Preset preset) {
  Defences defences;
  if (preset == Preset::kResilient) return defences;
  defences.keepalive.enabled = false;
  defences.user_timeout.enabled = false;
  defences.ping.enabled = false;
  defences.reconnect.enabled = false;
  defences.retry.enabled = false;
  defences.watch_idle = false;
  defences.writes_per_frame = 2;
  return defences;
}

}  // namespace halfopen::node
