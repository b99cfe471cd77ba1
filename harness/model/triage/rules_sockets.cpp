// What the kernel's own view of a connection says, as ss -tino prints it.
#include <set>

#include "base/duration_text.hpp"
#include "harness/model/triage/triage.hpp"

namespace halfopen {
namespace {

std::string whole(Duration duration) {
  return format_duration(std::chrono::duration_cast<std::chrono::seconds>(duration));
}

void judge_established(const SocketClue& socket, const std::string& at, Bench& bench) {
  if (socket.timer == "on" && (socket.timer_retries >= 2 || socket.backoff >= 2)) {
    const std::string what = at + ": data is retransmitted and nobody acknowledges it (timer on, " +
                             std::to_string(std::max(socket.timer_retries, socket.backoff)) +
                             " times): a black hole";
    bench.supports(Cause::kSilentDrop, 4, what);
    bench.supports(Cause::kPathOutage, 4, what);
    bench.supports(Cause::kPowerLoss, 3, what + ", or a machine that is off");
    bench.excludes(Cause::kIdleClose, at + ": no FIN has come, the socket is still ESTABLISHED");
    bench.excludes(Cause::kResetOnNext, at + ": no reset has come in answer to what was sent");
    bench.opposes(Cause::kPeerRestart, 2, at + ": the peer's kernel would have answered");
  } else if (socket.timer == "keepalive" && socket.timer_retries >= 1) {
    const std::string what =
        at + ": " + std::to_string(socket.timer_retries) + " keep-alive probes without an answer";
    bench.supports(Cause::kSilentDrop, 4, what);
    bench.supports(Cause::kPowerLoss, 3, what);
    bench.supports(Cause::kPathOutage, 3, what);
  } else if (socket.timer == "persist") {
    bench.supports(Cause::kSlowPeer, 5,
                   at + ": the peer's window is closed (timer persist): its "
                        "kernel answers and its program does not read");
  } else if (socket.timer.empty() && socket.has_timers && socket.unacked == 0) {
    std::string what = at + ": no timer runs on it, so keep-alive is off";
    if (socket.last_received) what += "; nothing came for " + whole(*socket.last_received);
    bench.supports(Cause::kNoKeepAlive, 5, what + ": if the other end is gone, nothing will tell");
  } else if (socket.timer.empty() && socket.may_have_timers && socket.unacked == 0) {
    bench.supports(Cause::kNoKeepAlive, 3,
                   at + ": no timer is shown: where ss was called with -o, keep-alive is off");
  } else if (socket.timer == "keepalive") {
    bench.opposes(Cause::kNoKeepAlive, 1, at + ": keep-alive is on and answered");
  }
  if (socket.receive_queue > 0 && socket.timer.empty()) {
    bench.supports(Cause::kSlowPeer, 2,
                   at + ": " + std::to_string(socket.receive_queue) +
                       " bytes have come that this program has not read");
  }
}

void judge_socket(const SocketClue& socket, Bench& bench) {
  const std::string at =
      "line " + std::to_string(socket.line) + " (" + socket.state + " to " + socket.peer + ")";
  if (socket.state == "CLOSE-WAIT") {
    const std::string what = at +
                             ": a FIN has come and this program has not closed: the next write "
                             "is told OK, the one after EPIPE";
    bench.supports(Cause::kIdleClose, 4, what);
    bench.supports(Cause::kPeerRestart, 3, what);
    bench.excludes(Cause::kSilentDrop, at + ": the FIN arrived, so the path was not silent");
  } else if (socket.state == "SYN-SENT") {
    bench.supports(Cause::kNotReachable, 5, at + ": a dial that nobody answers");
  } else if (socket.state == "FIN-WAIT-1" || socket.state == "LAST-ACK") {
    const std::string what = at + ": this end has closed, and its FIN is not acknowledged";
    bench.supports(Cause::kSilentDrop, 3, what);
    bench.supports(Cause::kPathOutage, 3, what);
  } else if (socket.state == "FIN-WAIT-2") {
    bench.supports(Cause::kSlowPeer, 2,
                   at + ": this end has closed and the peer's program has not");
    bench.supports(Cause::kOwnClose, 2, at + ": this end closed it; the peer's kernel knows");
  } else if (socket.state == "ESTAB") {
    judge_established(socket, at, bench);
  }
}

}  // namespace

void judge_sockets(const Excerpt& excerpt, Bench& bench) {
  constexpr std::size_t kSocketsMax = 12;  // as many as a person reads
  std::size_t judged = 0;
  std::set<std::string> seen;
  for (const SocketClue& socket : excerpt.sockets) {
    if (judged++ == kSocketsMax) break;
    // A second socket in the same state is another example and not another proof.
    const std::string situation =
        socket.state + " " + socket.timer + (socket.timer_retries > 0 ? " again" : "");
    const bool is_new = seen.insert(situation).second;
    bench.count_points(is_new);
    judge_socket(socket, bench);
  }
  bench.count_points(true);
}

}  // namespace halfopen
