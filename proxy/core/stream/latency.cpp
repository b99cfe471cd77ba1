// latency: every chunk leaves a set time after it came, give or take a jitter.
//
// A chunk's delay is worked out when it becomes the first in line, so that new settings hold for
// everything that still waits. What came at one and the same time has one and the same jitter: how
// a message was read makes no difference.
#include <algorithm>

#include "base/prng.hpp"
#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/delay_text.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

// What may wait in one direction of one connection: as much as Toxiproxy's 1,024 chunks of 32 KiB.
// The other limit is for messages of a few bytes, which cost more to keep than they are long.
constexpr std::size_t kCapacityBytes = 1024 * 32768;
constexpr std::size_t kCapacityChunks = 262'144;

class LatencyStage final : public Stage {
 public:
  LatencyStage(const LatencyConfig& config, std::uint64_t seed)
      : Stage(kCapacityBytes, kCapacityChunks), config_(config), prng_(seed) {}

 private:
  Piece next_piece(const Chunk& front) override {
    if (config_.jitter > Duration{0} && drawn_for_ != front.at) {
      drawn_for_ = front.at;
      draw_ = prng_.next();
    }
    Duration delay = config_.latency;
    if (config_.jitter > Duration{0}) {
      const auto width = static_cast<std::uint64_t>(config_.jitter.count()) * 2;
      delay += Duration{static_cast<std::int64_t>(draw_ % width)} - config_.jitter;
    }
    due_ = std::max(floor_, front.at + std::max(delay, Duration{0}));
    return {front.size, due_, front.is_alone};
  }
  void handle_left(Instant) override { floor_ = due_; }
  void reconfigure(const StreamFaultConfig& config, Instant) override {
    config_ = std::get<LatencyConfig>(config);
  }

  LatencyConfig config_;
  Prng prng_;
  std::uint64_t draw_ = 0;
  std::optional<Instant> drawn_for_;
  Instant due_;
  Instant floor_;  // nothing leaves before what came before it
};

}  // namespace

std::unique_ptr<Stage> make_latency_stage(const LatencyConfig& config, std::uint64_t seed) {
  return std::make_unique<LatencyStage>(config, seed);
}

Result<LatencyConfig> parse_latency(const boost::json::object& attributes,
                                    const std::string& where) {
  Attributes reader{attributes, where};
  LatencyConfig config;
  config.latency = reader.delay("latency", std::chrono::milliseconds(1));
  config.jitter = reader.delay("jitter", std::chrono::milliseconds(1));
  if (auto finished = reader.finish(); finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const LatencyConfig& config) {
  return {{"latency", written_delay(config.latency, std::chrono::milliseconds(1))},
          {"jitter", written_delay(config.jitter, std::chrono::milliseconds(1))}};
}

}  // namespace halfopen
