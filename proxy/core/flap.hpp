// When a flapping link is down and when it is up. Intuition: a timetable that is worked out one
// phase ahead, so that a seed tells every moment of it in advance.
//
//   up --(up +- jitter)--> down --(down +- jitter)--> up ... ; after `count` downs it stays up
//
// Invariants: phases alternate and begin with an up; a phase is never shorter than half of what was
// asked for; moments depend on the settings and the start alone, never on when they are asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/prng.hpp"
#include "base/time.hpp"

namespace halfopen {

struct FlapConfig {
  enum class How : std::uint8_t {
    kBlackhole,  // while down nothing passes and nobody is told
    kRefuse,     // while down dials are refused, connections are untouched
    kReset,      // going down resets every connection, and dials are refused meanwhile
  };
  How how = How::kBlackhole;
  Duration up{0};
  Duration down{0};
  Duration jitter{0};       // at most half of up and of down
  std::uint64_t count = 0;  // how often it goes down; 0: until the fault is removed
  std::uint64_t seed = 0;   // 0: the program's
};
[[nodiscard]] std::string_view to_text(FlapConfig::How how);

enum class FlapAction : std::uint8_t { kGoDown, kComeUp };

class FlapSchedule {
 public:
  FlapSchedule(const FlapConfig& config, Instant start);

  // The next thing that is due, if any is: ask again until there is none. One that is asked late
  // still answers every phase, in order.
  [[nodiscard]] std::optional<FlapAction> handle_timeout(Instant now);
  // Nothing once it stays up.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  [[nodiscard]] bool is_down() const { return is_down_; }
  [[nodiscard]] bool is_over() const { return !next_change_; }
  // Downs that have begun.
  [[nodiscard]] std::uint64_t rounds() const { return rounds_; }

 private:
  [[nodiscard]] Duration phase(Duration length);

  FlapConfig config_;
  Prng prng_;
  bool is_down_ = false;
  std::uint64_t rounds_ = 0;
  std::optional<Instant> next_change_;
};

}  // namespace halfopen
