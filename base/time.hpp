// Time as data. A core is told what time it is; nothing in base/ can read a clock.
//
// An Instant is a point on one monotonic axis (CLOCK_MONOTONIC in the programs, an invented axis
// in tests). Only differences mean anything.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace halfopen {

using Duration = std::chrono::nanoseconds;

class Instant {
 public:
  constexpr Instant() = default;
  constexpr static Instant from_nanoseconds(std::int64_t nanoseconds) {
    return Instant{Duration{nanoseconds}};
  }

  [[nodiscard]] constexpr std::int64_t nanoseconds() const { return since_origin_.count(); }
  [[nodiscard]] constexpr double seconds() const {
    return std::chrono::duration<double>(since_origin_).count();
  }

  // clang-tidy 14 takes the 0 that a comparison is rewritten to for a null pointer.
  constexpr auto operator<=>(const Instant&) const = default;  // NOLINT(modernize-use-nullptr)
  friend constexpr Instant operator+(Instant at, Duration by) {
    return Instant{at.since_origin_ + by};
  }
  friend constexpr Instant operator-(Instant at, Duration by) {
    return Instant{at.since_origin_ - by};
  }
  friend constexpr Duration operator-(Instant later, Instant earlier) {
    return later.since_origin_ - earlier.since_origin_;
  }

 private:
  explicit constexpr Instant(Duration since_origin) : since_origin_(since_origin) {}
  Duration since_origin_{0};
};

[[nodiscard]] constexpr double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace halfopen
