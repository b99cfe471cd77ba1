#include "proxy/core/peer_life.hpp"

namespace halfopen {

std::string_view to_text(RestartKind kind) {
  switch (kind) {
    case RestartKind::kGraceful:
      return "graceful";
    case RestartKind::kCrash:
      return "crash";
    case RestartKind::kPowerLoss:
      return "power_loss";
  }
  return "";
}

std::optional<PeerLifeAction> PeerLife::handle_start(Instant now) {
  if (phase_ != Phase::kNew) return std::nullopt;
  phase_ = Phase::kDown;
  down_since_ = now;
  return PeerLifeAction::kGoDown;
}

std::optional<PeerLifeAction> PeerLife::handle_timeout(Instant now) {
  const auto deadline = next_deadline();
  if (!deadline || now < *deadline) return std::nullopt;
  phase_ = Phase::kUp;
  return PeerLifeAction::kBoot;
}

std::optional<PeerLifeAction> PeerLife::handle_removed() {
  if (phase_ != Phase::kDown) return std::nullopt;
  phase_ = Phase::kUp;
  return PeerLifeAction::kBoot;
}

std::optional<Instant> PeerLife::next_deadline() const {
  if (phase_ != Phase::kDown || config_.down_time == Duration{0}) return std::nullopt;
  return down_since_ + config_.down_time;
}

}  // namespace halfopen
