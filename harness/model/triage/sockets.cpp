#include "harness/model/triage/sockets.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace halfopen {
namespace {

constexpr std::array<std::string_view, 11> kStates{
    "ESTAB",    "SYN-SENT",   "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
    "LAST-ACK", "CLOSE-WAIT", "CLOSING",  "UNCONN",     "LISTEN"};

std::string_view next_word(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    line = {};
    return {};
  }
  line.remove_prefix(begin);
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return number;
}

unsigned small_number(std::string_view text) {
  constexpr std::uint64_t kMax = 1'000'000;
  return static_cast<unsigned>(std::min(whole_number(text).value_or(0), kMax));
}

// "timer:(on,42sec,13)"
void read_timer(std::string_view word, SocketClue& socket) {
  word.remove_prefix(std::string_view("timer:(").size());
  const std::size_t comma = word.find(',');
  socket.timer = std::string(word.substr(0, comma).substr(0, 20));
  const std::size_t last = word.rfind(',');
  if (comma != std::string_view::npos && last != comma) {
    socket.timer_retries = small_number(word.substr(last + 1));
  }
}

void read_detail(std::string_view word, SocketClue& socket) {
  const std::size_t colon = word.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = word.substr(0, colon);
  const std::string_view value = word.substr(colon + 1);
  if (name == "timer" && value.starts_with('(')) return read_timer(word, socket);
  const auto milliseconds = [&]() -> std::optional<Duration> {
    constexpr std::uint64_t kLongest = 1'000'000'000'000;
    const auto number = whole_number(value);
    if (!number || *number > kLongest) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(*number));
  };
  if (name == "unacked") socket.unacked = small_number(value);
  if (name == "backoff") socket.backoff = small_number(value);
  if (name == "retrans") {
    // "retrans:2/15": now, and ever.
    socket.retransmits = small_number(value);
  }
  if (name == "lastsnd") socket.last_sent = milliseconds();
  if (name == "lastrcv") socket.last_received = milliseconds();
  if (name == "lastack") socket.last_acknowledged = milliseconds();
  if (name == "rto" || name == "rtt" || name == "lastsnd" || name == "lastrcv") {
    socket.has_details = true;
  }
}

// What a terminal would obey is no address.
std::string shown_address(std::string_view word) {
  std::string address(word.substr(0, 80));
  for (char& c : address) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  return address;
}

// netstat's names of states, as ss has them.
std::string_view state_of_netstat(std::string_view word) {
  struct State {
    std::string_view netstat;
    std::string_view ss;
  };
  constexpr std::array<State, 8> kNames{{{"ESTABLISHED", "ESTAB"},
                                         {"SYN_SENT", "SYN-SENT"},
                                         {"SYN_RECV", "SYN-RECV"},
                                         {"FIN_WAIT1", "FIN-WAIT-1"},
                                         {"FIN_WAIT2", "FIN-WAIT-2"},
                                         {"CLOSE_WAIT", "CLOSE-WAIT"},
                                         {"LAST_ACK", "LAST-ACK"},
                                         {"TIME_WAIT", "TIME-WAIT"}}};
  for (const State& name : kNames) {
    if (word == name.netstat) return name.ss;
  }
  return word == "LISTEN" || word == "CLOSING" ? word : std::string_view{};
}

// "0 126 10.0.0.1:51432 10.0.0.2:443", which ss and netstat write alike.
bool read_queues_and_ends(std::string_view& left, SocketClue& socket) {
  const auto receive = whole_number(next_word(left));
  const auto send = whole_number(next_word(left));
  if (!receive || !send) return false;
  socket.receive_queue = *receive;
  socket.send_queue = *send;
  (void)next_word(left);
  socket.peer = shown_address(next_word(left));
  return true;
}

// netstat -nto: "tcp 0 126 10.0.0.1:51432 10.0.0.2:443 ESTABLISHED on (42.10/9/0)"; -p puts the
// program before the timer. In parentheses: seconds left, retransmissions, probes.
std::optional<SocketClue> parse_netstat_line(std::string_view left) {
  SocketClue socket;
  if (!read_queues_and_ends(left, socket)) return std::nullopt;
  socket.state = std::string(state_of_netstat(next_word(left)));
  if (socket.state.empty()) return std::nullopt;
  constexpr unsigned kWordsMax = 8;
  for (unsigned i = 0; i < kWordsMax; ++i) {
    const std::string_view word = next_word(left);
    const bool is_timer = word == "on" || word == "off" || word == "keepalive" ||
                          word == "timewait" || word == "probe";
    if (!is_timer) continue;
    socket.has_timers = true;
    if (word != "off") socket.timer = word == "probe" ? "persist" : std::string(word);
    const std::string_view numbers = next_word(left);
    const std::size_t retransmits = numbers.find('/');
    const std::size_t probes = numbers.rfind('/');
    if (retransmits != probes) {
      socket.timer_retries =
          small_number(numbers.substr((word == "keepalive" ? probes : retransmits) + 1));
    }
    break;
  }
  return socket;
}

}  // namespace

std::optional<SocketClue> parse_socket_line(std::string_view line) {
  std::string_view left = line;
  std::string_view word = next_word(left);
  if (word == "tcp" || word == "tcp6") {
    if (auto socket = parse_netstat_line(left)) return socket;
    word = next_word(left);  // ss -a prints the protocol first
  }
  if (std::find(kStates.begin(), kStates.end(), word) == kStates.end()) return std::nullopt;
  SocketClue socket;
  socket.state = std::string(word);
  if (!read_queues_and_ends(left, socket)) return std::nullopt;
  add_socket_details(left, socket);
  return socket;
}

void add_socket_details(std::string_view line, SocketClue& socket) {
  constexpr unsigned kWordsMax = 200;
  std::string_view left = line;
  for (unsigned i = 0; i < kWordsMax; ++i) {
    const std::string_view word = next_word(left);
    if (word.empty()) return;
    read_detail(word, socket);
  }
}

}  // namespace halfopen
