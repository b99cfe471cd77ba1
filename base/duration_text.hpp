// Durations as people write them: "250ms", "3s", "1m30s", "2h4m". A unit is always required, so
// that a bare 30 can never be read as milliseconds by one program and seconds by another.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

// Accepts ns, us, ms, s, m, h, d; decimals ("1.5s"); several parts in falling order ("1m30s"); and
// "0". Errors name the text and the expected form.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

// The shortest exact form: "0s", "41s", "1m30s", "250ms".
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace halfopen
