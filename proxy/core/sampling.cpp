#include "proxy/core/sampling.hpp"

#include <algorithm>
#include <cstdint>

namespace halfopen {

Duration choose_sample_interval(Duration smallest_timeout, std::size_t mappings) {
  const Duration wanted =
      std::clamp(smallest_timeout / 400, kSampleIntervalMin, kSampleIntervalMax);
  const Duration affordable = kSampleCost * kSampleCpuShare * static_cast<std::int64_t>(mappings);
  return std::max(wanted, affordable);
}

}  // namespace halfopen
