// What single sentences say, wherever they stand: as a table, and a few that mean another thing
// after the connection has died.
#include <array>

#include "harness/model/triage/triage.hpp"

namespace halfopen {
namespace {

using Kind = ClueKind;

// A sentence of this kind is worth so many points for the cause.
struct Rule {
  Kind kind;
  Cause cause;
  int points;
  std::string_view because;
};
constexpr std::array kRules{
    Rule{Kind::kTooManyPings, Cause::kStrictPeer, 6,
         "the peer closes because pings come more often than it allows (gRPC: 5 minutes by "
         "default)"},
    Rule{Kind::kIdleClose, Cause::kIdleClose, 5, "somebody says that it closes what is idle"},
    Rule{Kind::kServerEndsIdle, Cause::kIdleClose, 8,
         "the server says that it closed this connection because it was idle"},
    Rule{Kind::kBoxDropped, Cause::kSilentDrop, 5,
         "a box (or this machine's own conntrack) drops packets in silence"},
    Rule{Kind::kBoxDropped, Cause::kNotReachable, 3,
         "a full table drops the first packets of new connections"},
    Rule{Kind::kLinkChanged, Cause::kPathOutage, 5, "the path itself was cut"},
    Rule{Kind::kLocalMemory, Cause::kLocalSystem, 5,
         "this machine's kernel drops packets and sockets when it has no memory for them"},
    Rule{Kind::kPeerStops, Cause::kPeerRestart, 4, "somebody says that it stops or restarts"},
    Rule{Kind::kDied, Cause::kPeerRestart, 4, "a process died"},
    Rule{Kind::kClosedByServer, Cause::kPeerRestart, 3,
         "by the proxy's word the server ended it while data could flow"},
    Rule{Kind::kClosedByServer, Cause::kResetInUse, 2, "closed or reset by the server"},
    Rule{Kind::kClosedByClient, Cause::kPeerRestart, 3,
         "by the proxy's word the client ended it while data could flow"},
    Rule{Kind::kClosedByClient, Cause::kImpatience, 2, "a client that waits no longer closes so"},
    Rule{Kind::kPingFailed, Cause::kSilentDrop, 3, "nothing answered the ping"},
    Rule{Kind::kPingFailed, Cause::kPathOutage, 3, "nothing answered the ping"},
    Rule{Kind::kPingFailed, Cause::kPowerLoss, 2, "nothing answered the ping"},
    Rule{Kind::kPingFailed, Cause::kSlowPeer, 2, "a peer that hangs does not answer pings either"},
    Rule{Kind::kPingFailed, Cause::kImpatience, 2, "the ping's timeout may be too strict"},
    Rule{Kind::kAborted, Cause::kLocalSystem, 5,
         "the local system ended the connection (ss -K, an administrator, a virus scanner, Windows "
         "after too many retransmissions)"},
    Rule{Kind::kAborted, Cause::kPathOutage, 1, "Windows says so after retransmitting in vain"},
    Rule{Kind::kNotPermitted, Cause::kLocalSystem, 6, "a packet filter of this machine forbids it"},
    Rule{Kind::kUnreachable, Cause::kNotReachable, 5, "a router, or this machine, knows no way"},
    Rule{Kind::kUnreachable, Cause::kPowerLoss, 2,
         "the last router says so of a machine that is off"},
    Rule{Kind::kDialTimeout, Cause::kNotReachable, 5,
         "a dial was not answered: a firewall that drops, a wrong address, a machine that is off"},
    Rule{Kind::kNameUnknown, Cause::kName, 6, "the name did not resolve, so nobody was asked"},
};

bool ends_a_connection(Kind kind) {
  return kind == Kind::kBrokenPipe || kind == Kind::kReset || kind == Kind::kTimedOut ||
         kind == Kind::kEof || kind == Kind::kPingFailed || kind == Kind::kProgramTimeout;
}

// What depends on whether the connection had died before.
void judge_after(const Clue& clue, const std::string& quoted, bool died_before, Bench& bench) {
  if (clue.kind == Kind::kUseOfClosed) {
    bench.supports(
        Cause::kOwnClose, died_before ? 1 : 5,
        quoted + (died_before ? ": a consequence of the error before it"
                              : ": this program had closed the connection itself; it says "
                                "nothing of the network"));
  }
  if (clue.kind == Kind::kRefused) {
    bench.supports(Cause::kNobodyListens, died_before ? 2 : 5,
                   quoted + ": the peer's machine is there, and nobody listens at the port");
  }
  if (clue.kind == Kind::kPingFailed) {
    bench.opposes(Cause::kResetOnNext, 2, "the ping would have drawn a reset at once");
  }
  if (!died_before) return;
  if (clue.kind == Kind::kRefused) {
    bench.supports(Cause::kPeerRestart, 4,
                   quoted +
                       ": after the connection died nobody listened any more: the peer's process "
                       "was gone");
  }
  if (clue.kind == Kind::kUnreachable) {
    bench.supports(Cause::kPathOutage, 2, quoted + ": the path is gone");
  }
  if (clue.kind == Kind::kDialTimeout) {
    bench.supports(Cause::kPowerLoss, 2, quoted + ": dials are not answered either");
    bench.supports(Cause::kPathOutage, 2, quoted + ": dials are not answered either");
  }
}

}  // namespace

void judge_words(const Excerpt& excerpt, Bench& bench) {
  bool died_before = false;
  for (const Clue& clue : excerpt.clues) {
    const std::string quoted = (clue.line > 0 ? "line " + std::to_string(clue.line) + ": " : "") +
                               "\"" + clue.words + "\"";
    for (const Rule& rule : kRules) {
      if (rule.kind != clue.kind) continue;
      bench.supports(rule.cause, rule.points, quoted + ": " + std::string(rule.because));
    }
    if (clue.kind == Kind::kDied) {
      bench.opposes(Cause::kIdleClose, 2,
                    quoted + ": a process that dies closes its connections, idle or not");
    }
    judge_after(clue, quoted, died_before, bench);
    died_before = died_before || ends_a_connection(clue.kind);
  }
}

}  // namespace halfopen
