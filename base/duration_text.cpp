#include "base/duration_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

namespace halfopen {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// Longest names first where one is a prefix of another ("ms" before "m").
constexpr std::array<Unit, 7> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000},
                                      {"d", 86'400'000'000'000}}};

constexpr double kLongestNanoseconds = 100.0 * 365 * 86'400e9;  // a century; int64 holds three

Problem malformed(std::string_view text) {
  return Problem{"\"", text,
                 "\" is not a duration: expected a number with a unit, such as 250ms, 3s, 1m30s"};
}

Problem too_long(std::string_view text) {
  return Problem{"\"", text, "\" is longer than a century; expected at most 36500d"};
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  if (text.empty()) return malformed(text);
  std::string_view rest = text;
  // Each part is rounded by itself: the sum of a long and a short one has more digits than a
  // double.
  std::int64_t total_nanoseconds = 0;
  std::int64_t previous_unit = kUnits.back().nanoseconds + 1;
  while (!rest.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || number < 0 || !std::isfinite(number)) return malformed(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits) {
      if (rest.starts_with(unit.name)) {
        found = &unit;
        break;
      }
    }
    if (found == nullptr || found->nanoseconds >= previous_unit) return malformed(text);
    previous_unit = found->nanoseconds;
    rest.remove_prefix(found->name.size());
    const double nanoseconds = number * static_cast<double>(found->nanoseconds);
    if (nanoseconds > kLongestNanoseconds) return too_long(text);
    total_nanoseconds += std::llround(nanoseconds);
    if (total_nanoseconds > std::llround(kLongestNanoseconds)) return too_long(text);
  }
  return Duration{total_nanoseconds};
}

std::string format_duration(Duration duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text = rest < 0 ? "-" : "";
  if (rest < 0) rest = -rest;
  for (auto unit = kUnits.rbegin(); unit != kUnits.rend(); ++unit) {
    const std::int64_t count = rest / unit->nanoseconds;
    if (count == 0) continue;
    text += std::to_string(count) + std::string(unit->name);
    rest -= count * unit->nanoseconds;
  }
  return text;
}

}  // namespace halfopen
