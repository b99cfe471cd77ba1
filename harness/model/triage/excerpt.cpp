#include "harness/model/triage/excerpt.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/near_name.hpp"
#include "base/printable_text.hpp"
#include "harness/model/triage/connections.hpp"
#include "harness/model/triage/log_time.hpp"
#include "harness/model/triage/phrases.hpp"
#include "harness/model/triage/sockets.hpp"
#include "harness/model/triage/text_encoding.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kTextMax = std::size_t{1} << 20U;
constexpr std::size_t kLinesMax = 20'000;
constexpr std::size_t kLineMax = 4000;
constexpr std::size_t kShownMax = 160;
constexpr std::size_t kCluesMax = 200;
constexpr Duration kDay = std::chrono::hours(24);

std::string lower(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return line;
}

// The end of a long text: what went wrong last is what somebody asks about. A line whose beginning
// is left out is left out whole.
std::string_view last_part(std::string_view text, std::size_t& lines_left_out) {
  std::size_t begin = text.size() > kTextMax ? text.size() - kTextMax : 0;
  if (begin > 0 && text[begin - 1] != '\n') {
    const std::size_t line_break = text.find('\n', begin);
    if (line_break < text.size() - 1) begin = line_break + 1;
  }
  std::size_t lines = 0;
  for (std::size_t at = text.size(); at > begin; --at) {
    const bool ends_a_line = text[at - 1] == '\n' && at != text.size();
    if (ends_a_line && ++lines == kLinesMax) begin = at;
  }
  const std::string_view before = text.substr(0, begin);
  lines_left_out += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  return text.substr(begin);
}

bool mentions(std::string_view line, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return line.find(word) != std::string_view::npos;
  });
}

bool is_error(ClueKind kind) {
  switch (kind) {
    case ClueKind::kSentOk:
    case ClueKind::kIdleClose:
    case ClueKind::kServerEndsIdle:
    case ClueKind::kPeerStops:
    case ClueKind::kDied:
    case ClueKind::kBoxDropped:
    case ClueKind::kLinkChanged:
    case ClueKind::kLocalMemory:
    case ClueKind::kUnderstoodNothing:
      return false;
    default:
      return true;
  }
}

// The same errno says another thing of a dial than of an open connection, and a program's own timer
// borrows the kernel's word.
ClueKind in_context(ClueKind kind, std::string_view line) {
  // WSAETIMEDOUT's sentence speaks of an attempt, of an open connection as well.
  const bool attempts = mentions(line, {"connection attempt"}) &&
                        !mentions(line, {"a connection attempt failed because the connected"});
  const bool dials =
      attempts ||
      mentions(line, {"dial ", "connect:", "connect()", "connectex:", "connect to ",
                      "connecting to", "failed to connect", "could not connect", "while connecting",
                      "connect error", "connecttimeout", "connectexception", "unable to connect"});
  if (kind == ClueKind::kTimedOut && mentions(line, {"upstream timed out"})) {
    return dials ? ClueKind::kDialTimeout : ClueKind::kProgramTimeout;
  }
  if (dials && (kind == ClueKind::kTimedOut || kind == ClueKind::kProgramTimeout)) {
    return ClueKind::kDialTimeout;
  }
  return kind;
}

class Reader {
 public:
  Excerpt read(std::string_view text, std::size_t lines_before) {
    excerpt_.lines_left_out = lines_before;
    std::string_view left = last_part(text, excerpt_.lines_left_out);
    excerpt_.lines = excerpt_.lines_left_out;
    while (!left.empty()) {
      const std::size_t length = left.find('\n');
      std::string_view line = left.substr(0, length);
      left.remove_prefix(length == std::string_view::npos ? left.size() : length + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++excerpt_.lines;
      read_line(line.substr(0, kLineMax));
    }
    finish_sockets();
    return std::move(excerpt_);
  }

 private:
  void read_line(std::string_view raw) {
    if (read_socket(raw)) return;
    const std::string line = lower(raw);
    const auto at = running_time(line);
    const ConnectionName connection = name_connection(line);
    if (!excerpt_.stated_idle) {
      excerpt_.stated_idle = find_stated_idle(line);
      excerpt_.stated_idle_of = excerpt_.stated_idle ? connection.id : "";
    }
    bool has_error = false;
    ClueKind last = ClueKind::kUnderstoodNothing;
    for (const FoundPhrase& phrase : find_phrases(line, raw)) {
      const ClueKind kind = in_context(phrase.kind, line);
      const bool about_sockets =
          mentions(line, {"send", "write", "connect", "socket", "tcp", "udp", "dial"});
      if (kind == ClueKind::kNotPermitted && !about_sockets) continue;
      has_error = has_error || is_error(kind);
      if (kind == last) continue;  // said twice in one line
      // Of what is said all the time there are enough; what is said for the first time is news.
      if (excerpt_.clues.size() >= kCluesMax && excerpt_.has(kind)) continue;
      last = kind;
      excerpt_.clues.push_back({kind, excerpt_.lines,
                                printable(raw.substr(phrase.position, phrase.length), kShownMax),
                                printable(raw, kShownMax), at, connection});
    }
    note_silence(at, has_error);
    seen_error_ = seen_error_ || has_error;
  }

  void note_silence(std::optional<Duration> at, bool has_error) {
    if (!at) return;
    if (last_ && !seen_error_ && *at > *last_) {
      const Duration gap = *at - *last_;
      if (!excerpt_.silence || gap > *excerpt_.silence) {
        excerpt_.silence = gap;
        excerpt_.silence_until_line = excerpt_.lines;
        excerpt_.silence_ends_with_error = has_error;
      }
    }
    last_ = at;
  }

  // A clock that falls back by more than half a day has passed midnight.
  std::optional<Duration> running_time(std::string_view line) {
    auto time = find_log_time(line);
    if (!time) return std::nullopt;
    *time += days_;
    if (last_ && *time + kDay / 2 < *last_ && *time < 2 * kDay + days_) {
      days_ += kDay;
      *time += kDay;
    }
    return time;
  }

  bool read_socket(std::string_view raw) {
    if (auto socket = parse_socket_line(raw)) {
      socket->line = excerpt_.lines;
      if (excerpt_.sockets.size() < kCluesMax) excerpt_.sockets.push_back(std::move(*socket));
      in_socket_ = true;
      return true;
    }
    const bool continues =
        in_socket_ && !raw.empty() && (raw.front() == '\t' || raw.front() == ' ');
    if (continues && !excerpt_.sockets.empty()) {
      add_socket_details(raw, excerpt_.sockets.back());
      return true;
    }
    in_socket_ = false;
    return false;
  }

  // That a socket has no timer says something only where ss was asked for timers.
  void finish_sockets() {
    const bool asked = std::any_of(excerpt_.sockets.begin(), excerpt_.sockets.end(),
                                   [](const SocketClue& one) { return !one.timer.empty(); });
    for (SocketClue& socket : excerpt_.sockets)
      socket.has_timers = asked || socket.has_details;
  }

  Excerpt excerpt_;
  std::optional<Duration> last_;
  Duration days_{0};
  bool seen_error_ = false;
  bool in_socket_ = false;
};

struct ErrnoName {
  std::string_view name;
  std::string_view number;  // Linux
  std::string_view windows;
  ClueKind kind;
};
constexpr std::array kErrnos{
    ErrnoName{"OK", "0", "", ClueKind::kSentOk},
    ErrnoName{"EPIPE", "32", "", ClueKind::kBrokenPipe},
    ErrnoName{"ECONNRESET", "104", "10054", ClueKind::kReset},
    ErrnoName{"ETIMEDOUT", "110", "10060", ClueKind::kTimedOut},
    ErrnoName{"ECONNABORTED", "103", "10053", ClueKind::kAborted},
    ErrnoName{"ECONNREFUSED", "111", "10061", ClueKind::kRefused},
    ErrnoName{"EHOSTUNREACH", "113", "10065", ClueKind::kUnreachable},
    ErrnoName{"ENETUNREACH", "101", "10051", ClueKind::kUnreachable},
    ErrnoName{"EPERM", "1", "", ClueKind::kNotPermitted},
    ErrnoName{"EBADF", "9", "", ClueKind::kUseOfClosed},
    ErrnoName{"ENOTCONN", "107", "10057", ClueKind::kUseOfClosed},
    ErrnoName{"EOF", "", "", ClueKind::kEof},
};

}  // namespace

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
    case ClueKind::kClosedByClient:
      return "the proxy says: the client ended it";
    case ClueKind::kClosedByServer:
      return "the proxy says: the server ended it";
    case ClueKind::kUnderstoodNothing:
      break;
  }
  return "nothing";
}

bool Excerpt::has(ClueKind kind) const {
  return std::any_of(clues.begin(), clues.end(),
                     [kind](const Clue& clue) { return clue.kind == kind; });
}

const Clue* Excerpt::first_error() const {
  const auto found = std::find_if(clues.begin(), clues.end(),
                                  [](const Clue& clue) { return is_error(clue.kind); });
  return found == clues.end() ? nullptr : &*found;
}

Excerpt read_excerpt(std::string_view text, std::size_t lines_before) {
  const auto decoded = decode_utf16(text);
  if (decoded) text = *decoded;
  Excerpt excerpt;
  excerpt.unreadable = why_unreadable(text);
  if (!excerpt.unreadable.empty()) return excerpt;
  return Reader().read(text, lines_before);
}

Result<Excerpt> read_errnos(std::string_view text) {
  Excerpt excerpt;
  std::vector<std::string> names;
  for (const ErrnoName& known : kErrnos)
    names.emplace_back(known.name);
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t length = left.find_first_of(", ");
    std::string word(left.substr(0, length));
    left.remove_prefix(length == std::string_view::npos ? left.size() : length + 1);
    if (word.empty()) continue;
    for (char& c : word)
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto* found = std::find_if(kErrnos.begin(), kErrnos.end(), [&](const ErrnoName& known) {
      return word == known.name || (!known.number.empty() && word == known.number) ||
             (!known.windows.empty() && word == known.windows) ||
             (known.name.front() == 'E' && word == known.name.substr(1));
    });
    if (found == kErrnos.end()) {
      return Problem{"--errnos: unknown errno \"", printable(word, kShownMax), "\"; ",
                     expected_names(word, names)};
    }
    if (excerpt.clues.size() < kCluesMax) {
      excerpt.clues.push_back(
          {found->kind, 0, std::string(found->name), std::string(found->name), {}, {}});
    }
  }
  if (excerpt.clues.empty()) {
    return Problem{"--errnos: expected what successive sends said, as in OK,EPIPE"};
  }
  return excerpt;
}

}  // namespace halfopen
