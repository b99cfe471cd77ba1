// Wall clock times in a record: RFC 3339 text to Unix time, and how the run's monotonic axis lies
// on it. Days and seconds as the civil calendar counts them, without leap seconds.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "harness/model/record.hpp"

namespace halfopen {

// "2025-11-29T02:28:26.123Z", "...+01:00"; a space may stand for T, and without an offset it is
// taken as UTC. Nothing for any other text.
[[nodiscard]] std::optional<Duration> parse_rfc3339(std::string_view text);

// The record's own offset, or that of the first event with a readable `wall`.
[[nodiscard]] std::optional<Duration> wall_offset_of(const RunRecord& record);

}  // namespace halfopen
