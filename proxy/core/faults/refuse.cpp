// refuse has no attributes; it is listed so that one given by mistake is refused.
#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {

Result<RefuseConfig> parse_refuse(const boost::json::object& attributes, const std::string& where) {
  const auto finished = Attributes{attributes, where}.finish();
  if (finished.has_error()) return finished.error();
  return RefuseConfig{};
}

boost::json::object attributes_of(const RefuseConfig&) {
  return {};
}

}  // namespace halfopen
