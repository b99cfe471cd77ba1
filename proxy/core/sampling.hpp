// How often TCP_INFO is looked at. A probe is dated by the look that finds it, so the interval is
// how late an expiry can be; a look costs CPU, so many mappings are looked at less often.
#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace halfopen {

inline constexpr Duration kSampleIntervalMin = std::chrono::milliseconds(2);
inline constexpr Duration kSampleIntervalMax = std::chrono::milliseconds(100);
// Price of one mapping's sample, with room: two looks of about a microsecond and their bookkeeping.
inline constexpr Duration kSampleCost = std::chrono::microseconds(4);
// Sampling may take one part in this many of a core.
inline constexpr int kSampleCpuShare = 100;

// A hundredth of the timeout within the limits above; longer where the number of mappings asks for
// it, even beyond kSampleIntervalMax: the budget wins.
[[nodiscard]] Duration choose_sample_interval(Duration smallest_idle_timeout, std::size_t mappings);

}  // namespace halfopen
