// Times in log lines, whatever the format: "02:28:26.123" with a date before it, if there is one.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace halfopen {

// The line's first time: since 1970 where a date stands before it, else since midnight.
[[nodiscard]] std::optional<Duration> find_log_time(std::string_view line);

// Syslog names no year. A log's own lines tell when a year ends and whether it has a 29 February;
// where they do not, the shorter of two readings is taken, so that no silence is made up.
class YearlessClock {
 public:
  // As `find_log_time`, and in one running count over New Year.
  [[nodiscard]] std::optional<Duration> read(std::string_view line);

 private:
  [[nodiscard]] Duration in_year(Duration time);

  std::optional<Duration> last_;
  Duration year_{0};  // what is added to the times of the year that is read
  bool seen_before_leap_day_ = false;
  bool seen_leap_day_ = false;
};

// "idle for 350s", "inactive for 15 minutes", "last packet ... 1,801,234 milliseconds ago": the
// time that a lower-case line states of a silence.
[[nodiscard]] std::optional<Duration> find_stated_idle(std::string_view line);

}  // namespace halfopen
