#include "proxy/shell/fault_list.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "base/near_name.hpp"
#include "proxy/core/fault.hpp"
#include "proxy/shell/exit_codes.hpp"

namespace halfopen {
namespace {

constexpr std::array kNat{
    AttributeHelp{"profile", "a known box by name (fault-proxy profiles); what is given too, wins"},
    AttributeHelp{"idle_timeout", "a duration; required without a profile"},
    AttributeHelp{"unacked_timeout", "a shorter one, while data is not acknowledged (none)"},
    AttributeHelp{"on_expiry", "none, rst_both, rst_inside or fin_both: who is told (none)"},
    AttributeHelp{"on_next_packet", "drop, rst, repick_same_port or repick_new_port (drop);"},
    AttributeHelp{"", "each side for itself: {\"inside\":\"rst\",\"outside\":\"drop\"}"},
    AttributeHelp{"refresh_by",
                  "segments, or bytes as a load balancer: keep-alive does not help (segments)"},
    AttributeHelp{"revive_by", "none, inside or any: whose packet revives it (none)"},
    AttributeHelp{"inside", "client or upstream: who is behind the NAT (client)"}};
constexpr std::array kBlackhole{
    AttributeHelp{"at", "both, inside or outside: which cable is cut (both)"},
    AttributeHelp{"direction", "both, upstream or downstream: what is lost (both)"}};
constexpr std::array kPeerRestart{
    AttributeHelp{"kind", "graceful, crash or power_loss; required"},
    AttributeHelp{"down_time", "a duration; 0s: until the fault is removed (0s)"}};
constexpr std::array kAcceptThenSilence{
    AttributeHelp{"acks", "true, or false: not even what is sent is acknowledged (true)"}};
constexpr AttributeHelp kNewConnections{"new_connections",
                                        "true or false: those made later, too (false)"};
constexpr std::array kResetOnNext{
    AttributeHelp{"side", "both, client or upstream: whose next packet draws a RST (both)"},
    kNewConnections};
constexpr AttributeHelp kAfter{"after", "a duration: this much later (0s)"};
constexpr std::array kHalfClose{
    AttributeHelp{"side", "client or upstream: who gets a FIN (client)"}, kAfter, kNewConnections};
constexpr std::array kAsymmetric{
    AttributeHelp{"forget", "client or upstream: whose connection is gone (client)"},
    AttributeHelp{"how", "silent, rst or fin: how that one is told (silent)"},
    AttributeHelp{"then", "drop or rst: what the other one's packets meet (drop)"}, kAfter,
    kNewConnections};
constexpr std::array kFlap{
    AttributeHelp{"how", "blackhole, refuse or reset: what down is (blackhole)"},
    AttributeHelp{"up", "a duration; required"},
    AttributeHelp{"down", "a duration; required"},
    AttributeHelp{"jitter", "a duration of at most half of each (0s)"},
    AttributeHelp{"count", "how often it goes down; 0: until it is removed (0)"},
    AttributeHelp{"seed", "of the jitter; 0: the program's (0)"}};
constexpr std::array kLatency{AttributeHelp{"latency", "milliseconds (0)"},
                              AttributeHelp{"jitter", "milliseconds, more or less (0)"}};
constexpr std::array kBandwidth{
    AttributeHelp{"rate", "kB/s; 0: nothing passes (0)"},
    AttributeHelp{"scope", "connection, or proxy: one line for all of them (connection)"}};
constexpr std::array kSlowClose{AttributeHelp{"delay", "milliseconds (0)"}};
constexpr std::array kTimeout{
    AttributeHelp{"timeout", "milliseconds since the last data; 0: never closes (0)"}};
constexpr std::array kResetPeer{
    AttributeHelp{"timeout", "milliseconds (0)"},
    AttributeHelp{"on", "data: counted from the first data or the end, or now (data)"}};
constexpr std::array kSlicer{AttributeHelp{"average_size", "bytes; required"},
                             AttributeHelp{"size_variation", "bytes, at most average_size (0)"},
                             AttributeHelp{"delay", "microseconds between the pieces (0)"}};
constexpr std::array kLimitData{AttributeHelp{"bytes", "then it closes (0)"}};
constexpr std::array kCorrupt{
    AttributeHelp{"every_bytes", "one flipped bit in so many bytes on average"},
    AttributeHelp{"at_offset", "one flipped bit there; this or every_bytes is required"}};

constexpr std::array kHelps{
    FaultHelp{"nat", "forgets an idle connection, as NATs, firewalls and load balancers do", kNat,
              "-a profile=aws-nlb -a idle_timeout=3s"},
    FaultHelp{"blackhole", "a cut cable: nothing passes and nobody is told", kBlackhole,
              "-n cut -a at=inside"},
    FaultHelp{"peer_restart", "the upstream's host or process ends and comes back", kPeerRestart,
              "-a kind=power_loss -a down_time=2s"},
    FaultHelp{"syn_drop", "new dials are swallowed, connections are untouched", {}, ""},
    FaultHelp{"refuse", "new dials are refused, connections are untouched", {}, ""},
    FaultHelp{"accept_then_silence", "dials are answered, and nothing else is", kAcceptThenSilence,
              "-a acks=false"},
    FaultHelp{"reset_on_next", "the next packet draws a RST, until then there is silence",
              kResetOnNext, "-a side=client"},
    FaultHelp{"half_close", "one side gets a FIN, the other direction goes on", kHalfClose,
              "-a side=client -a after=5s"},
    FaultHelp{"asymmetric", "one side's connection is gone, the other believes in it", kAsymmetric,
              "-a forget=upstream -a how=rst"},
    FaultHelp{"flap", "comes and goes", kFlap, "-a up=10s -a down=2s -a jitter=500ms"},
    FaultHelp{"latency", "bytes come later", kLatency, "-a latency=100 -a jitter=20"},
    FaultHelp{"bandwidth", "so many bytes a second", kBandwidth, "-a rate=64"},
    FaultHelp{"slow_close", "the end of the connection comes later", kSlowClose, "-a delay=1000"},
    FaultHelp{"timeout", "swallows everything, then closes", kTimeout, "-a timeout=5000"},
    FaultHelp{"reset_peer", "resets both ends", kResetPeer, "-a timeout=500 -a on=now"},
    FaultHelp{"slicer", "cuts data into small pieces", kSlicer,
              "-a average_size=64 -a size_variation=32 -a delay=1000"},
    FaultHelp{"limit_data", "closes after so many bytes", kLimitData, "-a bytes=1000"},
    FaultHelp{"noop", "nothing", {}, ""},
    FaultHelp{"corrupt", "flips bits, as if a checksum had missed it", kCorrupt,
              "-a every_bytes=10000"}};

std::string text_of(const FaultHelp& help) {
  std::string text = std::string(help.type) + ": " + std::string(help.summary) + "\n";
  for (const AttributeHelp& attribute : help.attributes) {
    std::string name(attribute.name);
    name.resize(std::max<std::size_t>(name.size(), 15), ' ');
    text += "    " + name + "  " + std::string(attribute.text) + "\n";
  }
  text += "  fault-proxy ctl add web -t " + std::string(help.type);
  if (!help.example.empty()) text += " " + std::string(help.example);
  return text + "\n";
}

}  // namespace

std::span<const FaultHelp> fault_helps() {
  return kHelps;
}

std::string faults_text(std::string_view type) {
  std::string text;
  bool is_first_of_streams = true;
  for (const FaultHelp& help : kHelps) {
    if (!type.empty() && help.type != type) continue;
    if (type.empty() && text.empty()) {
      text +=
          "Faults of a connection: one of a type on a proxy. Durations have a unit: 250ms, 3s, "
          "1h.\n\n";
    } else if (type.empty() && is_first_of_streams && is_stream_fault_type(help.type)) {
      is_first_of_streams = false;
      text +=
          "Faults of a stream: as many as one likes, of what the upstream sends, or with -u of "
          "what\nclients send, on a share of the connections (--toxicity 0.5). Toxiproxy's units "
          "or one's\nown: latency=100 is latency=100ms.\n\n";
    }
    text += text_of(help);
    if (type.empty()) text += "\n";
  }
  if (type.empty()) {
    text +=
        "In JSON: {\"type\": \"nat\", \"attributes\": {\"idle_timeout\": \"3s\"}}, posted to "
        "/proxies/web/faults or\n/proxies/web/toxics, or in \"faults\" of a proxy.\n";
  }
  return text;
}

int list_faults(const std::string& type) {
  const std::string text = faults_text(type);
  if (text.empty()) {
    const auto names = fault_type_names();
    return fail(kExitBadInput,
                "no fault is called \"" + type + "\"; " +
                    expected_names(type, std::vector<std::string>(names.begin(), names.end())));
  }
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? 0 : kExitInternal;
}

}  // namespace halfopen
