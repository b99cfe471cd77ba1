// ctl inspect, add, update, remove: a proxy's faults.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <cstdlib>

#include "proxy/core/fault.hpp"
#include "proxy/shell/ctl_commands.hpp"
#include "proxy/shell/ctl_table.hpp"
#include "proxy/shell/exit_codes.hpp"
#include "proxy/shell/routes.hpp"

namespace halfopen {
namespace {

using boost::json::value;

// "100" is a number, "true" and "{...}" are what they are, anything else is text.
value attribute_value(const std::string& text) {
  boost::system::error_code error;
  value parsed = boost::json::parse(text, error);
  if (!error && !parsed.is_string() && !parsed.is_null()) return parsed;
  return value(text);
}

Result<boost::json::object> read_attributes(const std::vector<std::string>& given) {
  boost::json::object attributes;
  for (const std::string& pair : given) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Problem{"--attribute: \"", pair, "\": expected KEY=VALUE, such as latency=100"};
    }
    attributes[pair.substr(0, equals)] = attribute_value(pair.substr(equals + 1));
  }
  return attributes;
}

// Toxiproxy has no /faults; its page for what it does not know is no JSON.
bool is_unknown_page(const Result<ApiReply>& reply) {
  return reply.has_value() && reply->status == 404 && reply->body == "404 page not found\n";
}

Result<ApiReply> call_faults(const ApiClient& api, const std::string& method,
                             const std::string& proxy, const std::string& rest,
                             const std::string& body = {}) {
  auto reply = api.call(method, proxy_path(proxy) + "/faults" + rest, body);
  if (!is_unknown_page(reply)) return reply;
  return api.call(method, proxy_path(proxy) + "/toxics" + rest, body);
}

std::string attributes_text(const value& fault, const char* separator) {
  std::string text;
  const auto* attributes = fault.as_object().if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) return text;
  std::vector<std::string> pairs;
  for (const auto& [key, ignored] : attributes->get_object())
    pairs.push_back(std::string(key) + "=" + field_text(*attributes, key));
  std::sort(pairs.begin(), pairs.end());
  for (const std::string& pair : pairs)
    text += pair + separator;
  // Tables end with the last letter; toxiproxy-cli's lines with a tab.
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string toxicity_text(const value& fault) {
  std::string text(16, '\0');
  const double toxicity = std::atof(field_text(fault, "toxicity").c_str());
  text.resize(static_cast<std::size_t>(
      std::snprintf(text.data(), text.size(), "%.2f", std::clamp(toxicity, -1e6, 1e6))));
  return text;
}

}  // namespace

int inspect_proxy(const ApiClient& api, const CtlOptions& options) {
  const auto reply = succeed(api.call("GET", proxy_path(options.proxy)),
                             "Failed to retrieve proxy " + options.proxy);
  if (!reply) return kExitFailure;
  const auto json = reply->json();
  const auto* object = json.if_object();
  const auto* toxics = object == nullptr ? nullptr : object->if_contains("toxics");
  const bool people = is_for_people();
  if (people) {
    std::printf("%s: %s -> %s, %s\n\n", options.proxy.c_str(), field_text(json, "listen").c_str(),
                field_text(json, "upstream").c_str(),
                field_text(json, "enabled") == "true" ? "enabled" : "disabled");
  }
  std::vector<TableRow> rows;
  if (toxics != nullptr && toxics->is_array()) {
    for (const value& fault : toxics->get_array()) {
      if (!fault.is_object()) continue;
      if (people) {
        rows.push_back({field_text(fault, "name"), field_text(fault, "type"),
                        field_text(fault, "stream"), toxicity_text(fault),
                        attributes_text(fault, " ")});
      } else {
        rows.push_back({field_text(fault, "name"), "type=" + field_text(fault, "type"),
                        "stream=" + field_text(fault, "stream"), "toxicity=" + toxicity_text(fault),
                        "attributes=[\t" + attributes_text(fault, "\t") + "]"});
      }
    }
  }
  if (rows.empty() && people) {
    std::printf(
        "no faults: add one with\n  fault-proxy ctl add %s --type latency --attribute "
        "latency=100\n",
        options.proxy.c_str());
    return 0;
  }
  const TableRow head{"NAME", "TYPE", "STREAM", "TOXICITY", "ATTRIBUTES"};
  std::fputs(table_text(head, rows, people).c_str(), stdout);
  return 0;
}

int add_fault(const ApiClient& api, const CtlOptions& options) {
  const auto attributes = read_attributes(options.attributes);
  if (attributes.has_error()) return fail(kExitBadInput, attributes.error().text);
  boost::json::object body{{"type", options.type}, {"attributes", *attributes}};
  if (!options.fault.empty()) body["name"] = options.fault;
  if (options.toxicity) body["toxicity"] = *options.toxicity;
  if (options.to_upstream || options.to_downstream) {
    body["stream"] =
        options.to_upstream ? options.to_downstream ? "both" : "upstream" : "downstream";
  }
  const auto reply =
      succeed(call_faults(api, "POST", options.proxy, "", boost::json::serialize(body)),
              "Failed to add " + options.type + " to proxy '" + options.proxy + "'");
  if (!reply) return kExitFailure;
  const auto json = reply->json();
  // toxiproxy-cli's words, but a fault of a connection has no stream to name.
  const std::string type = field_text(json, "type");
  const bool has_stream = !is_fault_type(type) || is_stream_fault_type(type);
  std::printf("Added %s%s %s '%s' on proxy '%s'\n",
              has_stream ? (field_text(json, "stream") + " ").c_str() : "", type.c_str(),
              has_stream ? "toxic" : "fault", field_text(json, "name").c_str(),
              options.proxy.c_str());
  return 0;
}

int update_fault(const ApiClient& api, const CtlOptions& options) {
  const auto attributes = read_attributes(options.attributes);
  if (attributes.has_error()) return fail(kExitBadInput, attributes.error().text);
  boost::json::object body{{"attributes", *attributes}};
  if (options.toxicity) body["toxicity"] = *options.toxicity;
  if (!succeed(call_faults(api, "PATCH", options.proxy, "/" + escape(options.fault),
                           boost::json::serialize(body)),
               "Failed to update toxic: failed to update toxic '" + options.fault + "' of proxy '" +
                   options.proxy + "'")) {
    return kExitFailure;
  }
  std::printf("Updated toxic '%s' on proxy '%s'\n", options.fault.c_str(), options.proxy.c_str());
  return 0;
}

int remove_fault(const ApiClient& api, const CtlOptions& options) {
  if (!succeed(api.call("DELETE", proxy_path(options.proxy) + "/toxics/" + escape(options.fault)),
               "Failed to remove toxic: failed to remove toxic '" + options.fault +
                   "' from proxy '" + options.proxy + "'")) {
    return kExitFailure;
  }
  std::printf("Removed toxic '%s' on proxy '%s'\n", options.fault.c_str(), options.proxy.c_str());
  return 0;
}

}  // namespace halfopen
