// The nat fault as text becomes a NatConfig: every field named, typed and bounded, or refused.
#include "base/duration_text.hpp"
#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {
namespace {

std::string_view to_text(OnExpiry action) {
  switch (action) {
    case OnExpiry::kNone:
      return "none";
    case OnExpiry::kRstBoth:
      return "rst_both";
    case OnExpiry::kRstInside:
      return "rst_inside";
    case OnExpiry::kFinBoth:
      return "fin_both";
  }
  return "";
}

std::string_view to_text(OnNextPacket action) {
  switch (action) {
    case OnNextPacket::kDrop:
      return "drop";
    case OnNextPacket::kRst:
      return "rst";
    case OnNextPacket::kRepickSamePort:
      return "repick_same_port";
    case OnNextPacket::kRepickNewPort:
      return "repick_new_port";
  }
  return "";
}

std::string_view to_text(ReviveBy side) {
  switch (side) {
    case ReviveBy::kNone:
      return "none";
    case ReviveBy::kInside:
      return "inside";
    case ReviveBy::kAny:
      return "any";
  }
  return "";
}

OnNextPacket read_inside(Attributes& reader, std::string_view key) {
  return reader.choice<OnNextPacket>(key, OnNextPacket::kDrop,
                                     {{"drop", OnNextPacket::kDrop},
                                      {"rst", OnNextPacket::kRst},
                                      {"repick_same_port", OnNextPacket::kRepickSamePort},
                                      {"repick_new_port", OnNextPacket::kRepickNewPort}});
}

OnNextPacket read_outside(Attributes& reader, std::string_view key) {
  return reader.choice<OnNextPacket>(key, OnNextPacket::kDrop,
                                     {{"drop", OnNextPacket::kDrop}, {"rst", OnNextPacket::kRst}});
}

void read_next_packets(Attributes& reader, NatConfig& config) {
  if (const auto* sides = reader.nested("on_next_packet")) {
    Attributes per_side{*sides, reader.path_of("on_next_packet")};
    config.on_next_packet_inside = read_inside(per_side, "inside");
    config.on_next_packet_outside = read_outside(per_side, "outside");
    reader.adopt(per_side.finish());
    return;
  }
  config.on_next_packet_inside = read_inside(reader, "on_next_packet");
  // Only the inside's packet is picked up again; what comes from outside finds no mapping.
  if (config.on_next_packet_inside == OnNextPacket::kRst) {
    config.on_next_packet_outside = OnNextPacket::kRst;
  }
}

void read_revive_by(Attributes& reader, NatConfig& config) {
  const bool picks_up = config.on_next_packet_inside == OnNextPacket::kRepickSamePort;
  config.revive_by = reader.choice<ReviveBy>(
      "revive_by", picks_up ? ReviveBy::kInside : ReviveBy::kNone,
      {{"none", ReviveBy::kNone}, {"inside", ReviveBy::kInside}, {"any", ReviveBy::kAny}});
  if (config.revive_by != ReviveBy::kNone && !reader.contains("on_next_packet")) {
    config.on_next_packet_inside = OnNextPacket::kRepickSamePort;
  }
}

// What cannot all be true at once.
Result<void> check_together(const NatConfig& config, const Attributes& reader) {
  const bool picks_up = config.on_next_packet_inside == OnNextPacket::kRepickSamePort;
  const bool revives = config.revive_by != ReviveBy::kNone;
  if (revives && !picks_up) {
    return Problem{reader.path_of("revive_by"), ": ", to_text(config.revive_by),
                   " needs on_next_packet.inside: repick_same_port, got ",
                   to_text(config.on_next_packet_inside)};
  }
  if (picks_up && !revives) {
    return Problem{reader.path_of("revive_by"),
                   ": none contradicts on_next_packet.inside: repick_same_port"};
  }
  if (config.revive_by == ReviveBy::kAny && config.on_next_packet_outside == OnNextPacket::kRst) {
    return Problem{reader.path_of("revive_by"), ": any contradicts on_next_packet.outside: rst"};
  }
  if (revives && config.on_expiry != OnExpiry::kNone) {
    return Problem{reader.path_of("on_expiry"), ": ", to_text(config.on_expiry),
                   " ends the inside's connection, so that nothing is left to be picked up by "
                   "on_next_packet.inside: repick_same_port"};
  }
  if (!config.unacked_timeout) return {};
  if (*config.unacked_timeout > config.idle_timeout) {
    return Problem{reader.path_of("unacked_timeout"), ": ",
                   format_duration(*config.unacked_timeout), " is longer than idle_timeout, ",
                   format_duration(config.idle_timeout)};
  }
  if (config.refresh_by == RefreshBy::kBytes) {
    return Problem{reader.path_of("unacked_timeout"),
                   ": needs refresh_by: segments, an idle timer of bytes sees no acknowledgements"};
  }
  return {};
}

}  // namespace

Result<NatConfig> parse_nat(const boost::json::object& attributes, const std::string& where) {
  Attributes reader{attributes, where};
  NatConfig config;
  if (auto profile = reader.text("profile"); !profile.empty()) {
    config.profile = std::make_shared<const std::string>(std::move(profile));
  }
  config.idle_timeout = reader.positive_duration("idle_timeout");
  if (reader.contains("unacked_timeout")) {
    config.unacked_timeout = reader.positive_duration("unacked_timeout");
  }
  config.on_expiry = reader.choice<OnExpiry>("on_expiry", OnExpiry::kNone,
                                             {{"none", OnExpiry::kNone},
                                              {"rst_both", OnExpiry::kRstBoth},
                                              {"rst_inside", OnExpiry::kRstInside},
                                              {"fin_both", OnExpiry::kFinBoth}});
  read_next_packets(reader, config);
  read_revive_by(reader, config);
  config.refresh_by =
      reader.choice<RefreshBy>("refresh_by", RefreshBy::kSegments,
                               {{"segments", RefreshBy::kSegments}, {"bytes", RefreshBy::kBytes}});
  config.inside = reader.choice<InsideLeg>(
      "inside", InsideLeg::kClient,
      {{"client", InsideLeg::kClient}, {"upstream", InsideLeg::kUpstream}});
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  const auto checked = check_together(config, reader);
  if (checked.has_error()) return checked.error();
  return config;
}

boost::json::object attributes_of(const NatConfig& config) {
  boost::json::object written;
  if (config.profile) written["profile"] = *config.profile;
  written.insert({{"idle_timeout", format_duration(config.idle_timeout)},
                  {"on_expiry", to_text(config.on_expiry)},
                  {"on_next_packet",
                   {{"inside", to_text(config.on_next_packet_inside)},
                    {"outside", to_text(config.on_next_packet_outside)}}},
                  {"refresh_by", config.refresh_by == RefreshBy::kBytes ? "bytes" : "segments"},
                  {"inside", config.inside == InsideLeg::kUpstream ? "upstream" : "client"}});
  if (config.unacked_timeout) {
    written["unacked_timeout"] = format_duration(*config.unacked_timeout);
  }
  // The other words only repeat on_next_packet, and would contradict it once that is changed.
  if (config.revive_by == ReviveBy::kAny) written["revive_by"] = to_text(config.revive_by);
  return written;
}

}  // namespace halfopen
