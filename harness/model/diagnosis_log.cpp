// Free text to facts. Logs differ in everything but two things: the kernel's error names and
// sentences, which are the same on every Linux, and times. So a line is searched for these and for
// a few plain words, and its own format is ignored.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

#include "harness/model/diagnosis.hpp"
#include "harness/model/judge_wall.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kTextMax = std::size_t{1} << 20U;
constexpr std::size_t kLineMax = 2000;
constexpr std::size_t kLinesKept = 20;
constexpr Duration kDay = std::chrono::hours(24);

struct ErrorWords {
  std::string_view errno_name;
  std::string_view words;  // lower case
};
// Names and sentences, as strerror(3), perror(3) and the common runtimes write them.
constexpr std::array<ErrorWords, 22> kErrorWords{{
    {"EPIPE", "epipe"},
    {"EPIPE", "broken pipe"},
    {"EPIPE", "brokenpipe"},
    {"EPIPE", "broken_pipe"},
    {"ECONNRESET", "econnreset"},
    {"ECONNRESET", "connection reset"},
    {"ECONNRESET", "connectionreset"},
    {"ETIMEDOUT", "etimedout"},
    {"ETIMEDOUT", "connection timed out"},
    {"ETIMEDOUT", "operation timed out"},
    {"EHOSTUNREACH", "ehostunreach"},
    {"EHOSTUNREACH", "no route to host"},
    {"EHOSTUNREACH", "host is unreachable"},
    {"ENETUNREACH", "enetunreach"},
    {"ENETUNREACH", "network is unreachable"},
    {"ECONNREFUSED", "econnrefused"},
    {"ECONNREFUSED", "connection refused"},
    {"ECONNABORTED", "econnaborted"},
    {"ECONNABORTED", "software caused connection abort"},
    {"ENOTCONN", "enotconn"},
    {"ENOTCONN", "endpoint is not connected"},
    {"ENETDOWN", "network is down"},
}};

struct Found {
  std::size_t position;
  std::string_view errno_name;
};

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::vector<Found> find_errors(const std::string& line) {
  std::vector<Found> found;
  for (const ErrorWords& words : kErrorWords) {
    for (std::size_t at = line.find(words.words); at != std::string::npos;
         at = line.find(words.words, at + 1)) {
      found.push_back({at, words.errno_name});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.position < b.position; });
  return found;
}

// The position of the word, or npos. A word does not begin inside another one, and is not denied.
std::size_t find_word(const std::string& line, std::string_view word) {
  constexpr std::array<std::string_view, 5> kDenials{"not ", "n't ", "never ", "un", "dis"};
  for (std::size_t at = line.find(word); at != std::string::npos; at = line.find(word, at + 1)) {
    const std::string_view before = std::string_view(line).substr(0, at);
    const bool denied = std::any_of(kDenials.begin(), kDenials.end(),
                                    [before](auto denial) { return before.ends_with(denial); });
    const bool inside = !before.empty() && is_letter(before.back());
    if (!denied && !inside) return at;
  }
  return std::string::npos;
}

template <std::size_t Count>
bool has_any(const std::string& line, const std::array<std::string_view, Count>& words) {
  return std::any_of(words.begin(), words.end(), [&line](std::string_view word) {
    return find_word(line, word) != std::string::npos;
  });
}

constexpr std::array<std::string_view, 6> kConnectWords{
    "connects to",       "connected",         "connection established",
    "connection opened", "connection_opened", "established connection"};
constexpr std::array<std::string_view, 7> kBroadcastWords{
    "broadcast", "vote_cast", "casts a vote", "casting", "sending", "publishing", "sends"};
constexpr std::array<std::string_view, 6> kStartWords{"node start", "starting",    "started",
                                                      "starts",     "listens for", "booting"};

// Where the line says that a send succeeded.
std::size_t find_sent(const std::string& line) {
  return std::min({find_word(line, "sent"), find_word(line, "vote_sent"),
                   find_word(line, "send ok"), find_word(line, "\"result\":\"ok\"")});
}

// "02:28:26", "02:28:26.123", "2025-11-29T02:28:26.123Z" anywhere in the line, the first of them.
// A time of day counts from midnight, a full date from 1970.
std::optional<Duration> find_time(std::string_view line) {
  constexpr std::size_t kTimeLength = 8;
  for (std::size_t at = 0; at + kTimeLength <= line.size(); ++at) {
    const std::string_view candidate = line.substr(at, kTimeLength);
    if (candidate[2] != ':' || candidate[5] != ':' || !is_digit(candidate[0])) continue;
    const char before = at == 0 ? ' ' : line[at - 1];
    const bool after_date = before == 'T' || before == 't';
    if (before == ':' || is_digit(before) || (is_letter(before) && !after_date)) continue;
    std::size_t end = at + kTimeLength;
    if (end < line.size() && (line[end] == '.' || line[end] == ',')) {
      ++end;
      while (end < line.size() && is_digit(line[end]))
        ++end;
    }
    constexpr std::size_t kDateLength = 11;  // "2025-11-29T"
    if (at >= kDateLength) {
      const std::string_view whole = line.substr(at - kDateLength, end - at + kDateLength);
      if (const auto time = parse_rfc3339(whole)) return time;
    }
    const std::string day = "1970-01-01T" + std::string(line.substr(at, end - at));
    if (const auto time = parse_rfc3339(day)) return time;
  }
  return std::nullopt;
}

// Reads line after line; a later line of a day earlier by the clock is of the next day.
class LogReader {
 public:
  void read_line(std::string_view raw) {
    const std::string_view shown = raw.substr(0, kLineMax);
    std::string line(shown);
    for (char& c : line)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::vector<Found> errors = find_errors(line);
    const std::size_t sent = find_sent(line);
    const bool connects = has_any(line, kConnectWords);
    const bool broadcasts = has_any(line, kBroadcastWords);
    const bool starts = !connects && !broadcasts && errors.empty() && has_any(line, kStartWords);
    const bool says_sent = sent != std::string::npos;
    if (errors.empty() && !says_sent && !connects && !broadcasts && !starts) return;
    if (facts_.lines.size() < kLinesKept) facts_.lines.emplace_back(shown);

    const std::optional<Duration> time = running_time(line);
    if (starts && !start_) start_ = time;
    const bool first_error_here = facts_.errors.empty() && !errors.empty();
    const bool before_error = facts_.errors.empty();
    if (before_error && says_sent && (errors.empty() || sent < errors.front().position)) {
      facts_.said_sent = true;
    }
    // A line with an error may speak of the connection that it ends; it makes none.
    if (before_error && time) note_activity(*time, connects && errors.empty());
    if (first_error_here) error_at_ = time;
    for (const Found& error : errors)
      add_error(std::string(error.errno_name));
  }

  LogFacts finish() {
    const std::optional<Duration> end = error_at_ ? error_at_ : last_;
    if (connect_ && end) facts_.since_connect = *end - *connect_;
    if (start_ && end) facts_.since_start = *end - *start_;
    return std::move(facts_);
  }

 private:
  std::optional<Duration> running_time(const std::string& line) {
    auto time = find_time(line);
    if (!time) return std::nullopt;
    *time += days_;
    // An hour of grace for lines that two threads wrote in the wrong order.
    if (latest_ && *time < *latest_ - std::chrono::hours(1) && *time < 2 * kDay + days_) {
      days_ += kDay;
      *time += kDay;
    }
    if (!latest_ || *time > *latest_) latest_ = time;
    return time;
  }

  // What came before the last connect says nothing about the connection that then broke.
  void note_activity(Duration time, bool connects) {
    if (connects) {
      connect_ = time;
      facts_.connected_idle.reset();
    } else if (connect_ && last_ && *last_ >= *connect_ && time >= *last_) {
      const Duration silence = time - *last_;
      if (!facts_.connected_idle || silence > *facts_.connected_idle) {
        facts_.connected_idle = silence;
      }
    }
    last_ = time;
  }

  void add_error(std::string name) {
    if (std::find(facts_.errors.begin(), facts_.errors.end(), name) == facts_.errors.end()) {
      facts_.errors.push_back(std::move(name));
    }
  }

  LogFacts facts_;
  std::optional<Duration> start_;
  std::optional<Duration> connect_;  // the last one before the first error
  std::optional<Duration> last_;     // the last connect, broadcast, send or error
  std::optional<Duration> error_at_;
  std::optional<Duration> latest_;
  Duration days_{0};
};

}  // namespace

LogFacts read_log(const std::string& text) {
  LogReader reader;
  std::string_view left = std::string_view(text).substr(0, kTextMax);
  while (!left.empty()) {
    const std::size_t length = left.find('\n');
    std::string_view line = left.substr(0, length);
    left.remove_prefix(length == std::string_view::npos ? left.size() : length + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    reader.read_line(line);
  }
  return reader.finish();
}

}  // namespace halfopen
