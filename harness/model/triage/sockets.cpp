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

}  // namespace

std::optional<SocketClue> parse_socket_line(std::string_view line) {
  std::string_view left = line;
  std::string_view word = next_word(left);
  if (word == "tcp") word = next_word(left);  // ss -a prints the protocol first
  if (std::find(kStates.begin(), kStates.end(), word) == kStates.end()) return std::nullopt;
  SocketClue socket;
  socket.state = std::string(word);
  const auto receive = whole_number(next_word(left));
  const auto send = whole_number(next_word(left));
  if (!receive || !send) return std::nullopt;
  socket.receive_queue = *receive;
  socket.send_queue = *send;
  (void)next_word(left);
  socket.peer = std::string(next_word(left).substr(0, 80));
  // What a terminal would obey is no address.
  for (char& c : socket.peer) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
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
