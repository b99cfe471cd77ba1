// noop: passes everything on. It also keeps the place of a fault that spares this connection.
#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

class NoopStage final : public Stage {
 public:
  NoopStage() = default;

 private:
  void reconfigure(const StreamFaultConfig&, Instant) override {}
};

}  // namespace

std::unique_ptr<Stage> make_noop_stage() {
  return std::make_unique<NoopStage>();
}

Result<NoopConfig> parse_noop(const boost::json::object& attributes, const std::string& where) {
  if (auto finished = Attributes{attributes, where}.finish(); finished.has_error()) {
    return finished.error();
  }
  return NoopConfig{};
}

boost::json::object attributes_of(const NoopConfig&) {
  return {};
}

}  // namespace halfopen
