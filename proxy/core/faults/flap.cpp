// The flap fault as text becomes a config: the timetable, its jitter and what "down" means.
#include "base/duration_text.hpp"
#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {
namespace {

// What is asked for a year ahead is asked for by mistake, and sums of it must not overflow.
constexpr Duration kPhaseMax = std::chrono::hours(24 * 365);
// A shorter phase would be more a load on the proxy than a link that flaps.
constexpr Duration kPhaseMin = std::chrono::milliseconds(1);

Result<void> check_phase(const Attributes& reader, std::string_view key, Duration phase) {
  if (phase >= kPhaseMin && phase <= kPhaseMax) return {};
  return Problem{reader.path_of(key),        ": expected from ", format_duration(kPhaseMin), " to ",
                 format_duration(kPhaseMax), ", got ",           format_duration(phase)};
}

}  // namespace

Result<FlapConfig> parse_flap(const boost::json::object& attributes, const std::string& where) {
  Attributes reader{attributes, where};
  FlapConfig config;
  config.how = reader.choice<FlapConfig::How>("how", FlapConfig::How::kBlackhole,
                                              {{"blackhole", FlapConfig::How::kBlackhole},
                                               {"refuse", FlapConfig::How::kRefuse},
                                               {"reset", FlapConfig::How::kReset}});
  config.up = reader.positive_duration("up");
  config.down = reader.positive_duration("down");
  config.jitter = reader.duration("jitter", Duration{0});
  config.count = reader.count("count", 0);
  config.seed = reader.count("seed", 0);
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  HALFOPEN_CHECK(check_phase(reader, "up", config.up));
  HALFOPEN_CHECK(check_phase(reader, "down", config.down));
  if (config.jitter > config.up / 2 || config.jitter > config.down / 2) {
    return Problem{reader.path_of("jitter"), ": ", format_duration(config.jitter),
                   " is more than half of up or of down"};
  }
  return config;
}

boost::json::object attributes_of(const FlapConfig& config) {
  return {{"how", to_text(config.how)},
          {"up", format_duration(config.up)},
          {"down", format_duration(config.down)},
          {"jitter", format_duration(config.jitter)},
          {"count", config.count},
          {"seed", config.seed}};
}

}  // namespace halfopen
