#include "harness/model/triage/excerpt.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/printable_text.hpp"
#include "harness/model/triage/connections.hpp"
#include "harness/model/triage/conntrack_lines.hpp"
#include "harness/model/triage/log_time.hpp"
#include "harness/model/triage/packet_lines.hpp"
#include "harness/model/triage/phrases.hpp"
#include "harness/model/triage/silences.hpp"
#include "harness/model/triage/sockets.hpp"
#include "harness/model/triage/system_calls.hpp"
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
    case ClueKind::kForgotten:
    case ClueKind::kAgeLimit:
    case ClueKind::kBacklogFull:
    case ClueKind::kUnderstoodNothing:
      return false;
    default:
      return true;
  }
}

// A frame of the runtime's own dialling code, below an error that does not say what it is of.
bool is_dialing_frame(std::string_view line) {
  return mentions(
      line, {"tcpconnectwrap.", "nio.ch.net.connect", "niosocketimpl.connect",
             "niosocketimpl.timedfinishconnect", "socket.<connectasync>", "sockets.socket.connect",
             "plainsocketimpl.socketconnect", "socketchannelimpl.finishconnect"});
}

// The same errno says another thing of a dial than of an open connection, and a program's own timer
// borrows the kernel's word.
ClueKind in_context(ClueKind kind, std::string_view line, bool is_dial) {
  // WSAETIMEDOUT's sentence speaks of an attempt, of an open connection as well.
  const bool attempts = mentions(line, {"connection attempt"}) &&
                        !mentions(line, {"a connection attempt failed because the connected"});
  const bool dials = is_dial || attempts ||
                     mentions(line, {"dial ",
                                     "connect:",
                                     "connect()",
                                     "connectex:",
                                     "connect to ",
                                     "connecting to",
                                     "failed to connect",
                                     "could not connect",
                                     "while connecting",
                                     "connect error",
                                     "connecttimeout",
                                     "connectexception",
                                     "unable to connect",
                                     "connect timed out",
                                     "connect etimedout",
                                     "connectasync",
                                     "tcp connect",
                                     "syscall: 'connect'",
                                     "\"syscall\":\"connect\"",
                                     "sqlstate[hy000] [2002]"});
  if (kind == ClueKind::kTimedOut && mentions(line, {"upstream timed out"})) {
    return dials ? ClueKind::kDialTimeout : ClueKind::kProgramTimeout;
  }
  if (dials && (kind == ClueKind::kTimedOut || kind == ClueKind::kProgramTimeout)) {
    return ClueKind::kDialTimeout;
  }
  return kind;
}

bool tells_of_failure(std::string_view line) {
  return mentions(line, {"error", "fail", "warn", "exception", "fatal", "severe", "panic"});
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
    if (read_packet(raw, line, at) || read_conntrack(raw, line, at)) return;
    ConnectionName connection = name_connection(line);
    const auto call = system_calls_.read(line);
    if (call) connection = {call->connection, ""};
    if (call && call->was_answered) withdraw_sends_of(call->connection);
    if (!excerpt_.stated_idle) {
      excerpt_.stated_idle = find_stated_idle(line);
      excerpt_.stated_idle_of = excerpt_.stated_idle ? connection.id : "";
    }
    if (is_dialing_frame(line)) blame_the_dial();
    note_command(line);
    bool has_error = false;
    ClueKind last = ClueKind::kUnderstoodNothing;
    for (const FoundPhrase& phrase : find_phrases(line, raw)) {
      const ClueKind kind = in_context(phrase.kind, line, call && call->dials);
      const std::string_view words = raw.substr(phrase.position, phrase.length);
      if (is_hearsay(kind, line, words, has_error)) continue;
      has_error = has_error || is_error(kind);
      if (kind == last) continue;  // said twice in one line
      last = kind;
      add_clue(kind, words, raw, at, connection);
    }
    if (call && call->outcome) {
      has_error = has_error || is_error(*call->outcome);
      add_clue(*call->outcome, call->words, raw, at, connection);
    }
    const bool says_sent =
        last == ClueKind::kSentOk || (call && call->outcome && *call->outcome == ClueKind::kSentOk);
    silences_.note({at, has_error, says_sent, tells_of_failure(line)}, excerpt_);
  }

  // What a line only borrows or repeats.
  bool is_hearsay(ClueKind kind, std::string_view line, std::string_view words, bool has_error) {
    if (kind == ClueKind::kNotPermitted) {
      return !mentions(line, {"send", "write", "connect", "socket", "tcp", "udp", "dial"});
    }
    // A pipe of the shell is no connection.
    if (kind == ClueKind::kBrokenPipe && !is_code(line)) {
      return mentions(line, {"standard output", "stdout", "write error: broken pipe"});
    }
    if (kind == ClueKind::kProgramTimeout) {
      // An empty pool, and a login that ran out.
      return mentions(line, {"connection is not available"}) ||
             (words == " timed out" && mentions(line, {"session timed out"}));
    }
    if (is_error(kind) && is_code(line)) return true;
    // That a dial failed is news only where its errno is not in the line.
    if (kind == ClueKind::kDialFailed) return has_error || says_why(line);
    // Node.js gives its "socket hang up", which is a FIN, the code ECONNRESET.
    constexpr std::size_t kStackMax = 15;
    const bool hung_up = line.find("socket hang up") != std::string_view::npos;
    if (hung_up) hang_up_line_ = excerpt_.lines;
    return kind == ClueKind::kReset && lower(words) == "econnreset" && hang_up_line_ > 0 &&
           excerpt_.lines - hang_up_line_ <= kStackMax;
  }

  // A program's text handles errors and has none; a counter at nothing counted none.
  static bool is_code(std::string_view line) {
    return mentions(line, {"except (", "catch ("}) || line.ends_with("} 0");
  }

  static bool says_why(std::string_view line) {
    const auto found = find_phrases(line, line);
    return std::any_of(found.begin(), found.end(), [](const FoundPhrase& one) {
      return one.kind != ClueKind::kDialFailed && is_error(one.kind);
    });
  }

  void add_clue(ClueKind kind, std::string_view words, std::string_view raw,
                std::optional<Duration> at, const ConnectionName& connection) {
    // Of what is said all the time there are enough; what is said for the first time is news.
    if (excerpt_.clues.size() >= kCluesMax && excerpt_.has(kind)) return;
    excerpt_.clues.push_back({kind, excerpt_.lines, printable(words, kShownMax),
                              printable(raw, kShownMax), at, connection});
  }

  // A send is in doubt until something comes back.
  void withdraw_sends_of(const std::string& connection) {
    std::erase_if(excerpt_.clues, [&](const Clue& clue) {
      return clue.kind == ClueKind::kSentOk && clue.connection.id == connection;
    });
  }

  // The stack below an error shows that it was of a dial.
  void blame_the_dial() {
    constexpr std::size_t kStackMax = 12;
    for (auto clue = excerpt_.clues.rbegin(); clue != excerpt_.clues.rend(); ++clue) {
      if (excerpt_.lines - clue->line > kStackMax) return;
      const bool is_timeout =
          clue->kind == ClueKind::kTimedOut || clue->kind == ClueKind::kProgramTimeout;
      if (is_timeout) clue->kind = ClueKind::kDialTimeout;
    }
  }

  bool read_packet(std::string_view raw, const std::string& line, std::optional<Duration> at) {
    const auto clues = packets_.read(line, at ? at : excerpt_.last_at);
    if (!clues) return false;
    bool has_error = false;
    for (const PacketClue& clue : *clues) {
      has_error = has_error || is_error(clue.kind);
      add_clue(clue.kind, clue.words, raw, at, {clue.connection, clue.peer});
    }
    silences_.note({at, has_error}, excerpt_);
    return true;
  }

  bool read_conntrack(std::string_view raw, const std::string& line, std::optional<Duration> at) {
    const auto event = conntrack_.read(line);
    if (!event) return false;
    if (event->was_forgotten) {
      add_clue(ClueKind::kForgotten, "[DESTROY] " + event->flow, raw, at, {event->flow, ""});
    }
    silences_.note({at}, excerpt_);
    return true;
  }

  // "$ ss -tin" above the sockets: whether it asked for timers.
  void note_command(std::string_view line) {
    const std::size_t at = line.find("ss -");
    if (at == std::string_view::npos || (at > 0 && line[at - 1] != ' ' && line[at - 1] != '/')) {
      return;
    }
    const std::string_view options = line.substr(at + 3, line.find_first_of("|>;", at) - at - 3);
    asked_for_timers_ = options.find("--options") != std::string_view::npos;
    for (std::size_t i = 0; i + 1 < options.size(); ++i) {
      const bool begins =
          options[i] == '-' && options[i + 1] != '-' && (i == 0 || options[i - 1] == ' ');
      if (!begins) continue;
      const std::string_view word = options.substr(i, options.find(' ', i) - i);
      asked_for_timers_ = *asked_for_timers_ || word.find('o') != std::string_view::npos;
    }
  }

  // A clock that falls back by more than half a day has passed midnight.
  std::optional<Duration> running_time(std::string_view line) {
    auto time = clock_.read(line);
    if (!time) return std::nullopt;
    *time += days_;
    const std::optional<Duration>& last = excerpt_.last_at;
    if (last && *time + kDay / 2 < *last && *time < 2 * kDay + days_) {
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
    const bool shown = std::any_of(excerpt_.sockets.begin(), excerpt_.sockets.end(),
                                   [](const SocketClue& one) { return !one.timer.empty(); });
    for (SocketClue& socket : excerpt_.sockets) {
      socket.has_timers = socket.has_timers || shown || asked_for_timers_.value_or(false);
      socket.may_have_timers = socket.has_details && !asked_for_timers_;
    }
  }

  Excerpt excerpt_;
  Duration days_{0};
  Silences silences_;
  bool in_socket_ = false;
  std::optional<bool> asked_for_timers_;  // the text's own command line
  std::size_t hang_up_line_ = 0;
  YearlessClock clock_;
  SystemCalls system_calls_;
  PacketLines packets_;
  ConntrackLines conntrack_;
};

}  // namespace

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
  if (decoded) {
    text = decoded->text;
    lines_before += decoded->lines_left_out;
  }
  Excerpt excerpt;
  excerpt.unreadable = why_unreadable(text);
  if (!excerpt.unreadable.empty()) return excerpt;
  return Reader().read(text, lines_before);
}

}  // namespace halfopen
