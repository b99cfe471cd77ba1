// The only doors to the clocks. CLOCK_MONOTONIC is one clock across network namespaces, so events
// of all processes of a run can be put in one order by it.
#pragma once

#include <string>

#include "base/time.hpp"

namespace halfopen {

[[nodiscard]] Instant monotonic_now();
// Seconds since 1970, for metrics that are timestamps.
[[nodiscard]] double wall_seconds();
// RFC 3339 with milliseconds, UTC: "2025-11-29T02:29:17.123Z".
[[nodiscard]] std::string wall_text();

}  // namespace halfopen
