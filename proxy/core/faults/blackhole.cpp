// The blackhole fault as text becomes a config: which of the two cables is cut, or which direction
// of both.
#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {
namespace {

std::string_view to_text(Cut at) {
  switch (at) {
    case Cut::kInside:
      return "inside";
    case Cut::kOutside:
      return "outside";
    case Cut::kNone:
    case Cut::kBoth:
      break;
  }
  return "both";
}

using Direction = BlackholeConfig::Direction;

std::string_view to_text(Direction direction) {
  switch (direction) {
    case Direction::kUpstream:
      return "upstream";
    case Direction::kDownstream:
      return "downstream";
    case Direction::kBoth:
      break;
  }
  return "both";
}

}  // namespace

Result<BlackholeConfig> parse_blackhole(const boost::json::object& attributes,
                                        const std::string& where) {
  Attributes reader{attributes, where};
  BlackholeConfig config;
  config.at = reader.choice<Cut>(
      "at", Cut::kBoth,
      {{"both", Cut::kBoth}, {"inside", Cut::kInside}, {"outside", Cut::kOutside}});
  config.direction = reader.choice<Direction>("direction", Direction::kBoth,
                                              {{"both", Direction::kBoth},
                                               {"upstream", Direction::kUpstream},
                                               {"downstream", Direction::kDownstream}});
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  if (config.direction != Direction::kBoth && config.at != Cut::kBoth) {
    return Problem{reader.path_of("at"), ": ", to_text(config.at),
                   " is for a black hole of both directions, and direction is ",
                   to_text(config.direction)};
  }
  return config;
}

boost::json::object attributes_of(const BlackholeConfig& config) {
  return {{"at", to_text(config.at)}, {"direction", to_text(config.direction)}};
}

}  // namespace halfopen
