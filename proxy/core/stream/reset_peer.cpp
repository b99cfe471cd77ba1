// reset_peer: the connection is reset a set time after the first data, or after now.
//
// What comes meanwhile is dropped. So if it is removed in that time the reset comes at once: the
// stream has a hole.
#include <algorithm>

#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/delay_text.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

class ResetPeerStage final : public Stage {
 public:
  ResetPeerStage(const ResetPeerConfig& config, Instant now) : config_(config) {
    if (config.on == ResetOn::kNow) begin(now);
  }

 private:
  void begin(Instant now) {
    if (!began_at_) began_at_ = now;
    set_alarm(*began_at_ + std::max(config_.timeout, Duration{0}));
  }
  void handle_chunk(Chunk, Instant now) override {
    has_dropped_ = true;
    begin(now);
  }
  void handle_end(StreamEnd end) override {
    has_dropped_ = true;
    begin(end.at);
  }
  void handle_own_alarm() override { demand_reset(); }
  void reconfigure(const StreamFaultConfig& config, Instant now) override {
    config_ = std::get<ResetPeerConfig>(config);
    if (config_.on == ResetOn::kNow || began_at_) begin(now);
  }
  void handle_removed(Instant) override {
    if (has_dropped_) demand_reset();
  }
  bool has_hole() const override { return has_dropped_; }

  ResetPeerConfig config_;
  std::optional<Instant> began_at_;
  bool has_dropped_ = false;
};

}  // namespace

std::unique_ptr<Stage> make_reset_peer_stage(const ResetPeerConfig& config, Instant now) {
  return std::make_unique<ResetPeerStage>(config, now);
}

Result<ResetPeerConfig> parse_reset_peer(const boost::json::object& attributes,
                                         const std::string& where) {
  Attributes reader{attributes, where};
  ResetPeerConfig config;
  config.timeout = reader.delay("timeout", std::chrono::milliseconds(1));
  config.on = reader.choice<ResetOn>("on", ResetOn::kData,
                                     {{"data", ResetOn::kData}, {"now", ResetOn::kNow}});
  if (auto finished = reader.finish(); finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const ResetPeerConfig& config) {
  boost::json::object written{
      {"timeout", written_delay(config.timeout, std::chrono::milliseconds(1))}};
  if (config.on == ResetOn::kNow) written["on"] = "now";
  return written;
}

}  // namespace halfopen
