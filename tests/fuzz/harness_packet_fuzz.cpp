// Whatever bytes a wire carries: the parser answers a segment or nothing, and a follower that is
// given every segment twice, in and out, keeps its counts whole.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "harness/model/wire/middlebox_account.hpp"
#include "harness/model/wire/packet_parser.hpp"

using namespace halfopen;  // NOLINT: a test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  LinkSpec link;
  link.id = "a-b";
  link.dialer = link.inside = "a";
  link.listener = "b";
  MiddleboxAccount account(link);
  FaultSpec nat;
  nat.name = nat.type = "nat";
  nat.attributes = {{"idle_timeout", "1s"}};
  account.handle_fault_set(nat, Instant{});
  std::span<const std::uint8_t> bytes(data, size);
  Instant now;
  while (!bytes.empty()) {
    // The first byte says how long the next packet is, and by its lowest bits what becomes of it.
    const std::uint8_t control = bytes.front();
    bytes = bytes.subspan(1);
    const auto packet = bytes.first(std::min<std::size_t>(bytes.size(), control / 2));
    bytes = bytes.subspan(packet.size());
    now = now + std::chrono::milliseconds(control);
    (void)parse_packet(LinkLayer::kEthernet, packet, now);
    const auto parsed = parse_packet(LinkLayer::kLinuxCooked2, packet, now);
    if (!parsed) continue;
    if (parsed->segment.payload_bytes > 65'535) std::abort();
    const WireSide side = parsed->interface_index % 2 == 0 ? WireSide::kInside : WireSide::kOutside;
    account.handle_segment(side, parsed->is_outgoing ? Passage::kLeft : Passage::kArrived,
                           parsed->segment);
    if (control % 2 == 0) account.handle_segment(other(side), Passage::kLeft, parsed->segment);
    account.handle_table({{parsed->segment.source, parsed->segment.destination, true}}, now);
  }
  account.handle_table({}, now + std::chrono::seconds(20));
  for (const MiddleboxSample& sample : account.samples()) {
    if (sample.value < 0) std::abort();
  }
  return 0;
}
