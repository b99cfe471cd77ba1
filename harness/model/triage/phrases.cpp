// Each row is a sentence as its runtime writes it, in lower case. Sources: strerror(3); Go net,
// os and crypto/tls; java.net, sun.nio.ch; Python's socket and ssl; Node.js; .NET and
// WSAGetLastError; nginx's and HAProxy's documentation; libpq and PostgreSQL; MySQL's and its
// drivers'; Redis, Kafka, gRPC, AMQP.
#include "harness/model/triage/phrases.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/model/triage/phrase_context.hpp"

namespace halfopen {
namespace {

using Kind = ClueKind;
struct Phrase {
  Kind kind;
  std::string_view words;
};

constexpr std::array kPhrases{
    Phrase{Kind::kBrokenPipe, "epipe"},
    Phrase{Kind::kBrokenPipe, "broken pipe"},
    Phrase{Kind::kBrokenPipe, "brokenpipe"},
    Phrase{Kind::kBrokenPipe, "broken_pipe"},
    Phrase{Kind::kBrokenPipe, "errno 32"},
    Phrase{Kind::kBrokenPipe, "(32: "},
    Phrase{Kind::kReset, "econnreset"},
    Phrase{Kind::kReset, "connection reset"},
    Phrase{Kind::kReset, "connectionreset"},
    Phrase{Kind::kReset, "reset by peer"},
    Phrase{Kind::kReset, "connection was reset"},
    Phrase{Kind::kReset, "rst_stream"},
    Phrase{Kind::kReset, "connection was forcibly closed by the remote host"},
    Phrase{Kind::kReset, "wsaeconnreset"},
    Phrase{Kind::kReset, "10054"},
    Phrase{Kind::kReset, "tcp rst"},
    Phrase{Kind::kReset, "socket hang up"},
    Phrase{Kind::kTimedOut, "etimedout"},
    Phrase{Kind::kTimedOut, "connection timed out"},
    Phrase{Kind::kTimedOut, "errno 110"},
    Phrase{Kind::kTimedOut, "wsaetimedout"},
    Phrase{Kind::kTimedOut, "10060"},
    Phrase{Kind::kTimedOut, "operation timed out"},
    Phrase{Kind::kTimedOut, "a connection attempt failed because the connected party did not"},
    Phrase{Kind::kDialTimeout, "connect timed out"},
    Phrase{Kind::kDialTimeout, "connection attempt timed out"},
    Phrase{Kind::kDialTimeout, "connecttimeout"},
    Phrase{Kind::kDialTimeout, "connect timeout"},
    Phrase{Kind::kDialTimeout, "timeout expired"},
    Phrase{Kind::kAborted, "econnaborted"},
    Phrase{Kind::kAborted, "software caused connection abort"},
    Phrase{Kind::kAborted, "connectionaborted"},
    Phrase{Kind::kAborted, "10053"},
    Phrase{Kind::kAborted, "an established connection was aborted by the software"},
    Phrase{Kind::kRefused, "econnrefused"},
    Phrase{Kind::kRefused, "connection refused"},
    Phrase{Kind::kRefused, "connectionrefused"},
    Phrase{Kind::kRefused, "actively refused"},
    Phrase{Kind::kRefused, "10061"},
    Phrase{Kind::kUnreachable, "ehostunreach"},
    Phrase{Kind::kUnreachable, "no route to host"},
    Phrase{Kind::kUnreachable, "noroutetohost"},
    Phrase{Kind::kUnreachable, "host is unreachable"},
    Phrase{Kind::kUnreachable, "host unreachable"},
    Phrase{Kind::kUnreachable, "enetunreach"},
    Phrase{Kind::kUnreachable, "network is unreachable"},
    Phrase{Kind::kUnreachable, "network is down"},
    Phrase{Kind::kUnreachable, "ehostdown"},
    Phrase{Kind::kNameUnknown, "no such host"},
    Phrase{Kind::kNameUnknown, "name or service not known"},
    Phrase{Kind::kNameUnknown, "temporary failure in name resolution"},
    Phrase{Kind::kNameUnknown, "unknownhostexception"},
    Phrase{Kind::kNameUnknown, "enotfound"},
    Phrase{Kind::kNameUnknown, "eai_again"},
    Phrase{Kind::kNameUnknown, "server misbehaving"},
    Phrase{Kind::kNameUnknown, "could not translate host name"},
    Phrase{Kind::kNotPermitted, "operation not permitted"},
    Phrase{Kind::kNotPermitted, "eperm"},
    Phrase{Kind::kEof, "server closed the connection unexpectedly"},
    Phrase{Kind::kEof, "upstream prematurely closed connection"},
    Phrase{Kind::kEof, "prematurely closed connection"},
    Phrase{Kind::kEof, "upstream closed prematurely"},
    Phrase{Kind::kEof, "transport is closing"},
    Phrase{Kind::kEof, "connection closed by server"},
    Phrase{Kind::kEof, "connection closed by peer"},
    Phrase{Kind::kEof, "connection closed by remote"},
    Phrase{Kind::kEof, "closed by the remote host"},
    Phrase{Kind::kEof, "closed by foreign host"},
    Phrase{Kind::kEof, "connection closed by foreign host"},
    Phrase{Kind::kEof, "remote end closed connection"},
    Phrase{Kind::kEof, "remotedisconnected"},
    Phrase{Kind::kEof, "incompleteread"},
    Phrase{Kind::kEof, "unexpected eof"},
    Phrase{Kind::kEof, "unexpected end of file"},
    Phrase{Kind::kEof, "unexpected end of stream"},
    Phrase{Kind::kEof, "eofexception"},
    Phrase{Kind::kEof, "eof occurred in violation of protocol"},
    Phrase{Kind::kEof, ": eof"},
    Phrase{Kind::kEof, "ssl_read: unexpected eof"},
    Phrase{Kind::kEof, "error reading from server: eof"},
    Phrase{Kind::kEof, "server has gone away"},
    Phrase{Kind::kEof, "lost connection to mysql server"},
    Phrase{Kind::kEof, "nohttpresponseexception"},
    Phrase{Kind::kEof, "the target server failed to respond"},
    Phrase{Kind::kEof, "peer closed connection"},
    Phrase{Kind::kEof, "connection closed prematurely"},
    Phrase{Kind::kEof, "connection is closed by the server"},
    Phrase{Kind::kEof, "this connection has been closed"},
    Phrase{Kind::kEof, "connection unexpectedly closed"},
    Phrase{Kind::kUseOfClosed, "use of closed network connection"},
    Phrase{Kind::kUseOfClosed, "socket is closed"},
    Phrase{Kind::kUseOfClosed, "java.net.socketexception: socket closed"},
    Phrase{Kind::kUseOfClosed, "on socket closed"},
    Phrase{Kind::kUseOfClosed, "closedchannelexception"},
    Phrase{Kind::kUseOfClosed, "bad file descriptor"},
    Phrase{Kind::kUseOfClosed, "ebadf"},
    Phrase{Kind::kUseOfClosed, "write after end"},
    Phrase{Kind::kUseOfClosed, "err_stream_destroyed"},
    Phrase{Kind::kUseOfClosed, "connection already closed"},
    Phrase{Kind::kUseOfClosed, "cannot write to closing transport"},
    Phrase{Kind::kUseOfClosed, "closed connection pool"},
    Phrase{Kind::kProgramTimeout, "i/o timeout"},
    Phrase{Kind::kProgramTimeout, "context deadline exceeded"},
    Phrase{Kind::kProgramTimeout, "deadline exceeded"},
    Phrase{Kind::kProgramTimeout, "deadline_exceeded"},
    Phrase{Kind::kProgramTimeout, "read timed out"},
    Phrase{Kind::kProgramTimeout, "read timeout"},
    Phrase{Kind::kProgramTimeout, "sockettimeoutexception"},
    Phrase{Kind::kProgramTimeout, "socket.timeout"},
    Phrase{Kind::kProgramTimeout, "timeouterror: timed out"},
    Phrase{Kind::kProgramTimeout, "upstream timed out"},
    Phrase{Kind::kProgramTimeout, "command timed out"},
    Phrase{Kind::kProgramTimeout, "request timed out"},
    Phrase{Kind::kProgramTimeout, "timeout awaiting response"},
    Phrase{Kind::kProgramTimeout, "client.timeout exceeded"},
    Phrase{Kind::kProgramTimeout, "due to request timeout"},
    Phrase{Kind::kPingFailed, "keepalive ping failed"},
    Phrase{Kind::kPingFailed, "keepalive watchdog timeout"},
    Phrase{Kind::kPingFailed, "keepalive failed"},
    Phrase{Kind::kPingFailed, "failed to receive ack within timeout"},
    Phrase{Kind::kPingFailed, "http2: client connection lost"},
    Phrase{Kind::kPingFailed, "pong timeout"},
    Phrase{Kind::kPingFailed, "ping timeout"},
    Phrase{Kind::kPingFailed, "no pong"},
    Phrase{Kind::kPingFailed, "missed heartbeat"},
    Phrase{Kind::kPingFailed, "heartbeat timeout"},
    Phrase{Kind::kPingFailed, "missed heartbeats from client"},
    Phrase{Kind::kPingFailed, "timeout, server "},
    Phrase{Kind::kTooManyPings, "too_many_pings"},
    Phrase{Kind::kTooManyPings, "too many pings"},
    Phrase{Kind::kTooManyPings, "enhance_your_calm"},
    Phrase{Kind::kIdleClose, "idle timeout"},
    Phrase{Kind::kIdleClose, "idle-session timeout"},
    Phrase{Kind::kIdleClose, "idle-in-transaction timeout"},
    Phrase{Kind::kServerEndsIdle, "terminating connection due to idle-session timeout"},
    Phrase{Kind::kServerEndsIdle, "terminating connection due to idle-in-transaction timeout"},
    Phrase{Kind::kIdleClose, "idle session timeout"},
    Phrase{Kind::kIdleClose, "closing idle connection"},
    Phrase{Kind::kIdleClose, "closing idle client"},
    Phrase{Kind::kIdleClose, "connection idle"},
    Phrase{Kind::kIdleClose, "about to close the idle connection"},
    Phrase{Kind::kIdleClose, "disconnected by the server because of inactivity"},
    Phrase{Kind::kIdleClose, "wait_timeout"},
    Phrase{Kind::kIdleClose, "inactivity timeout"},
    Phrase{Kind::kIdleClose, "stream_idle_timeout"},
    Phrase{Kind::kIdleClose, "tcp ageout"},
    Phrase{Kind::kIdleClose, "conn-timeout"},
    Phrase{Kind::kPeerStops, "terminating connection due to administrator command"},
    Phrase{Kind::kPeerStops, "the database system is shutting down"},
    Phrase{Kind::kPeerStops, "shutting down"},
    Phrase{Kind::kPeerStops, "shutdown signal"},
    Phrase{Kind::kPeerStops, "graceful_stop"},
    Phrase{Kind::kPeerStops, "received sigterm"},
    Phrase{Kind::kPeerStops, "sigterm"},
    Phrase{Kind::kPeerStops, "rolling restart"},
    Phrase{Kind::kPeerStops, "restarting"},
    Phrase{Kind::kPeerStops, "max_age"},
    Phrase{Kind::kPeerStops, "is going to shut down"},
    Phrase{Kind::kPeerStops, "stopping container"},
    Phrase{Kind::kPeerStops, "the database system is starting up"},
    Phrase{Kind::kPeerStops, "scheduled restart job"},
    Phrase{Kind::kDied, "out of memory"},
    Phrase{Kind::kDied, "out of memory: killed process"},
    Phrase{Kind::kDied, "status=9/kill"},
    Phrase{Kind::kDied, "status=11/segv"},
    Phrase{Kind::kDied, "status=6/abrt"},
    Phrase{Kind::kLocalMemory, "tcp: out of memory"},
    Phrase{Kind::kBoxDropped, "nf_conntrack: table full, dropping packet"},
    Phrase{Kind::kBoxDropped, "table full, dropping packet"},
    Phrase{Kind::kLinkChanged, "link is down"},
    Phrase{Kind::kLinkChanged, "nic link is down"},
    Phrase{Kind::kLinkChanged, "nic link is up"},
    Phrase{Kind::kLinkChanged, "lost carrier"},
    Phrase{Kind::kPingFailed, "master timeout: no data nor ping received"},
    Phrase{Kind::kPingFailed, "disconnecting timedout replica"},
    Phrase{Kind::kPingFailed, "disconnecting timedout slave"},
    Phrase{Kind::kEof, "connection with replica"},
    Phrase{Kind::kEof, "connection with master lost"},
    Phrase{Kind::kDied, "oom-kill"},
    Phrase{Kind::kDied, "oomkilled"},
    Phrase{Kind::kDied, "segfault"},
    Phrase{Kind::kDied, "signal 9"},
    Phrase{Kind::kDied, "sigkill"},
    Phrase{Kind::kDied, "kernel panic"},
    Phrase{Kind::kDied, "core dumped"},
    Phrase{Kind::kDied, "terminating connection because of crash"},
    Phrase{Kind::kDied, "crashloopbackoff"},
    Phrase{Kind::kDied, "panic:"},
    Phrase{Kind::kEof, "socket closed"},
    Phrase{Kind::kEof, "closed by remote host"},
    Phrase{Kind::kEof, "peer has closed"},
    Phrase{Kind::kEof, "closed by the peer"},
    Phrase{Kind::kEof, "connection termination"},
    Phrase{Kind::kEof, "connection_termination"},
    Phrase{Kind::kEof, "connection to broker lost"},
    Phrase{Kind::kEof, "server has closed the connection"},
    Phrase{Kind::kEof, "end-of-file on communication channel"},
    Phrase{Kind::kEof, "ora-03113"},
    Phrase{Kind::kEof, "eof detected"},
    Phrase{Kind::kEof, "empty reply from server"},
    Phrase{Kind::kEof, "abnormal closure"},
    Phrase{Kind::kEof, "close 1006"},
    Phrase{Kind::kEof, "no close frame received"},
    Phrase{Kind::kEof, "{error,closed}"},
    Phrase{Kind::kEof, "tcp_closed"},
    Phrase{Kind::kEof, "lost tcp streaming connection"},
    Phrase{Kind::kEof, "connection lost"},
    Phrase{Kind::kEof, "connection is closed"},
    Phrase{Kind::kProgramTimeout, "timeout reading from socket"},
    Phrase{Kind::kProgramTimeout, "read operation timed out"},
    Phrase{Kind::kProgramTimeout, "write operation timed out"},
    Phrase{Kind::kProgramTimeout, "readtimeout"},
    Phrase{Kind::kProgramTimeout, "writetimeout"},
    Phrase{Kind::kProgramTimeout, "operation timed out after"},
    Phrase{Kind::kProgramTimeout, "request timeout"},
    Phrase{Kind::kProgramTimeout, " timed out"},
    Phrase{Kind::kProgramTimeout, "lost contact"},
    Phrase{Kind::kDialTimeout, "tns:connect timeout"},
    Phrase{Kind::kDialTimeout, "ora-12170"},
    Phrase{Kind::kSentOk, "vote sent"},
    Phrase{Kind::kSentOk, "sent successfully"},
    Phrase{Kind::kSentOk, "successfully sent"},
    Phrase{Kind::kSentOk, "send ok"},
    Phrase{Kind::kSentOk, "message sent"},
    Phrase{Kind::kSentOk, "request sent"},
    Phrase{Kind::kSentOk, "published ok"},
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// A number is not a part of a longer one, and a name of an errno not of a longer name.
bool stands_alone(std::string_view line, std::size_t at, std::size_t length) {
  const std::string_view words = line.substr(at, length);
  const bool begins_bare = at == 0 || !is_word(line[at - 1]) || !is_word(words.front());
  const bool ends_bare =
      at + length >= line.size() || !is_word(line[at + length]) || !is_word(words.back());
  const bool is_number = std::isdigit(static_cast<unsigned char>(words.back())) != 0;
  const bool is_errno =
      words.front() == 'e' && words.find(' ') == std::string_view::npos && words.size() < 13;
  if (is_number) {
    // A port, as in 10.0.0.1:10054, is no error.
    const bool is_port = at > 0 && (line[at - 1] == ':' || line[at - 1] == '.') &&
                         std::isdigit(static_cast<unsigned char>(words.front())) != 0;
    return begins_bare && ends_bare && !is_port;
  }
  if (is_errno) return begins_bare && ends_bare;
  return begins_bare;
}

// HAProxy's timers stand before its termination state: "0/0/600007", "10/0/30/69/109", "-1/+5/9".
// A date, as 2025/08/08, is none.
bool is_timers(std::string_view word) {
  if (word.find_first_not_of("0123456789/+-") != std::string_view::npos) return false;
  const auto slashes = std::count(word.begin(), word.end(), '/');
  const bool is_date = slashes == 2 && word.size() == 10 && word[4] == '/' && word[7] == '/' &&
                       (word.starts_with("19") || word.starts_with("20"));
  const bool is_filled =
      word.find("//") == std::string_view::npos && word.front() != '/' && word.back() != '/';
  return slashes >= 2 && !is_date && is_filled;
}

bool has_timers(std::string_view before) {
  while (!before.empty()) {
    const std::size_t end = std::min(before.find(' '), before.size());
    if (end > 0 && is_timers(before.substr(0, end))) return true;
    before.remove_prefix(std::min(end + 1, before.size()));
  }
  return false;
}

// HAProxy's termination state, as "cD--" or "SD" between other columns. First letter: who ended it,
// C the client and S the server by closing or a reset, c and s a timeout of HAProxy's own on that
// side; second letter: D while data could flow (HAProxy's configuration manual, section 8.5).
void find_termination(std::string_view raw, std::vector<FoundPhrase>& found) {
  struct Flag {
    std::string_view word;
    Kind kind;
  };
  constexpr std::array kFlags{
      Flag{" CD", Kind::kClosedByClient}, Flag{" SD", Kind::kClosedByServer},
      Flag{" cD", Kind::kIdleClose},      Flag{" sD", Kind::kIdleClose},
      Flag{" SH", Kind::kClosedByServer}, Flag{" sC", Kind::kDialTimeout},
      Flag{" SC", Kind::kRefused}};
  for (const Flag& flag : kFlags) {
    const std::size_t at = raw.find(flag.word);
    if (at == std::string_view::npos || !has_timers(raw.substr(0, at))) continue;
    const std::string_view after = raw.substr(at + flag.word.size(), 3);
    if (after.starts_with(" ") || after.starts_with("-- ")) {
      found.push_back({flag.kind, at + 1, flag.word.size() - 1});
    }
  }
}

// systemd's "Started vote-node.service - ..." and "Started vote-node.service."
void find_started_service(std::string_view line, std::vector<FoundPhrase>& found) {
  constexpr std::string_view kStarted = "started ";
  constexpr std::string_view kService = ".service";
  const std::size_t at = line.find(kStarted);
  if (at == std::string_view::npos || (at > 0 && is_word(line[at - 1]))) return;
  const std::size_t end = line.find(kService, at);
  const std::size_t gap = line.find(' ', at + kStarted.size());
  if (end == std::string_view::npos || gap < end) return;
  found.push_back({Kind::kPeerStops, at, end + kService.size() - at});
}

}  // namespace

std::vector<FoundPhrase> find_phrases(std::string_view line, std::string_view raw) {
  std::vector<FoundPhrase> all;
  for (const Phrase& phrase : kPhrases) {
    for (std::size_t at = line.find(phrase.words); at != std::string_view::npos;
         at = line.find(phrase.words, at + 1)) {
      if (stands_alone(line, at, phrase.words.size()) && is_meant(line, at, phrase.words.size())) {
        all.push_back({phrase.kind, at, phrase.words.size()});
      }
    }
  }
  find_termination(raw, all);
  find_started_service(line, all);
  std::stable_sort(all.begin(), all.end(), [](const FoundPhrase& one, const FoundPhrase& other) {
    return one.length > other.length;
  });
  std::vector<FoundPhrase> kept;
  for (const FoundPhrase& phrase : all) {
    const bool overlaps = std::any_of(kept.begin(), kept.end(), [&](const FoundPhrase& other) {
      return phrase.position < other.position + other.length &&
             other.position < phrase.position + phrase.length;
    });
    if (!overlaps) kept.push_back(phrase);
  }
  std::stable_sort(kept.begin(), kept.end(), [](const FoundPhrase& one, const FoundPhrase& other) {
    return one.position < other.position;
  });
  return kept;
}

}  // namespace halfopen
