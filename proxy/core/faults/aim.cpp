#include "proxy/core/faults/aim.hpp"

#include "base/duration_text.hpp"

namespace halfopen {

std::string_view to_text(PeerSide side) {
  return side == PeerSide::kClient ? "client" : "upstream";
}

PeerSide read_side(Attributes& reader, std::string_view key, PeerSide fallback) {
  return reader.choice<PeerSide>(
      key, fallback, {{"client", PeerSide::kClient}, {"upstream", PeerSide::kUpstream}});
}

Aim read_aim(Attributes& reader) {
  Aim aim;
  aim.after = reader.duration("after", Duration{0});
  aim.new_connections = reader.flag("new_connections", false);
  return aim;
}

void write_aim(const Aim& aim, boost::json::object& attributes) {
  attributes["after"] = format_duration(aim.after);
  attributes["new_connections"] = aim.new_connections;
}

}  // namespace halfopen
