#include "metrics/clock.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace halfopen {

Instant monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Instant::from_nanoseconds(now.tv_sec * 1'000'000'000LL + now.tv_nsec);
}

double wall_seconds() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Duration wall_minus_monotonic() {
  const auto wall_now = [] {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
  };
  // The pair that was read in the shortest time was not interrupted.
  Duration best{};
  Duration shortest = Duration::max();
  for (int attempt = 0; attempt < 10; ++attempt) {
    const Instant before = monotonic_now();
    const std::int64_t wall = wall_now();
    const Duration took = monotonic_now() - before;
    if (took >= shortest) continue;
    shortest = took;
    best = Duration{wall} - Duration{before.nanoseconds()} - took / 2;
  }
  return best;
}

std::string wall_text(std::int64_t unix_nanoseconds) {
  const std::time_t seconds = unix_nanoseconds / 1'000'000'000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 48> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%09dZ",
                static_cast<int>(unix_nanoseconds % 1'000'000'000));
  return text.data();
}

std::string wall_text() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  std::array<char, 40> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ",
                static_cast<int>(now.tv_nsec / 1'000'000));
  return text.data();
}

}  // namespace halfopen
