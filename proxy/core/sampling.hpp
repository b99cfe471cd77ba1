// How often TCP_INFO is looked at. A probe is dated by the look that finds it, so the interval is
// how late an expiry can be; a look costs CPU, so many mappings are looked at less often.
#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace halfopen {

inline constexpr Duration kSampleIntervalMin = std::chrono::milliseconds(2);
// A handful of mappings is looked at this often whatever their timeout: the ACK of the last data
// and the last probe are then dated to within it.
inline constexpr Duration kSampleIntervalMax = std::chrono::milliseconds(5);
// Price of one mapping's sample, with room: two looks of about two microseconds and their
// bookkeeping.
inline constexpr Duration kSampleCost = std::chrono::microseconds(6);
// Sampling may take one part in this many of a core.
inline constexpr int kSampleCpuShare = 20;

// A four-hundredth of the timeout within the limits above; longer where the number of mappings asks
// for it, even beyond kSampleIntervalMax: the budget wins.
[[nodiscard]] Duration choose_sample_interval(Duration smallest_timeout, std::size_t mappings);

}  // namespace halfopen
