#include "proxy/core/flap.hpp"

namespace halfopen {

std::string_view to_text(FlapConfig::How how) {
  switch (how) {
    case FlapConfig::How::kBlackhole:
      return "blackhole";
    case FlapConfig::How::kRefuse:
      return "refuse";
    case FlapConfig::How::kReset:
      return "reset";
  }
  return "";
}

FlapSchedule::FlapSchedule(const FlapConfig& config, Instant start)
    : config_(config), prng_(Prng{config.seed}.fork("flap")) {
  next_change_ = start + phase(config_.up);
}

std::optional<FlapAction> FlapSchedule::handle_timeout(Instant now) {
  if (!next_change_ || now < *next_change_) return std::nullopt;
  if (!is_down_) {
    is_down_ = true;
    ++rounds_;
    next_change_ = *next_change_ + phase(config_.down);
    return FlapAction::kGoDown;
  }
  is_down_ = false;
  if (config_.count > 0 && rounds_ >= config_.count) {
    next_change_.reset();
  } else {
    next_change_ = *next_change_ + phase(config_.up);
  }
  return FlapAction::kComeUp;
}

std::optional<Instant> FlapSchedule::next_deadline() const {
  return next_change_;
}

// Uniform in [length - jitter, length + jitter].
Duration FlapSchedule::phase(Duration length) {
  if (config_.jitter <= Duration{0}) return length;
  const auto span = static_cast<std::uint64_t>(2 * config_.jitter.count() + 1);
  return length - config_.jitter + Duration{static_cast<Duration::rep>(prng_.below(span))};
}

}  // namespace halfopen
