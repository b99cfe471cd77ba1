// timeout: everything is swallowed, also the end, and after a while without data the connection is
// closed.
//
// Bytes that are gone cannot be had back, so a removed timeout closes the connection, too: whoever
// went on reading would read a stream with a hole.
#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/delay_text.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

class TimeoutStage final : public Stage {
 public:
  TimeoutStage(const TimeoutConfig& config, Instant now) : config_(config) { restart(now); }

 private:
  void restart(Instant now) {
    const bool closes = config_.timeout > Duration{0};
    closes_at_ = now + config_.timeout;
    set_alarm(closes ? std::optional{closes_at_} : std::nullopt);
  }
  void handle_chunk(Chunk, Instant now) override {
    has_dropped_ = true;
    restart(now);
  }
  void handle_end(StreamEnd) override {}
  void handle_own_alarm() override { close(closes_at_); }
  void reconfigure(const StreamFaultConfig& config, Instant now) override {
    config_ = std::get<TimeoutConfig>(config);
    restart(now);
  }
  void handle_removed(Instant now) override { close(now); }
  bool has_hole() const override { return has_dropped_; }

  TimeoutConfig config_;
  Instant closes_at_;
  bool has_dropped_ = false;
};

}  // namespace

std::unique_ptr<Stage> make_timeout_stage(const TimeoutConfig& config, Instant now) {
  return std::make_unique<TimeoutStage>(config, now);
}

Result<TimeoutConfig> parse_timeout(const boost::json::object& attributes,
                                    const std::string& where) {
  Attributes reader{attributes, where};
  TimeoutConfig config;
  config.timeout = reader.delay("timeout", std::chrono::milliseconds(1));
  if (auto finished = reader.finish(); finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const TimeoutConfig& config) {
  return {{"timeout", written_delay(config.timeout, std::chrono::milliseconds(1))}};
}

}  // namespace halfopen
