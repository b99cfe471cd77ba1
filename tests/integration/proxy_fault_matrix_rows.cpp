// The rows of the fault matrix. Expected is what Linux does at both ends where the fault is real.
#include "tests/integration/proxy_fault_matrix.hpp"

namespace halfopen::test {
namespace {

// What the first visible error tells of the cause, on Linux, to a program that writes.
constexpr const char* kReset = "OK ECONNRESET EPIPE";        // its next packet draws a RST
constexpr const char* kResetNow = "ECONNRESET EPIPE EPIPE";  // the RST was there before
constexpr const char* kFinIgnored = "OK EPIPE EPIPE";        // a FIN was, and nobody read it
constexpr const char* kUnacked = "ESTABLISHED, unacked";

EndCells fine() {
  return {};
}
// Nothing comes through in either direction, and nobody says so.
EndCells in_the_dark() {
  return {.state = kUnacked, .received = ""};
}
// A socket tells its error once: to who sent. Who reads only then sees an end.
EndCells reset_by_its_next_packet() {
  return {.sends = kReset, .state = "gone", .received = "EOF"};
}
EndCells reset_at_once() {
  return {.poll = "broken", .sends = kResetNow, .state = "gone", .received = "EOF"};
}
EndCells closed() {
  return {.poll = "finished", .sends = kFinIgnored, .state = "gone", .received = "EOF"};
}

std::vector<MatrixRow> nat_rows() {
  return {
      {.name = "NatDrop",
       .type = "nat",
       .attributes = R"({"idle_timeout": "300ms"})",
       .until = "nat_expired",
       .client = in_the_dark(),
       .upstream = in_the_dark(),
       .after = "delivered"},
      {.name = "NatReset",
       .type = "nat",
       .attributes = R"({"profile": "aws-nlb", "idle_timeout": "300ms"})",
       .until = "nat_expired",
       .client = reset_by_its_next_packet(),
       .upstream = reset_by_its_next_packet()},
      {.name = "NatResetOfTheInsideAlone",
       .type = "nat",
       .attributes = R"({"profile": "aws-nat-gateway", "idle_timeout": "300ms"})",
       .until = "nat_expired",
       .client = reset_by_its_next_packet(),
       .upstream = in_the_dark()},
      {.name = "NatResetsBothAtExpiry",
       .type = "nat",
       .attributes = R"({"profile": "azure-load-balancer-tcp-reset", "idle_timeout": "300ms"})",
       .until = "nat_expired",
       .client = reset_at_once(),
       .upstream = reset_at_once()},
      {.name = "NatClosesBothAtExpiry",
       .type = "nat",
       .attributes = R"({"profile": "aws-alb", "idle_timeout": "300ms"})",
       .until = "nat_expired",
       .client = closed(),
       .upstream = closed()},
      {.name = "NatPicksUpOnTheSamePort",
       .type = "nat",
       .attributes = R"({"profile": "gcp-vpc-firewall", "idle_timeout": "500ms"})",
       .until = "nat_expired",
       .client = fine(),
       .upstream = fine()},
      {.name = "NatPicksUpOnANewPort",
       .type = "nat",
       .attributes = R"({"idle_timeout": "300ms", "on_next_packet": "repick_new_port"})",
       .until = "nat_expired",
       .client = reset_by_its_next_packet(),
       .upstream = in_the_dark()},
  };
}

std::vector<MatrixRow> silence_rows() {
  return {
      {.name = "Blackhole",
       .type = "blackhole",
       .client = in_the_dark(),
       .upstream = in_the_dark(),
       .dial = "timeout",
       .after = "delivered"},
      // What goes the other way arrives, and its sender never learns it.
      {.name = "BlackholeUpstream",
       .type = "blackhole",
       .attributes = R"({"direction": "upstream"})",
       .client = {.state = kUnacked, .received = "1*"},
       .upstream = in_the_dark(),
       .dial = "timeout",
       .after = "delivered"},
      {.name = "BlackholeDownstream",
       .type = "blackhole",
       .attributes = R"({"direction": "downstream"})",
       .client = in_the_dark(),
       .upstream = {.state = kUnacked, .received = "1*"},
       .dial = "timeout",
       .after = "delivered"},
      {.name = "SynDrop", .type = "syn_drop", .dial = "timeout"},
      {.name = "PowerLoss",
       .type = "peer_restart",
       .attributes = R"({"kind": "power_loss"})",
       .client = in_the_dark(),
       .upstream = in_the_dark(),
       .dial = "timeout",
       .after = "reset"},
      {.name = "FlapBlackhole",
       .type = "flap",
       .attributes = R"({"up": "1ms", "down": "1h"})",
       .until = "flap_down",
       .client = in_the_dark(),
       .upstream = in_the_dark(),
       .dial = "timeout",
       .after = "delivered"},
      {.name = "AcceptThenSilence", .type = "accept_then_silence"},
      {.name = "AcceptThenSilenceUnheard",
       .type = "accept_then_silence",
       .attributes = R"({"acks": false})"},
  };
}

std::vector<MatrixRow> refusal_rows() {
  return {
      {.name = "Refuse", .type = "refuse", .dial = "ECONNREFUSED"},
      {.name = "GracefulRestart",
       .type = "peer_restart",
       .attributes = R"({"kind": "graceful"})",
       .client = closed(),
       .upstream = closed(),
       .dial = "ECONNREFUSED"},
      {.name = "CrashOfAnIdlePeer",
       .type = "peer_restart",
       .attributes = R"({"kind": "crash"})",
       .client = closed(),
       .upstream = closed(),
       .dial = "ECONNREFUSED"},
      {.name = "FlapRefuse",
       .type = "flap",
       .attributes = R"({"how": "refuse", "up": "1ms", "down": "1h"})",
       .until = "flap_down",
       .dial = "ECONNREFUSED"},
      {.name = "FlapReset",
       .type = "flap",
       .attributes = R"({"how": "reset", "up": "1ms", "down": "1h"})",
       .until = "flap_down",
       .client = reset_at_once(),
       .upstream = reset_at_once(),
       .dial = "ECONNREFUSED"},
  };
}

std::vector<MatrixRow> one_sided_rows() {
  return {
      {.name = "ResetOnNext",
       .type = "reset_on_next",
       .client = reset_by_its_next_packet(),
       .upstream = reset_by_its_next_packet()},
      {.name = "ResetOnNextOfTheClient",
       .type = "reset_on_next",
       .attributes = R"({"side": "client"})",
       .client = reset_by_its_next_packet(),
       .upstream = in_the_dark()},
      {.name = "ResetOnNextOfTheUpstream",
       .type = "reset_on_next",
       .attributes = R"({"side": "upstream"})",
       .client = in_the_dark(),
       .upstream = reset_by_its_next_packet()},
      // The client sees an end that the upstream never made, and goes on sending.
      {.name = "HalfCloseOfTheClient",
       .type = "half_close",
       .until = "half_closed",
       .client = {.poll = "finished", .state = "CLOSE_WAIT", .received = "EOF"},
       .upstream = {.received = "123"}},
      {.name = "HalfCloseOfTheUpstream",
       .type = "half_close",
       .attributes = R"({"side": "upstream", "after": "100ms"})",
       .until = "half_closed",
       .client = {.received = "123"},
       .upstream = {.poll = "finished", .state = "CLOSE_WAIT", .received = "EOF"}},
      {.name = "AsymmetricSilentDrop",
       .type = "asymmetric",
       .until = "side_forgotten",
       .client = reset_by_its_next_packet(),
       .upstream = in_the_dark()},
      {.name = "AsymmetricResetDrop",
       .type = "asymmetric",
       .attributes = R"({"how": "rst"})",
       .until = "side_forgotten",
       .client = reset_at_once(),
       .upstream = in_the_dark()},
      {.name = "AsymmetricFinReset",
       .type = "asymmetric",
       .attributes = R"({"how": "fin", "then": "rst", "after": "100ms"})",
       .until = "side_forgotten",
       .client = closed(),
       .upstream = reset_by_its_next_packet()},
      {.name = "AsymmetricUpstreamForgotten",
       .type = "asymmetric",
       .attributes = R"({"forget": "upstream"})",
       .until = "side_forgotten",
       .client = in_the_dark(),
       .upstream = reset_by_its_next_packet()},
  };
}

// On what the upstream says, as Toxiproxy's toxics are unless told otherwise.
std::vector<MatrixRow> stream_rows() {
  return {
      {.name = "Noop", .type = "noop"},
      {.name = "Latency", .type = "latency", .attributes = R"({"latency": 20, "jitter": 10})"},
      {.name = "Bandwidth", .type = "bandwidth", .attributes = R"({"rate": 100})"},
      {.name = "Slicer",
       .type = "slicer",
       .attributes = R"({"average_size": 2, "size_variation": 1, "delay": 10})"},
      {.name = "SlowClose", .type = "slow_close", .attributes = R"({"delay": 1000})"},
      {.name = "Timeout", .type = "timeout", .client = {.received = ""}},
      {.name = "ResetPeer",
       .type = "reset_peer",
       .client = {.state = "gone", .received = "ECONNRESET"},
       .upstream = {.sends = kReset, .state = "gone", .received = "123 EOF"}},
      {.name = "LimitData",
       .type = "limit_data",
       .attributes = R"({"bytes": 1})",
       .client = {.state = "CLOSE_WAIT", .received = "1 EOF"},
       .upstream = {.sends = "OK OK EPIPE", .state = "gone", .received = "123 EOF"}},
      {.name = "Corrupt",
       .type = "corrupt",
       .attributes = R"({"at_offset": 1})",
       .client = {.received = "1~3"}},
  };
}

}  // namespace

std::vector<MatrixRow> fault_matrix() {
  std::vector<MatrixRow> all{{.name = "NoFault"}};
  for (const auto& rows :
       {nat_rows(), silence_rows(), refusal_rows(), one_sided_rows(), stream_rows()})
    all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

}  // namespace halfopen::test
