#include "proxy/core/sampling.hpp"

#include <algorithm>
#include <cstdint>

namespace halfopen {
namespace {

Duration choose(Duration wanted, Duration smallest_timeout, std::size_t mappings, int cpu_share) {
  const Duration affordable = kSampleCost * cpu_share * static_cast<std::int64_t>(mappings);
  return std::max(wanted, std::min(affordable, smallest_timeout / kTimeoutShare));
}

}  // namespace

Duration choose_sample_interval(Duration smallest_timeout, std::size_t mappings) {
  const Duration wanted =
      std::clamp(smallest_timeout / 400, kSampleIntervalMin, kSampleIntervalMax);
  return choose(wanted, smallest_timeout, mappings, kSampleCpuShare);
}

Duration choose_busy_interval(Duration smallest_timeout, std::size_t busy) {
  return choose(kSampleIntervalMin, smallest_timeout, busy, kBusyCpuShare);
}

}  // namespace halfopen
