// Whatever body a client of the control API sends, and whatever a configuration file holds: a typed
// request or a refusal of one line with a status of the 4xx kind. What is accepted can be said
// again and is accepted again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/shell/proxy_requests.hpp"
#include "proxy/shell/toxiproxy_json.hpp"

namespace {

using namespace halfopen;  // NOLINT: a test

void check(const Refusal& refusal) {
  if (refusal.status < 400 || refusal.status > 499 || refusal.text.empty()) std::abort();
}

void check_again(const FaultSpec& fault) {
  boost::json::object again{{"name", fault.name},
                            {"type", type_of(fault.config)},
                            {"attributes", attributes_of(fault.config)}};
  const auto read = read_fault(again);
  if (read.has_error()) std::abort();
  if (attributes_of(read->config) != attributes_of(fault.config)) std::abort();
  if (format_toxicity(fault.toxicity).empty()) std::abort();
}

template <class Value, class Use>
void look(const Answer<Value>& answer, Use use) {
  if (answer.has_error()) return check(answer.error());
  use(*answer);
}

void check_all(const std::vector<FaultSpec>& faults) {
  for (const FaultSpec& fault : faults)
    check_again(fault);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  look(read_config_text(text), [](const ProxyConfig& config) {
    for (const ProxyRequest& proxy : config.proxies)
      check_all(proxy.faults);
  });
  const auto json = read_json(text);
  if (json.has_error()) {
    check(json.error());
    return 0;
  }
  look(read_proxy(*json), [](const ProxyRequest& proxy) { check_all(proxy.faults); });
  look(read_proxies(*json), [](const std::vector<ProxyRequest>& proxies) {
    for (const ProxyRequest& proxy : proxies)
      check_all(proxy.faults);
  });
  look(read_proxy_update(*json), [](const ProxyUpdate& update) { check_all(update.faults); });
  look(read_fault(*json), [&](const FaultSpec& fault) {
    check_again(fault);
    look(read_fault_update(fault, *json), check_again);
  });
  look(read_toxic(*json), [&](const ToxicRequest& request) {
    look(to_fault(request), [&](const FaultSpec& fault) {
      check_again(fault);
      look(read_toxic_update(fault, *json), check_again);
    });
  });
  return 0;
}
