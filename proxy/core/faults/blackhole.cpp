// The blackhole fault as text becomes a config: which of the two cables is cut.
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

}  // namespace

Result<BlackholeConfig> parse_blackhole(const boost::json::object& attributes,
                                        const std::string& where) {
  Attributes reader{attributes, where};
  BlackholeConfig config;
  config.at = reader.choice<Cut>(
      "at", Cut::kBoth,
      {{"both", Cut::kBoth}, {"inside", Cut::kInside}, {"outside", Cut::kOutside}});
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const BlackholeConfig& config) {
  return {{"at", to_text(config.at)}};
}

}  // namespace halfopen
