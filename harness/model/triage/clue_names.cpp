// The names of clues, for the list of what a text shows.
#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

std::string_view name_of(ClueKind kind) {
  switch (kind) {
    case ClueKind::kSentOk:
      return "a send was told OK";
    case ClueKind::kBrokenPipe:
      return "EPIPE, broken pipe";
    case ClueKind::kReset:
      return "ECONNRESET, a reset arrived";
    case ClueKind::kTimedOut:
      return "ETIMEDOUT, the kernel gave up";
    case ClueKind::kDialTimeout:
      return "a dial was not answered";
    case ClueKind::kAborted:
      return "ECONNABORTED, the local system ended it";
    case ClueKind::kRefused:
      return "ECONNREFUSED, nobody listens";
    case ClueKind::kUnreachable:
      return "no route";
    case ClueKind::kNameUnknown:
      return "the name has no address";
    case ClueKind::kNotPermitted:
      return "EPERM, the local system forbids it";
    case ClueKind::kEof:
      return "EOF, the other side closed";
    case ClueKind::kUseOfClosed:
      return "a connection was used after this program closed it";
    case ClueKind::kProgramTimeout:
      return "the program's own deadline";
    case ClueKind::kPingFailed:
      return "a health ping was not answered";
    case ClueKind::kTooManyPings:
      return "the peer says: too many pings";
    case ClueKind::kIdleClose:
      return "somebody closes what is idle";
    case ClueKind::kServerEndsIdle:
      return "the server closes what is idle";
    case ClueKind::kBoxDropped:
      return "a box says that it drops packets";
    case ClueKind::kLinkChanged:
      return "a network interface lost or found its link";
    case ClueKind::kLocalMemory:
      return "the kernel has no memory left for TCP";
    case ClueKind::kPeerStops:
      return "somebody stops or restarts";
    case ClueKind::kDied:
      return "a process died";
    case ClueKind::kDialFailed:
      return "a dial failed";
    case ClueKind::kRetransmits:
      return "data was sent again and again, and nothing answered";
    case ClueKind::kChallengeAck:
      return "a dial met a connection that the other side still held open";
    case ClueKind::kForgotten:
      return "a connection table forgot an open flow";
    case ClueKind::kAgeLimit:
      return "the peer closes what is old";
    case ClueKind::kBacklogFull:
      return "a listener's queue is full";
    case ClueKind::kClosedByClient:
      return "the proxy says: the client ended it";
    case ClueKind::kClosedByServer:
      return "the proxy says: the server ended it";
    case ClueKind::kUnderstoodNothing:
      break;
  }
  return "nothing";
}

}  // namespace halfopen
