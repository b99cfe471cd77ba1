// slow_close: data passes, and the end of the stream comes a set time late.
#include <algorithm>

#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/delay_text.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

class SlowCloseStage final : public Stage {
 public:
  explicit SlowCloseStage(const SlowCloseConfig& config) : config_(config) {}

 private:
  Instant end_due(StreamEnd end) const override {
    return end.at + std::max(config_.delay, Duration{0});
  }
  void reconfigure(const StreamFaultConfig& config, Instant) override {
    config_ = std::get<SlowCloseConfig>(config);
  }

  SlowCloseConfig config_;
};

}  // namespace

std::unique_ptr<Stage> make_slow_close_stage(const SlowCloseConfig& config) {
  return std::make_unique<SlowCloseStage>(config);
}

Result<SlowCloseConfig> parse_slow_close(const boost::json::object& attributes,
                                         const std::string& where) {
  Attributes reader{attributes, where};
  SlowCloseConfig config;
  config.delay = reader.delay("delay", std::chrono::milliseconds(1));
  if (auto finished = reader.finish(); finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const SlowCloseConfig& config) {
  return {{"delay", written_delay(config.delay, std::chrono::milliseconds(1))}};
}

}  // namespace halfopen
