// What the bodies of the API and a configuration file ask for, as types that cannot be wrong.
//
// Intuition: everything that can be refused without looking at the program's state is refused here,
// so this is what the fuzzer tries, and what is left for ProxySet is to act.
//
// Toxiproxy's own keys are read as it reads them (toxiproxy_json.hpp). Ours are read strictly: a
// misspelt key of a fault is an error that lists the known ones.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxy/core/fault.hpp"
#include "proxy/shell/refusal.hpp"

namespace halfopen {

struct ProxyRequest {
  std::string name;
  std::string listen;  // empty: any free port
  std::string upstream;
  bool enabled = true;
  bool half_close = false;
  std::vector<FaultSpec> faults;
};
struct ProxyUpdate {
  std::optional<std::string> listen;
  std::optional<std::string> upstream;
  std::optional<bool> enabled;
  std::optional<bool> half_close;
  // What a client that sends back all that it was told sends along; it is not for changing them.
  std::vector<FaultSpec> faults;
};

[[nodiscard]] Answer<ProxyRequest> read_proxy(const boost::json::value& body);
// An array of the same: nothing is answered unless all of it is good. `place` is the 1-based
// position in refusals ("missing required field: name at proxy 2").
[[nodiscard]] Answer<std::vector<ProxyRequest>> read_proxies(const boost::json::value& body);
[[nodiscard]] Answer<ProxyUpdate> read_proxy_update(const boost::json::value& body);

// A toxic is read in two steps, since Toxiproxy looks whether its name is free in between.
struct ToxicRequest {
  std::string name;
  std::string type;
  std::string stream_text;  // as given: it is answered so
  StreamDirection stream = StreamDirection::kDownstream;
  double toxicity = 1;
  boost::json::object attributes;
};
[[nodiscard]] Answer<ToxicRequest> read_toxic(const boost::json::value& body);
[[nodiscard]] Answer<FaultSpec> to_fault(const ToxicRequest& request);
// Attributes and toxicity that are not given keep their values; the rest of the body is ignored.
[[nodiscard]] Answer<FaultSpec> read_toxic_update(const FaultSpec& current,
                                                  const boost::json::value& body);

// The strict form: {"name", "type", "stream", "toxicity", "attributes"}.
[[nodiscard]] Answer<FaultSpec> read_fault(const boost::json::value& body);
[[nodiscard]] Answer<FaultSpec> read_fault_update(const FaultSpec& current,
                                                  const boost::json::value& body);

// "upstream", or as a client has spelt it.
[[nodiscard]] std::string stream_text(const FaultSpec& fault);

// A configuration file: the array of /populate. A warning is of a key that nothing reads, which
// Toxiproxy passes over in silence.
struct ProxyConfig {
  std::vector<ProxyRequest> proxies;
  std::vector<std::string> warnings;
};
[[nodiscard]] Answer<ProxyConfig> read_config_text(std::string_view text);

}  // namespace halfopen
