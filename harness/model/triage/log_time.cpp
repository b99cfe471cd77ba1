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

// A year with a 29 February stands for the one that is not named.
constexpr int kUnnamedYear = 2000;

struct Date {
  std::int64_t days = 0;
  bool has_year = true;
};

// "2025-11-29T", "2025/11/29 ", "[29/Nov/2025:", "29 Nov 2025 ", "Nov 29 " (of an unnamed year).
std::optional<Date> date_before(std::string_view before) {
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
    return Date{days_of(year, std::clamp(two_digits(before.substr(size - 5)), 1, 12),
                        two_digits(before.substr(size - 2)))};
  }
  if (size >= 11 && digits(4, 4) && digits(11, 2)) {
    const int month = month_of(before.substr(size - 8, 3));
    const int year =
        two_digits(before.substr(size - 4)) * 100 + two_digits(before.substr(size - 2));
    if (month > 0 && is_plausible(year))
      return Date{days_of(year, month, two_digits(before.substr(size - 11)))};
  }
  if (size >= 6) {
    const int month = month_of(before.substr(size - 6, 3));
    const char tens = before[size - 2];
    if (month > 0 && is_digit(before[size - 1]) && (is_digit(tens) || tens == ' ')) {
      const int day = (tens == ' ' ? 0 : tens - '0') * 10 + before[size - 1] - '0';
      return Date{days_of(kUnnamedYear, month, day), false};
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
  const bool is_now_in_milliseconds =
      digits == 13 && whole >= 1'000'000'000'000 && whole < 4'102'444'800'000;
  if (is_now_in_milliseconds) return std::chrono::milliseconds(whole);
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

struct Clock {
  Duration time{0};  // since midnight
  std::size_t end = 0;
};

// " PM" behind a time: 12 hours later, and 12 is the hour before 1.
std::optional<int> hour_of_half_day(int hour, std::string_view line, std::size_t& end) {
  const std::size_t at = end < line.size() && line[end] == ' ' ? end + 1 : end;
  if (hour < 1 || hour > 12 || at + 1 >= line.size()) return std::nullopt;
  const bool is_pm = line[at] == 'p' || line[at] == 'P';
  const bool is_am = line[at] == 'a' || line[at] == 'A';
  const bool has_m = line[at + 1] == 'm' || line[at + 1] == 'M';
  const bool goes_on =
      at + 2 < line.size() && std::isalnum(static_cast<unsigned char>(line[at + 2])) != 0;
  if (!(is_pm || is_am) || !has_m || goes_on) return std::nullopt;
  end = at + 2;
  return hour % 12 + (is_pm ? 12 : 0);
}

// "02:28:26.123", "02:28:26 PM", "2:28:26 PM" from `at`.
std::optional<Clock> clock_at(std::string_view line, std::size_t at) {
  const std::size_t width = at + 1 < line.size() && is_digit(line[at + 1]) ? 2 : 1;
  const std::size_t length = width + 6;
  if (at + length > line.size() || !is_digit(line[at])) return std::nullopt;
  const std::string_view rest = line.substr(at + width, 6);
  const bool shaped = rest[0] == ':' && is_digit(rest[1]) && is_digit(rest[2]) && rest[3] == ':' &&
                      is_digit(rest[4]) && is_digit(rest[5]);
  if (!shaped) return std::nullopt;
  const int hours = width == 2 ? two_digits(line.substr(at)) : line[at] - '0';
  const int minutes = two_digits(rest.substr(1));
  const int seconds = two_digits(rest.substr(4));
  if (hours > 23 || minutes > 59 || seconds > 60) return std::nullopt;
  Clock clock;
  clock.end = at + length;
  Duration fraction{0};
  if (clock.end + 1 < line.size() && (line[clock.end] == '.' || line[clock.end] == ',')) {
    Duration digit = std::chrono::milliseconds(100);
    for (++clock.end; clock.end < line.size() && is_digit(line[clock.end]); ++clock.end) {
      fraction += digit * (line[clock.end] - '0');
      digit /= 10;
    }
  }
  const auto hour = hour_of_half_day(hours, line, clock.end);
  if (width == 1 && !hour) return std::nullopt;
  clock.time = std::chrono::hours(hour.value_or(hours)) + std::chrono::minutes(minutes) +
               std::chrono::seconds(seconds) + fraction;
  return clock;
}

struct LogTime {
  Duration time{0};
  bool has_year = true;  // or no date at all
};

std::optional<LogTime> find_time(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (!is_digit(line[at]) || (at > 0 && is_digit(line[at - 1]))) continue;
    const auto clock = clock_at(line, at);
    if (!clock) continue;
    const auto date = date_before(line.substr(0, at));
    // "12:34:56:78" is an address, unless a date stands before it.
    if (!date && at > 0 && line[at - 1] == ':') continue;
    if (clock->end < line.size() && line[clock->end] == ':') continue;
    if (!date) return LogTime{clock->time};
    const Duration day = std::chrono::hours(24) * date->days;
    return LogTime{clock->time + day - zone_at(line.substr(clock->end)), date->has_year};
  }
  const auto epoch = find_epoch(line);
  if (!epoch) return std::nullopt;
  return LogTime{*epoch};
}

}  // namespace

std::optional<Duration> find_log_time(std::string_view line) {
  const auto found = find_time(line);
  if (!found) return std::nullopt;
  return found->time;
}

std::optional<Duration> YearlessClock::read(std::string_view line) {
  constexpr Duration kLeapYear = std::chrono::hours(24 * 366);
  const auto found = find_time(line);
  if (!found) return std::nullopt;
  if (found->has_year) return found->time;
  Duration time = found->time + year_;
  if (last_ && time > *last_ + kLeapYear / 2) {
    // A late line of the old year among those of the new one.
    time -= kLeapYear;
  } else {
    // More years than anybody logs would not fit a Duration.
    if (last_ && time + kLeapYear / 2 < *last_ && year_ < 100 * kLeapYear) {
      const bool was_common = seen_before_leap_day_ && !seen_leap_day_;
      year_ += kLeapYear - (was_common ? std::chrono::hours(24) : std::chrono::hours(0));
      seen_before_leap_day_ = seen_leap_day_ = false;
    }
    time = in_year(found->time);
  }
  last_ = time;
  return time;
}

Duration YearlessClock::in_year(Duration time) {
  constexpr Duration kDay = std::chrono::hours(24);
  const Duration leap_day = kDay * days_of(kUnnamedYear, 2, 29);
  if (time < leap_day) {
    seen_before_leap_day_ = true;
  } else if (time < leap_day + kDay) {
    seen_leap_day_ = true;
  } else if (seen_before_leap_day_ && !seen_leap_day_) {
    time -= kDay;
  }
  return time + year_;
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
