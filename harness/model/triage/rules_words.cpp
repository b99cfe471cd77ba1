// What single sentences say, wherever they stand: as a table, and a few that mean another thing
// after the connection has died.
#include <array>
#include <set>

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
    Rule{Kind::kDialFailed, Cause::kNobodyListens, 3,
         "a dial failed: where it is refused at once, nobody listens"},
    Rule{Kind::kDialFailed, Cause::kNotReachable, 3,
         "a dial failed: where it takes long, nothing answers it"},
    Rule{Kind::kRetransmits, Cause::kSilentDrop, 4, "nothing came back"},
    Rule{Kind::kRetransmits, Cause::kPathOutage, 4, "nothing came back"},
    Rule{Kind::kRetransmits, Cause::kPowerLoss, 3, "a machine that is off does not answer either"},
    Rule{Kind::kChallengeAck, Cause::kPowerLoss, 3,
         "the peer dials with a port that this side still holds open: it has forgotten the "
         "connection, as a machine does that has booted"},
    Rule{Kind::kChallengeAck, Cause::kPeerRestart, 3,
         "a container that is started anew with the same address forgets its connections as well"},
    Rule{Kind::kChallengeAck, Cause::kResetOnNext, 1, "a NAT may have given the port to another"},
    Rule{Kind::kForgotten, Cause::kSilentDrop, 3,
         "a table dropped an ESTABLISHED flow; its next packet may be swallowed"},
    Rule{Kind::kForgotten, Cause::kResetOnNext, 3, "... or answered with a reset"},
    Rule{Kind::kAgeLimit, Cause::kPlannedClose, 6,
         "the server closes connections of an age, busy or idle (gRPC: MAX_CONNECTION_AGE)"},
    Rule{Kind::kBacklogFull, Cause::kSlowPeer, 3,
         "the listener's queue is full: its program accepts too slowly, or dials come in a flood"},
    Rule{Kind::kNameUnknown, Cause::kName, 6, "the name did not resolve, so nobody was asked"},
};

bool ends_a_connection(Kind kind) {
  return kind == Kind::kBrokenPipe || kind == Kind::kReset || kind == Kind::kTimedOut ||
         kind == Kind::kEof || kind == Kind::kPingFailed || kind == Kind::kProgramTimeout ||
         kind == Kind::kRetransmits;
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

bool is_of_another_hour(const Clue& clue, const Clue* error) {
  if (clue.kind != Kind::kPeerStops && clue.kind != Kind::kDied) return false;
  if (error == nullptr || !clue.at || !error->at) return false;
  return *error->at - *clue.at > std::chrono::hours(1);
}

}  // namespace

void judge_words(const Excerpt& excerpt, Bench& bench) {
  const bool has_trouble = excerpt.first_error() != nullptr || !excerpt.sockets.empty();
  std::set<Kind> seen;
  bool died_before = false;
  for (const Clue& clue : excerpt.clues) {
    const std::string quoted = (clue.line > 0 ? "line " + std::to_string(clue.line) + ": " : "") +
                               "\"" + clue.words + "\"";
    // The same kind of sentence in a second line is another example and not another proof.
    bench.count_points(seen.insert(clue.kind).second);
    for (const Rule& rule : kRules) {
      if (rule.kind != clue.kind) continue;
      // That something restarts explains an error; alone it is everyday life.
      const bool is_everyday =
          (clue.kind == Kind::kPeerStops || clue.kind == Kind::kAgeLimit) && !has_trouble;
      // Long before the error it may have been another's; of a connection that was idle since then
      // it may be the cause all the same.
      const bool is_distant = is_of_another_hour(clue, excerpt.first_error());
      const int points = is_everyday ? 0 : is_distant ? rule.points / 2 : rule.points;
      bench.supports(rule.cause, points, quoted + ": " + std::string(rule.because));
    }
    if (clue.kind == Kind::kDied) {
      bench.opposes(Cause::kIdleClose, 2,
                    quoted + ": a process that dies closes its connections, idle or not");
    }
    bench.count_points(true);
    judge_after(clue, quoted, died_before, bench);
    died_before = died_before || ends_a_connection(clue.kind);
  }
}

}  // namespace halfopen
