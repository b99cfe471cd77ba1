// What a text from an incident says: errors by their names and sentences in any program's words,
// times, silences, sockets as ss(8) prints them.
//
// Logs differ in everything but the kernel's errors, the well-known runtimes' sentences and times.
// So each line is searched for those, and its own format is ignored. Takes any bytes; looks at the
// last MiB and the last 20,000 lines of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

enum class ClueKind : std::uint8_t {
  kSentOk,            // a send was told OK
  kBrokenPipe,        // EPIPE
  kReset,             // ECONNRESET
  kTimedOut,          // ETIMEDOUT of an open connection: the kernel gave up
  kDialTimeout,       // nobody answered a dial
  kAborted,           // ECONNABORTED: the local system ended it
  kRefused,           // ECONNREFUSED
  kUnreachable,       // EHOSTUNREACH, ENETUNREACH
  kNameUnknown,       // DNS
  kNotPermitted,      // EPERM on a socket: a local packet filter
  kEof,               // the other side closed
  kUseOfClosed,       // this program's own close
  kProgramTimeout,    // the program's own deadline, not the kernel's
  kPingFailed,        // a health ping or heartbeat was not answered
  kTooManyPings,      // the peer says that pings come too often
  kIdleClose,         // somebody says that it closes what is idle
  kServerEndsIdle,    // ... the server itself, of this connection
  kPeerStops,         // somebody says that it stops or restarts
  kDied,              // killed, crashed, out of memory
  kBoxDropped,        // a box says that it drops packets
  kLinkChanged,       // a network interface lost or found its link
  kLocalMemory,       // the kernel has no memory for its sockets
  kDialFailed,        // a dial failed, and the line does not say how
  kRetransmits,       // packets: the same data again and again, without an answer
  kChallengeAck,      // packets: a dial met an old connection of the same addresses
  kForgotten,         // a connection table dropped an open flow
  kAgeLimit,          // somebody says that it closes what is old
  kBacklogFull,       // a listener's queue of dials is full
  kClosedByClient,    // a proxy's word for whose side ended: the client
  kClosedByServer,    // ... the server
  kUnderstoodNothing  // never in a list
};
[[nodiscard]] std::string_view name_of(ClueKind kind);

// Which connection a line names.
struct ConnectionName {
  std::string id;    // "*9216", "conn a", "[4415]", "10.0.0.5:41988->10.0.0.7:443"; "" for none
  std::string peer;  // the last address with a port; "" for none
};

struct Clue {
  ClueKind kind{};
  std::size_t line = 0;  // from 1; 0 for an errno sequence
  std::string words;     // the sentence that was recognised
  std::string shown;     // the line, shortened, printable
  std::optional<Duration> at;
  ConnectionName connection;
};

// One line (or two) of ss -tino.
struct SocketClue {
  std::size_t line = 0;
  std::string state;  // ESTAB, CLOSE-WAIT, ...
  std::string peer;
  std::string timer;  // on, keepalive, persist; "" for none
  unsigned timer_retries = 0;
  unsigned unacked = 0;
  unsigned backoff = 0;
  unsigned retransmits = 0;
  std::uint64_t send_queue = 0;
  std::uint64_t receive_queue = 0;
  std::optional<Duration> last_sent;
  std::optional<Duration> last_received;
  std::optional<Duration> last_acknowledged;
  bool has_details = false;  // -i was given
  bool has_timers = false;   // -o was given: some socket shows a timer, or the command line says so
  bool may_have_timers = false;  // nobody knows whether -o was given
};

struct Excerpt {
  std::vector<Clue> clues;  // in the text's order: 200, and then each kind that is new
  std::vector<SocketClue> sockets;
  // The longest time without a line before the first error, and where it is.
  std::optional<Duration> silence;
  std::size_t silence_until_line = 0;
  bool silence_ends_with_error = false;  // the error itself broke it: the program may have waited
  // The longest of those that the first error did not end: whatever that error is, nobody waited.
  std::optional<Duration> quiet;
  std::size_t quiet_until_line = 0;
  // What went before the first error: since the line before it, or since a send that was told OK
  // after `quiet`, where that is about how long a kernel waits.
  std::optional<Duration> wait;
  // "idle for 350 s", "last packet received 1,801,234 milliseconds ago": the text's own word.
  std::optional<Duration> stated_idle;
  std::size_t lines = 0;             // of the whole text, numbered from 1
  std::optional<Duration> first_at;  // the first and the last line's time, where lines have times
  std::optional<Duration> last_at;
  std::size_t lines_left_out = 0;  // the first ones, of a text that is too long
  std::string stated_idle_of;      // the connection that its line names; "" for none
  std::string unreadable;          // why there is nothing to read: "the text is empty"

  [[nodiscard]] bool has(ClueKind kind) const;
  // The first clue that is an error of an open connection or of a dial.
  [[nodiscard]] const Clue* first_error() const;
};

// `lines_before`: how many lines went before that nobody kept.
[[nodiscard]] Excerpt read_excerpt(std::string_view text, std::size_t lines_before = 0);
// tcp_retries2 15: 924 s by the model, up to about 18 minutes by the clock.
inline constexpr Duration kKernelGivesUpMin = std::chrono::seconds(840);
inline constexpr Duration kKernelGivesUpMax = std::chrono::seconds(1200);
// "OK,EPIPE,EPIPE"; names of errno(3) with or without the E, numbers of Linux, of Windows (10054).
[[nodiscard]] Result<Excerpt> read_errnos(std::string_view text);

}  // namespace halfopen
