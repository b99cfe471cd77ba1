// What the soak's traffic has seen: counts, and the first failures in words.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace halfopen::soak {

// What the faults of a connection's proxy may do to it.
//   exact: nothing but delay; it must end complete.
//   lossy: end it at any time; what arrives must be right.
//   corrupt: change bytes as well; only ends are looked at.
enum class Group : std::uint8_t { kExact, kLossy, kCorrupt };
inline constexpr std::size_t kGroups = 3;
[[nodiscard]] const char* to_text(Group group);

struct Counts {
  std::uint64_t opened = 0;
  std::uint64_t complete = 0;
  std::uint64_t broken = 0;
};

class Report {
 public:
  [[nodiscard]] Counts& of(Group group) { return counts_.at(static_cast<std::size_t>(group)); }
  void count_bytes(std::size_t bytes) { bytes_ += bytes; }
  // Something that must not happen; the first ones are also written to stderr.
  void fail(const std::string& what);
  [[nodiscard]] std::string json() const;

 private:
  std::array<Counts, kGroups> counts_{};
  std::uint64_t bytes_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace halfopen::soak
