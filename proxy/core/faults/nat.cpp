// The nat fault as text becomes a NatConfig: every field named, typed and bounded, or refused.
#include "base/duration_text.hpp"
#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {
namespace {

OnNextPacket read_next_packet(Attributes& reader, std::string_view key) {
  return reader.choice<OnNextPacket>(key, OnNextPacket::kDrop,
                                     {{"drop", OnNextPacket::kDrop}, {"rst", OnNextPacket::kRst}});
}

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
  return action == OnNextPacket::kRst ? "rst" : "drop";
}

}  // namespace

Result<NatConfig> parse_nat(const boost::json::object& attributes, const std::string& where) {
  Attributes reader{attributes, where};
  NatConfig config;
  config.idle_timeout = reader.positive_duration("idle_timeout");
  config.on_expiry = reader.choice<OnExpiry>("on_expiry", OnExpiry::kNone,
                                             {{"none", OnExpiry::kNone},
                                              {"rst_both", OnExpiry::kRstBoth},
                                              {"rst_inside", OnExpiry::kRstInside},
                                              {"fin_both", OnExpiry::kFinBoth}});
  if (const auto* sides = reader.nested("on_next_packet")) {
    Attributes per_side{*sides, reader.path_of("on_next_packet")};
    config.on_next_packet_inside = read_next_packet(per_side, "inside");
    config.on_next_packet_outside = read_next_packet(per_side, "outside");
    reader.adopt(per_side.finish());
  } else {
    config.on_next_packet_inside = read_next_packet(reader, "on_next_packet");
    config.on_next_packet_outside = config.on_next_packet_inside;
  }
  config.refresh_by =
      reader.choice<RefreshBy>("refresh_by", RefreshBy::kSegments,
                               {{"segments", RefreshBy::kSegments}, {"bytes", RefreshBy::kBytes}});
  // Nothing revives an expired mapping yet; the word is accepted so that it can be written down.
  (void)reader.choice<int>("revive_by", 0, {{"none", 0}});
  config.inside = reader.choice<InsideLeg>(
      "inside", InsideLeg::kClient,
      {{"client", InsideLeg::kClient}, {"upstream", InsideLeg::kUpstream}});
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const NatConfig& config) {
  return {{"idle_timeout", format_duration(config.idle_timeout)},
          {"on_expiry", to_text(config.on_expiry)},
          {"on_next_packet",
           {{"inside", to_text(config.on_next_packet_inside)},
            {"outside", to_text(config.on_next_packet_outside)}}},
          {"refresh_by", config.refresh_by == RefreshBy::kBytes ? "bytes" : "segments"},
          {"revive_by", "none"},
          {"inside", config.inside == InsideLeg::kUpstream ? "upstream" : "client"}};
}

}  // namespace halfopen
