// limit_data: exactly so many bytes pass, then the connection is closed.
//
// The count outlives changes of the limit. A limit that is reached already, 0 among them, closes at
// the next data.
#include <algorithm>

#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

class LimitDataStage final : public Stage {
 public:
  explicit LimitDataStage(const LimitDataConfig& config) : config_(config) {}

 private:
  void handle_chunk(Chunk chunk, Instant now) override {
    const std::int64_t left = std::max<std::int64_t>(config_.bytes - passed_bytes_, 0);
    if (chunk.size > left) chunk = chunk.cut(static_cast<std::size_t>(left));
    passed_bytes_ += chunk.size;
    if (chunk.size > 0) enqueue(std::move(chunk));
    if (passed_bytes_ >= config_.bytes) close(now);
  }
  void reconfigure(const StreamFaultConfig& config, Instant) override {
    config_ = std::get<LimitDataConfig>(config);
  }

  LimitDataConfig config_;
  std::int64_t passed_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Stage> make_limit_data_stage(const LimitDataConfig& config) {
  return std::make_unique<LimitDataStage>(config);
}

Result<LimitDataConfig> parse_limit_data(const boost::json::object& attributes,
                                         const std::string& where) {
  Attributes reader{attributes, where};
  LimitDataConfig config;
  config.bytes = reader.integer("bytes", 0);
  if (auto finished = reader.finish(); finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const LimitDataConfig& config) {
  return {{"bytes", config.bytes}};
}

}  // namespace halfopen
