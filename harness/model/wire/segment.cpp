#include "harness/model/wire/segment.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace halfopen {

std::string to_text(const Endpoint& endpoint) {
  std::string text;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    text += std::to_string((endpoint.address >> shift) & 0xffU) + (shift == 0 ? ":" : ".");
  }
  return text + std::to_string(endpoint.port);
}

std::string to_text(const Segment& segment) {
  constexpr std::array<std::pair<std::uint8_t, std::string_view>, 5> kFlags{{{kTcpSyn, "SYN"},
                                                                             {kTcpFin, "FIN"},
                                                                             {kTcpReset, "RST"},
                                                                             {kTcpPush, "PSH"},
                                                                             {kTcpAck, "ACK"}}};
  std::string text = to_text(segment.source) + " > " + to_text(segment.destination) + " ";
  bool is_first = true;
  for (const auto& [flag, name] : kFlags) {
    if (!segment.has(flag)) continue;
    text += (is_first ? "" : ",") + std::string(name);
    is_first = false;
  }
  text += " seq " + std::to_string(segment.sequence);
  if (segment.has(kTcpAck)) text += " ack " + std::to_string(segment.acknowledgement);
  return text + " len " + std::to_string(segment.payload_bytes);
}

}  // namespace halfopen
