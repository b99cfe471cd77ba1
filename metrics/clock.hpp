// The only doors to the clocks. CLOCK_MONOTONIC is one clock across network namespaces, so events
// of all processes of a run can be put in one order by it.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace halfopen {

[[nodiscard]] Instant monotonic_now();
// Seconds since 1970, for metrics that are timestamps.
[[nodiscard]] double wall_seconds();
// RFC 3339 with milliseconds, UTC: "2025-11-29T02:29:17.123Z".
[[nodiscard]] std::string wall_text();
// The same with nanoseconds, of a time in nanoseconds since 1970.
[[nodiscard]] std::string wall_text(std::int64_t unix_nanoseconds);
// Unix time minus monotonic time now, to about a microsecond. It holds until somebody steps the
// wall clock; what slews it (NTP) moves it by less than 1 ms a second, in practice by far less.
[[nodiscard]] Duration wall_minus_monotonic();

}  // namespace halfopen
