// The accept_then_silence fault as text becomes a config: whether a kernel still takes what is
// sent.
#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {

Result<AcceptThenSilenceConfig> parse_accept_then_silence(const boost::json::object& attributes,
                                                          const std::string& where) {
  Attributes reader{attributes, where};
  AcceptThenSilenceConfig config;
  config.acks = reader.flag("acks", true);
  const auto finished = reader.finish();
  if (finished.has_error()) return finished.error();
  return config;
}

boost::json::object attributes_of(const AcceptThenSilenceConfig& config) {
  return {{"acks", config.acks}};
}

}  // namespace halfopen
