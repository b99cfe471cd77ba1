#include "proxy/shell/api_answers.hpp"

#include <array>
#include <boost/json/serialize.hpp>

#include "metrics/kernel_evidence.hpp"
#include "proxy/shell/fault_profile.hpp"

namespace halfopen {
namespace {

using boost::json::value;

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string(text));
}

boost::json::array hold_reasons(const Connection& connection) {
  boost::json::array reasons;
  for (const auto& [reason, name] : kHoldReasons) {
    if (connection.is_held_by(reason)) reasons.emplace_back(name);
  }
  return reasons;
}

value evidence(const Leg& leg) {
  if (!leg.is_open()) return nullptr;
  const auto info = read_tcp_info(leg.socket());
  if (!info) return nullptr;
  return to_json(*info);
}

// What a person must know who uses this fault, where there is something.
std::string warning_text(const FaultSpec& fault) {
  const std::string warning = warning_of(fault.config);
  return warning.empty() ? "" : ",\"warning\":" + quoted(warning);
}

}  // namespace

std::string toxic_text(const FaultSpec& fault) {
  return "{\"attributes\":" + boost::json::serialize(attributes_of(fault.config)) +
         ",\"name\":" + quoted(fault.name) + ",\"type\":" + quoted(type_of(fault.config)) +
         ",\"stream\":" + quoted(stream_text(fault)) +
         ",\"toxicity\":" + format_toxicity(fault.toxicity) + warning_text(fault) + "}";
}

std::string toxics_text(const Proxy& proxy) {
  ArrayText list;
  for (const StreamDirection stream :
       {StreamDirection::kUpstream, StreamDirection::kBoth, StreamDirection::kDownstream}) {
    for (const Proxy::Fault& fault : proxy.faults()) {
      if (spec_of(fault).stream == stream) list.add(toxic_text(spec_of(fault)));
    }
  }
  return list.finish();
}

std::string fault_text(const FaultSpec& fault) {
  return "{\"name\":" + quoted(fault.name) + ",\"type\":" + quoted(type_of(fault.config)) +
         ",\"stream\":" + quoted(stream_text(fault)) +
         ",\"toxicity\":" + format_toxicity(fault.toxicity) +
         ",\"attributes\":" + boost::json::serialize(attributes_of(fault.config)) +
         warning_text(fault) + "}";
}

std::string faults_text(const Proxy& proxy) {
  ArrayText list;
  for (const Proxy::Fault& fault : proxy.faults())
    list.add(fault_text(spec_of(fault)));
  return list.finish();
}

std::string proxy_text(Proxy& proxy) {
  const ProxySettings& settings = proxy.settings();
  return "{\"name\":" + quoted(settings.name) + ",\"listen\":" + quoted(proxy.listen_text()) +
         ",\"upstream\":" + quoted(settings.upstream) +
         ",\"enabled\":" + (settings.enabled ? "true" : "false") +
         ",\"toxics\":" + toxics_text(proxy) +
         ",\"half_close\":" + (settings.half_close ? "true" : "false") +
         ",\"faults\":" + faults_text(proxy) + "}";
}

std::string proxies_text(const ProxySet& proxies) {
  std::string text = "{";
  for (const auto& [name, proxy] : proxies.all()) {
    if (text.size() > 1) text += ",";
    text += quoted(name) + ":" + proxy_text(*proxy);
  }
  return text + "}";
}

std::string connection_text(const std::string& proxy, const Connection& connection) {
  boost::json::object object{
      {"conn", connection.id().value()},
      {"proxy", proxy},
      {"client", connection.client_address()},
      {"upstream_local", connection.upstream_local()},
      {"state", connection.state_text()},
      {"silent_for", hold_reasons(connection)},
      {"bytes_upstream", connection.relayed_bytes(LegId::kClient)},
      {"bytes_downstream", connection.relayed_bytes(LegId::kUpstream)},
      {"client_tcp", evidence(connection.leg(LegId::kClient))},
      {"upstream_tcp", evidence(connection.leg(LegId::kUpstream))},
  };
  return boost::json::serialize(object);
}

std::string abilities_text(const Abilities& abilities) {
  return boost::json::serialize(value{{"filter", abilities.filter},
                                      {"repair", abilities.repair},
                                      {"mark", abilities.mark},
                                      {"egress_drop", abilities.egress_drop}});
}

}  // namespace halfopen
