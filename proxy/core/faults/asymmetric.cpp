// The asymmetric fault as text becomes a config: which side is forgotten, and what each one learns.
#include "proxy/core/faults/aim.hpp"

namespace halfopen {
namespace {

using How = AsymmetricConfig::How;
using Then = AsymmetricConfig::Then;

std::string_view to_text(How how) {
  switch (how) {
    case How::kSilent:
      return "silent";
    case How::kRst:
      return "rst";
    case How::kFin:
      return "fin";
  }
  return "";
}

}  // namespace

Result<AsymmetricConfig> parse_asymmetric(const boost::json::object& attributes,
                                          const std::string& where) {
  Attributes reader{attributes, where};
  AsymmetricConfig config;
  config.forget = read_side(reader, "forget", PeerSide::kClient);
  config.how = reader.choice<How>(
      "how", How::kSilent, {{"silent", How::kSilent}, {"rst", How::kRst}, {"fin", How::kFin}});
  config.then =
      reader.choice<Then>("then", Then::kDrop, {{"drop", Then::kDrop}, {"rst", Then::kRst}});
  config.aim = read_aim(reader);
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const AsymmetricConfig& config) {
  boost::json::object written{{"forget", to_text(config.forget)},
                              {"how", to_text(config.how)},
                              {"then", config.then == Then::kRst ? "rst" : "drop"}};
  write_aim(config.aim, written);
  return written;
}

}  // namespace halfopen
