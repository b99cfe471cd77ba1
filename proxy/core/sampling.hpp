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
// Price of one mapping's sample, with room: two looks of about a microsecond and their bookkeeping.
inline constexpr Duration kSampleCost = std::chrono::microseconds(3);
// Looking at those who are idle may take one part in this many of a core (0.6 %), at those who have
// just moved one part in the second.
inline constexpr int kSampleCpuShare = 160;
inline constexpr int kBusyCpuShare = 20;
// But no expiry is later than this part of the timeout (a 21st), whatever that costs.
inline constexpr int kTimeoutShare = 21;

// A four-hundredth of the timeout within the limits above; longer where the number of mappings asks
// for it, up to the timeout's share.
[[nodiscard]] Duration choose_sample_interval(Duration smallest_timeout, std::size_t mappings);
// For those who have just moved, of which there are this many: as short as it gets while the number
// allows it, since the ACK of their data is underway.
[[nodiscard]] Duration choose_busy_interval(Duration smallest_timeout, std::size_t busy);

}  // namespace halfopen
