// The shapes of faults. Their attributes are fault-proxy's own: here stand their names and kinds,
// so that an editor knows them and a mistake has its place in the scenario. What a value may be is
// fault-proxy's to say (its --check-config is asked); a test holds this list against `fault-proxy
// faults`.
#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

using Need = ShapeKey::Need;

ShapeKey attribute(const char* name, ValueType type, const char* doc) {
  return {name, Need::kOptional, std::move(type), doc};
}

ShapeKey name_attribute() {
  return attribute("name", takes_name(), "what clear_fault calls it by (its type)");
}

// fault-proxy takes Toxiproxy's plain numbers, and durations and sizes with units.
ShapeKey amount(const char* name, const char* doc) {
  return attribute(name, takes_text(), doc);
}

Shape fault(const char* type, const char* doc, const char* example,
            std::vector<ShapeKey> attributes) {
  attributes.push_back(name_attribute());
  return {type, "fault " + std::string(type), doc, example, std::move(attributes)};
}

// What shapes bytes works on one stream of a connection, and on a share of the connections.
Shape stream_fault(const char* type, const char* doc, const char* example,
                   std::vector<ShapeKey> attributes) {
  attributes.push_back(attribute("stream", takes_word({"upstream", "downstream", "both"}),
                                 "whose bytes: the dialer's, the listener's (downstream)"));
  attributes.push_back(amount("toxicity", "the share of the connections, 0 to 1 (1)"));
  return fault(type, doc, example, std::move(attributes));
}

ShapeKey new_connections() {
  return attribute("new_connections", takes_flag(), "those made later, too (false)");
}

ShapeKey after() {
  return attribute("after", takes_duration(), "this much later (0s)");
}

ValueType end_of_link() {
  return takes_word({"client", "upstream"});
}

Shape nat() {
  return fault(
      "nat", "forgets an idle connection, as NATs, firewalls and load balancers do",
      "{idle_timeout: 3s, on_next_packet: drop}",
      {attribute("profile", takes_text(), "a known box by name (halfopen profiles)"),
       attribute("idle_timeout", takes_duration(), "needed without a profile"),
       attribute("unacked_timeout", takes_duration(), "while data is not acknowledged (none)"),
       attribute("on_expiry", takes_word({"none", "rst_both", "rst_inside", "fin_both"}),
                 "who is told (none)"),
       attribute("on_next_packet", takes_anything(),
                 "drop, rst, repick_same_port or repick_new_port; or {inside: rst, outside: drop}"),
       attribute("refresh_by", takes_word({"segments", "bytes"}),
                 "bytes: keep-alive does not help (segments)"),
       attribute("revive_by", takes_word({"none", "inside", "any"}),
                 "whose packet revives it (none)"),
       attribute("inside", end_of_link(), "who is behind the NAT (as the link says)")});
}

std::vector<Shape> connection_faults() {
  return {
      nat(),
      fault("blackhole", "a cut cable: nothing passes and nobody is told", "{at: outside}",
            {attribute("at", takes_word({"both", "inside", "outside"}), "which cable (both)"),
             attribute("direction", takes_word({"both", "upstream", "downstream"}),
                       "what is lost: both, what the dialer or what the listener sends (both)")}),
      fault("peer_restart", "the link behaves as if its listener's machine went down",
            "{kind: power_loss, down_time: 2s}",
            {attribute("kind", takes_word({"graceful", "crash", "power_loss"}), "how; needed"),
             attribute("down_time", takes_duration(), "0s: until the fault is cleared (0s)")}),
      fault("syn_drop", "new dials are swallowed, connections are untouched", "{}", {}),
      fault("refuse", "new dials are refused, connections are untouched", "{}", {}),
      fault("accept_then_silence", "dials are answered, and nothing else is", "{acks: false}",
            {attribute("acks", takes_flag(), "false: not even acknowledged (true)")}),
      fault("reset_on_next", "the next packet draws a reset, until then there is silence",
            "{side: client}",
            {attribute("side", takes_word({"both", "client", "upstream"}),
                       "whose packet: the dialer's (client), the listener's (upstream) (both)"),
             new_connections()}),
      fault("half_close", "one side gets a FIN, the other direction goes on",
            "{side: client, after: 5s}",
            {attribute("side", end_of_link(), "who gets the FIN (client)"), after(),
             new_connections()}),
      fault("asymmetric", "one side's connection is gone, the other believes in it",
            "{forget: upstream, how: rst}",
            {attribute("forget", end_of_link(), "whose connection is gone (client)"),
             attribute("how", takes_word({"silent", "rst", "fin"}), "how it is told (silent)"),
             attribute("then", takes_word({"drop", "rst"}),
                       "what the other one's packets meet (drop)"),
             after(), new_connections()}),
      fault("flap", "comes and goes", "{up: 10s, down: 2s}",
            {attribute("how", takes_word({"blackhole", "refuse", "reset"}),
                       "what down is (blackhole)"),
             attribute("up", takes_duration(), "how long it is up; needed"),
             attribute("down", takes_duration(), "how long it is down; needed"),
             attribute("jitter", takes_duration(), "at most half of each (0s)"),
             amount("count", "how often it goes down; 0: until it is cleared (0)"),
             amount("seed", "of the jitter (the program's)")}),
      fault("one_way_loss", "what goes one way is lost, the rest arrives (kernel world)",
            "{toward: outside}",
            {attribute("toward", takes_word({"inside", "outside"}), "which way; needed")}),
      fault("link_down", "the cable on that side has no carrier (kernel world)", "{at: inside}",
            {attribute("at", takes_word({"inside", "outside"}), "which side; needed")})};
}

std::vector<Shape> stream_faults() {
  return {
      stream_fault("latency", "bytes come later", "{latency: 10ms, stream: upstream}",
                   {amount("latency", "how much later (0)"), amount("jitter", "more or less (0)")}),
      stream_fault("bandwidth", "so many bytes a second", "{rate: 64}",
                   {amount("rate", "kB/s; 0: nothing passes (0)"),
                    attribute("scope", takes_word({"connection", "proxy"}),
                              "proxy: one line for all (connection)")}),
      stream_fault("slow_close", "the end of the connection comes later", "{delay: 1s}",
                   {amount("delay", "how much later (0)")}),
      stream_fault("timeout", "swallows everything, then closes", "{timeout: 5s}",
                   {amount("timeout", "since the last data; 0: never closes (0)")}),
      stream_fault("reset_peer", "resets both ends", "{timeout: 500ms}",
                   {amount("timeout", "how much later (0)"),
                    attribute("on", takes_word({"data", "now"}), "counted from what (data)")}),
      stream_fault("slicer", "cuts data into small pieces", "{average_size: 64}",
                   {amount("average_size", "bytes; needed"),
                    amount("size_variation", "bytes, at most average_size (0)"),
                    amount("delay", "between the pieces (0)")}),
      stream_fault("limit_data", "closes after so many bytes", "{bytes: 1000}",
                   {amount("bytes", "then it closes (0)")}),
      stream_fault("noop", "nothing", "{}", {}),
      stream_fault("corrupt", "flips bits, as if a checksum had missed it", "{every_bytes: 10000}",
                   {amount("every_bytes", "one flipped bit in so many bytes on average"),
                    amount("at_offset", "one flipped bit there; one of the two is needed")})};
}

const std::vector<Shape>& faults() {
  static const std::vector<Shape> shapes = [] {
    std::vector<Shape> all = connection_faults();
    for (Shape& shape : stream_faults())
      all.push_back(std::move(shape));
    return all;
  }();
  return shapes;
}

}  // namespace

const Shape& fault_attributes_shape(std::string_view type) {
  const auto found = std::find_if(faults().begin(), faults().end(),
                                  [&](const Shape& shape) { return shape.id == type; });
  HALFOPEN_ASSERT(found != faults().end());
  return *found;
}

const Shape& fault_shape() {
  static const Shape shape = [] {
    Shape fault{"fault",
                "a fault",
                "one key, its type, with its attributes",
                "{nat: {idle_timeout: 3s}}",
                {}};
    for (const Shape& type : faults())
      fault.keys.push_back({type.id, Need::kMain, takes_shape(type), type.doc});
    return fault;
  }();
  return shape;
}

}  // namespace halfopen
