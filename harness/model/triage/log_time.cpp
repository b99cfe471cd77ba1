#include "harness/model/triage/log_time.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <string>

namespace halfopen {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
int two_digits(std::string_view text) {
  return (text[0] - '0') * 10 + (text[1] - '0');
}

// Days since 1970 (H. Hinnant's days_from_civil, in short).
std::int64_t days_of(int year, int month, int day) {
  const int shifted = month <= 2 ? year - 1 : year;
  const int era = shifted / 400;
  const int of_era = shifted - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097LL + of_era * 365LL + of_era / 4 - of_era / 100 + of_year - 719468;
}

int month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (std::equal(
            name.begin(), name.end(), kMonths.at(i).begin(), kMonths.at(i).end(),
            [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; })) {
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

// Other years are not of a log that anybody reads, and the far ones would not fit a Duration.
bool is_plausible(int year) {
  return year >= 1970 && year < 2200;
}

// "2025-11-29T", "2025/11/29 ", "[29/Nov/2025:", "29 Nov 2025 ", "Nov 29 " (of an unnamed year).
std::optional<std::int64_t> date_before(std::string_view before) {
  if (before.empty()) return std::nullopt;
  before.remove_suffix(1);  // T, a blank or a colon
  const auto digits = [&](std::size_t from_end, std::size_t count) {
    if (before.size() < from_end) return false;
    const auto part = before.substr(before.size() - from_end, count);
    return std::all_of(part.begin(), part.end(), is_digit);
  };
  const std::size_t size = before.size();
  if (size >= 10 && digits(10, 4) && digits(5, 2) && digits(2, 2) &&
      (before[size - 6] == '-' || before[size - 6] == '/' || before[size - 6] == '.')) {
    const int year =
        two_digits(before.substr(size - 10)) * 100 + two_digits(before.substr(size - 8));
    if (!is_plausible(year)) return std::nullopt;
    return days_of(year, std::clamp(two_digits(before.substr(size - 5)), 1, 12),
                   two_digits(before.substr(size - 2)));
  }
  if (size >= 11 && digits(4, 4) && digits(11, 2)) {
    const int month = month_of(before.substr(size - 8, 3));
    const int year =
        two_digits(before.substr(size - 4)) * 100 + two_digits(before.substr(size - 2));
    if (month > 0 && is_plausible(year))
      return days_of(year, month, two_digits(before.substr(size - 11)));
  }
  if (size >= 6) {
    const int month = month_of(before.substr(size - 6, 3));
    const char tens = before[size - 2];
    if (month > 0 && is_digit(before[size - 1]) && (is_digit(tens) || tens == ' ')) {
      return days_of(2000, month, (tens == ' ' ? 0 : tens - '0') * 10 + before[size - 1] - '0');
    }
  }
  return std::nullopt;
}

struct Number {
  double value = 0;
  std::size_t end = 0;
};

// "1,801,234" and "350.5"; at most a dozen digits.
std::optional<Number> number_at(std::string_view line, std::size_t at) {
  std::string digits;
  std::size_t end = at;
  while (end < line.size() && digits.size() < 12 &&
         (is_digit(line[end]) || line[end] == '.' || line[end] == ',')) {
    if (line[end] != ',') digits += line[end];
    ++end;
  }
  if (digits.empty() || !is_digit(digits.front())) return std::nullopt;
  double value = 0;
  double scale = 0;
  for (const char c : digits) {
    if (c == '.') {
      if (scale > 0) break;
      scale = 1;
      continue;
    }
    value = value * 10 + (c - '0');
    if (scale > 0) scale *= 10;
  }
  return Number{scale > 0 ? value / scale : value, end};
}

std::optional<double> unit_seconds(std::string_view rest) {
  while (!rest.empty() && rest.front() == ' ')
    rest.remove_prefix(1);
  struct Unit {
    std::string_view word;
    double seconds;
  };
  constexpr std::array kUnits{
      Unit{"millisecond", 1e-3}, Unit{"msec", 1e-3}, Unit{"ms", 1e-3}, Unit{"minute", 60},
      Unit{"min", 60},           Unit{"second", 1},  Unit{"sec", 1},   Unit{"hour", 3600},
      Unit{"h", 3600},           Unit{"m", 60},      Unit{"s", 1}};
  for (const Unit& unit : kUnits) {
    if (!rest.starts_with(unit.word)) continue;
    const bool whole = unit.word.size() > 2 || rest.size() == unit.word.size() ||
                       std::isalpha(static_cast<unsigned char>(rest[unit.word.size()])) == 0;
    if (whole) return unit.seconds;
  }
  return std::nullopt;
}

// "+01:00", " +0100", "-05:30" behind a time: how far the zone is ahead of UTC. Lines of one text
// come from several machines, and each may write its own zone.
Duration zone_at(std::string_view rest) {
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.size() < 5 || (rest[0] != '+' && rest[0] != '-')) return Duration{0};
  std::string digits;
  std::size_t end = 1;
  for (; end < rest.size() && digits.size() < 4; ++end) {
    if (is_digit(rest[end])) {
      digits += rest[end];
    } else if (rest[end] != ':' || end != 3) {
      break;
    }
  }
  if (digits.size() != 4 || (end < rest.size() && is_digit(rest[end]))) return Duration{0};
  const int hours = two_digits(digits);
  const int minutes = two_digits(std::string_view(digits).substr(2));
  if (hours > 14 || minutes > 59) return Duration{0};
  const Duration ahead = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return rest[0] == '+' ? ahead : -ahead;
}

// Seconds or milliseconds since 1970 ("1763632741: ", "[1763632800.123456]",
// "\"ts\":1763632800.1"), and the kernel's "[88213.120001]" since boot.
std::optional<Duration> epoch_at(std::string_view line, std::size_t at) {
  std::int64_t whole = 0;
  std::size_t end = at;
  while (end < line.size() && is_digit(line[end]) && end - at < 14)
    whole = whole * 10 + (line[end++] - '0');
  const std::size_t digits = end - at;
  Duration fraction{0};
  const bool has_point = end + 1 < line.size() && line[end] == '.' && is_digit(line[end + 1]);
  if (has_point) {
    Duration digit = std::chrono::milliseconds(100);
    for (++end; end < line.size() && is_digit(line[end]); ++end) {
      fraction += digit * (line[end] - '0');
      digit /= 10;
    }
  }
  const bool is_now = digits == 10 && whole >= 1'000'000'000 && whole < 4'102'444'800;
  if (is_now) return std::chrono::seconds(whole) + fraction;
  if (digits == 13 && whole >= 1'000'000'000'000) return std::chrono::milliseconds(whole);
  const bool since_boot = at > 0 && line[at - 1] == '[' && has_point && digits > 0 && digits < 9 &&
                          end < line.size() && line[end] == ']';
  if (since_boot) return std::chrono::seconds(whole) + fraction;
  return std::nullopt;
}

std::optional<Duration> find_epoch(std::string_view line) {
  if (line.empty()) return std::nullopt;
  if (is_digit(line.front())) return epoch_at(line, 0);
  if (line.front() == '[') {
    const std::size_t at = line.find_first_not_of(" [");
    if (at != std::string_view::npos && line[at - 1] == '[') return epoch_at(line, at);
    // "[    5.120001]": the kernel pads.
    const std::size_t close = line.find(']');
    if (at != std::string_view::npos && close != std::string_view::npos && is_digit(line[at])) {
      return epoch_at("[" + std::string(line.substr(at, close + 1 - at)), 1);
    }
    return std::nullopt;
  }
  constexpr std::array<std::string_view, 6> kKeys{
      "\"time\":", "\"ts\":", "\"timestamp\":", "ts=", "\"@timestamp\":", "time="};
  for (const std::string_view key : kKeys) {
    const std::size_t found = line.find(key);
    if (found == std::string_view::npos) continue;
    const std::size_t at = line.find_first_not_of(" \"", found + key.size());
    if (at != std::string_view::npos && is_digit(line[at])) return epoch_at(line, at);
  }
  return std::nullopt;
}

// "max idle 600s" is a setting.
bool is_limit(std::string_view before) {
  while (!before.empty() && before.back() == ' ')
    before.remove_suffix(1);
  constexpr std::array<std::string_view, 6> kLimits{"max",     "maximum", "min",
                                                    "minimum", "allowed", "limit"};
  return std::any_of(kLimits.begin(), kLimits.end(),
                     [&](std::string_view word) { return before.ends_with(word); });
}

}  // namespace

std::optional<Duration> find_log_time(std::string_view line) {
  constexpr std::size_t kLength = 8;
  for (std::size_t at = 0; at + kLength <= line.size(); ++at) {
    const std::string_view clock = line.substr(at, kLength);
    const bool shaped = clock[2] == ':' && clock[5] == ':' && is_digit(clock[0]) &&
                        is_digit(clock[1]) && is_digit(clock[3]) && is_digit(clock[4]) &&
                        is_digit(clock[6]) && is_digit(clock[7]);
    if (!shaped || (at > 0 && is_digit(line[at - 1]))) continue;
    const auto days = date_before(line.substr(0, at));
    // "12:34:56:78" is an address, unless a date stands before it.
    if (!days && at > 0 && line[at - 1] == ':') continue;
    if (at + kLength < line.size() && line[at + kLength] == ':') continue;
    const int hours = two_digits(clock);
    const int minutes = two_digits(clock.substr(3));
    const int seconds = two_digits(clock.substr(6));
    if (hours > 23 || minutes > 59 || seconds > 60) continue;
    Duration time =
        std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
    std::size_t end = at + kLength;
    if (end + 1 < line.size() && (line[end] == '.' || line[end] == ',')) {
      Duration digit = std::chrono::milliseconds(100);
      for (++end; end < line.size() && is_digit(line[end]) && digit.count() > 0; ++end) {
        time += digit * (line[end] - '0');
        digit /= 10;
      }
    }
    if (days) time += std::chrono::hours(24) * *days - zone_at(line.substr(end));
    return time;
  }
  return find_epoch(line);
}

std::optional<Duration> find_stated_idle(std::string_view line) {
  // "keepalive idle=7200s interval=75s" is a setting.
  const bool is_keep_alive = line.find("keepalive") != std::string_view::npos ||
                             line.find("keep-alive") != std::string_view::npos;
  if (is_keep_alive && line.find("interval") != std::string_view::npos) return std::nullopt;
  constexpr std::array<std::string_view, 12> kBefore{"idle for ",
                                                     "inactive for ",
                                                     "idle time ",
                                                     "idle=",
                                                     "idle: ",
                                                     "idle after ",
                                                     "silent for ",
                                                     "was idle ",
                                                     "been idle ",
                                                     "idle ",
                                                     "received from the server was ",
                                                     "no activity for "};
  for (const std::string_view words : kBefore) {
    const std::size_t at = line.find(words);
    if (at == std::string_view::npos || is_limit(line.substr(0, at))) continue;
    const auto number = number_at(line, at + words.size());
    if (!number) continue;
    const auto unit = unit_seconds(line.substr(number->end));
    if (!unit) continue;
    const double seconds = number->value * *unit;
    if (seconds > 0 && seconds < 1e8) return Duration{std::llround(seconds * 1e9)};
  }
  return std::nullopt;
}

}  // namespace halfopen
