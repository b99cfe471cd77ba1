// bandwidth: so many kilobytes a second, in pieces of at most 100 ms.
//
// The line belongs to one direction of one connection, as in Toxiproxy, or to one direction of all
// connections of the proxy; then it is handed round piece by piece, first come, first served.
#include <algorithm>

#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/bandwidth_budget.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;

constexpr Duration kLongestPiece = milliseconds(100);
// Shorter, so that many connections on one line do not wait long for their turn.
constexpr Duration kLongestSharedPiece = milliseconds(10);
// How much a late timer or a sink that was full for a moment may make up for.
constexpr Duration kLongestCredit = milliseconds(100);
// The line must not run dry between two turns of a busy machine.
constexpr std::int64_t kQueueMilliseconds = 20;
constexpr std::int64_t kLargestQueue = 4 * 1024 * 1024;
// Beyond this a chunk takes less than a nanosecond.
constexpr std::int64_t kEndlessRate = 1'000'000'000'000;

class BandwidthStage final : public Stage {
 public:
  BandwidthStage(const BandwidthConfig& config, Instant now) { set(config, now); }

 private:
  void set(const BandwidthConfig& config, Instant now) {
    rate_ = std::min(config.rate_kilobytes_per_second, kEndlessRate);
    is_shared_ = config.shared_budget != nullptr;
    budget_ = is_shared_ ? config.shared_budget : std::make_shared<BandwidthBudget>();
    not_before_ = now;
    set_capacity(static_cast<std::size_t>(
        std::clamp(std::min(rate_, kLargestQueue) * kQueueMilliseconds,
                   static_cast<std::int64_t>(kUsualCapacity), kLargestQueue)));
  }

  Piece next_piece(const Chunk& front) override {
    if (rate_ <= 0) return {front.size, std::nullopt, front.is_alone};
    // A kilobyte a second is a byte a millisecond.
    const Duration longest = is_shared_ ? kLongestSharedPiece : kLongestPiece;
    const std::int64_t most = rate_ * (longest / milliseconds(1));
    const std::int64_t bytes = std::min<std::int64_t>(front.size, most);
    const Duration cost{bytes * 1'000'000 / rate_};
    const Instant due = budget_->reserve(std::max(front.at, not_before_), cost);
    return {static_cast<std::size_t>(bytes), due, front.is_alone};
  }
  void handle_left(Instant now) override { budget_->expire_until(now - kLongestCredit); }
  void reconfigure(const StreamFaultConfig& config, Instant now) override {
    set(std::get<BandwidthConfig>(config), now);
  }

  std::int64_t rate_ = 0;
  bool is_shared_ = false;
  std::shared_ptr<BandwidthBudget> budget_;
  Instant not_before_;
};

}  // namespace

std::unique_ptr<Stage> make_bandwidth_stage(const BandwidthConfig& config, Instant now) {
  return std::make_unique<BandwidthStage>(config, now);
}

Result<BandwidthConfig> parse_bandwidth(const boost::json::object& attributes,
                                        const std::string& where) {
  Attributes reader{attributes, where};
  BandwidthConfig config;
  config.rate_kilobytes_per_second = reader.integer("rate", 0);
  config.scope = reader.choice<BandwidthScope>(
      "scope", BandwidthScope::kConnection,
      {{"connection", BandwidthScope::kConnection}, {"proxy", BandwidthScope::kProxy}});
  if (config.rate_kilobytes_per_second < 0) {
    reader.expected("rate", "kilobytes a second, 0 (nothing passes) or more",
                    attributes.at("rate"));
  }
  if (auto finished = reader.finish(); finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const BandwidthConfig& config) {
  boost::json::object written{{"rate", config.rate_kilobytes_per_second}};
  if (config.scope == BandwidthScope::kProxy) written["scope"] = "proxy";
  return written;
}

}  // namespace halfopen
