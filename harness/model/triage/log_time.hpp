// Times in log lines, whatever the format: "02:28:26.123" with a date before it, if there is one.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace halfopen {

// The line's first time: since 1970 where a date stands before it, else since midnight.
[[nodiscard]] std::optional<Duration> find_log_time(std::string_view line);

// "idle for 350s", "inactive for 15 minutes", "last packet ... 1,801,234 milliseconds ago": the
// time that a lower-case line states of a silence.
[[nodiscard]] std::optional<Duration> find_stated_idle(std::string_view line);

}  // namespace halfopen
