// slicer: the stream leaves in small pieces, each by a write of its own, with a pause after each.
//
// Where it is cut is a matter of byte offsets and the seed. What one read has brought ends a piece
// as well: nobody waits for bytes that may never come.
#include <algorithm>

#include "base/prng.hpp"
#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/delay_text.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

// Far beyond any chunk, and no sum of two overflows.
constexpr std::int64_t kLargestSize = std::int64_t{1} << 53;
// How much a late timer or a sink that was full for a moment may make up for.
constexpr Duration kLongestCredit = std::chrono::milliseconds(100);

class SlicerStage final : public Stage {
 public:
  SlicerStage(const SlicerConfig& config, std::uint64_t seed) : config_(config), prng_(seed) {}

 private:
  Piece next_piece(const Chunk& front) override {
    if (until_cut_ == 0) {
      const auto width = static_cast<std::uint64_t>(config_.variation_bytes) * 2 + 1;
      const auto size = config_.average_bytes - config_.variation_bytes +
                        static_cast<std::int64_t>(prng_.below(width));
      until_cut_ = std::max<std::int64_t>(size, 1);
    }
    piece_bytes_ = std::min<std::int64_t>(until_cut_, front.size);
    due_ = std::max(front.at, ready_at_);
    return {static_cast<std::size_t>(piece_bytes_), due_, true};
  }
  void handle_left(Instant now) override {
    until_cut_ -= piece_bytes_;
    ready_at_ = std::max(due_, now - kLongestCredit) + std::max(config_.delay, Duration{0});
  }
  void reconfigure(const StreamFaultConfig& config, Instant now) override {
    config_ = std::get<SlicerConfig>(config);
    until_cut_ = 0;
    ready_at_ = std::min(ready_at_, now);
  }

  SlicerConfig config_;
  Prng prng_;
  std::int64_t until_cut_ = 0;  // of the piece that is being sent
  std::int64_t piece_bytes_ = 0;
  Instant due_;
  Instant ready_at_;  // when the last pause is over
};

Result<void> check(const SlicerConfig& config, const Attributes& reader) {
  if (config.average_bytes <= 0 || config.average_bytes > kLargestSize) {
    return Problem{reader.path_of("average_size"), ": expected bytes, 1 or more, got ",
                   std::to_string(config.average_bytes)};
  }
  if (config.variation_bytes < 0 || config.variation_bytes > config.average_bytes) {
    return Problem{reader.path_of("size_variation"),
                   ": expected bytes, from 0 to average_size, got ",
                   std::to_string(config.variation_bytes)};
  }
  return {};
}

}  // namespace

std::unique_ptr<Stage> make_slicer_stage(const SlicerConfig& config, std::uint64_t seed) {
  return std::make_unique<SlicerStage>(config, seed);
}

Result<SlicerConfig> parse_slicer(const boost::json::object& attributes, const std::string& where) {
  Attributes reader{attributes, where};
  SlicerConfig config;
  config.average_bytes = reader.integer("average_size", 0);
  config.variation_bytes = reader.integer("size_variation", 0);
  config.delay = reader.delay("delay", std::chrono::microseconds(1));
  if (auto finished = reader.finish(); finished.has_error()) return finished.error();
  if (auto checked = check(config, reader); checked.has_error()) return checked.error();
  return config;
}

boost::json::object attributes_of(const SlicerConfig& config) {
  return {{"average_size", config.average_bytes},
          {"size_variation", config.variation_bytes},
          {"delay", written_delay(config.delay, std::chrono::microseconds(1))}};
}

}  // namespace halfopen
