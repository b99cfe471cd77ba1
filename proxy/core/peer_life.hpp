// When a restarting peer is down and when it boots. Intuition: a restart is two moments; what
// happens on the wire at each depends on how the peer died.
//
//            handle_start            boot deadline or handle_removed
//   (new) -------------------> down ---------------------------------> up (final)
//
// Invariant: going down happens once, booting happens once and after it; later calls are no-ops.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace halfopen {

enum class RestartKind : std::uint8_t {
  kGraceful,   // closes its connections (FIN); dials are refused while it is down
  kCrash,      // its kernel closes for it: FIN, or RST where data was not read; dials are refused
  kPowerLoss,  // says nothing; dials are swallowed; once booted, it resets what it does not know
};
[[nodiscard]] std::string_view to_text(RestartKind kind);

struct PeerRestartConfig {
  RestartKind kind = RestartKind::kGraceful;
  Duration down_time{0};  // 0: until the fault is removed
};

enum class PeerLifeAction : std::uint8_t { kGoDown, kBoot };

class PeerLife {
 public:
  explicit PeerLife(const PeerRestartConfig& config) : config_(config) {}

  [[nodiscard]] std::optional<PeerLifeAction> handle_start(Instant now);
  [[nodiscard]] std::optional<PeerLifeAction> handle_timeout(Instant now);
  [[nodiscard]] std::optional<PeerLifeAction> handle_removed();

  // When handle_timeout will boot the peer; nothing if only removal does, or if it is up.
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  [[nodiscard]] bool is_down() const { return phase_ == Phase::kDown; }
  [[nodiscard]] bool is_over() const { return phase_ == Phase::kUp; }

 private:
  enum class Phase : std::uint8_t { kNew, kDown, kUp };

  PeerRestartConfig config_;
  Phase phase_ = Phase::kNew;
  Instant down_since_;
};

}  // namespace halfopen
