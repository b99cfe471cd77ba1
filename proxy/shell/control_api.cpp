#include "proxy/shell/control_api.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <vector>

namespace halfopen {
namespace {

using boost::json::value;

HttpResponse json_response(unsigned status, const value& body) {
  HttpResponse response;
  response.status = status;
  response.body = boost::json::serialize(body) + "\n";
  return response;
}

HttpResponse no_content() {
  HttpResponse response;
  response.status = 204;
  return response;
}

HttpResponse refuse(const Refusal& refusal) {
  return http_error(refusal.status, refusal.text);
}

HttpResponse wrong_method(const HttpRequest& request, const char* allowed) {
  return http_error(405, request.method + " " + request.path + ": expected " + allowed);
}

HttpResponse unknown_path(const HttpRequest& request) {
  return http_error(404, "page not found: " + request.path);
}

Answer<value> parse_body(const std::string& body) {
  boost::system::error_code error;
  value parsed = boost::json::parse(body, error);
  if (!error) return parsed;
  return Refusal{400, "bad request body: expected JSON: " + error.message()};
}

// "/proxies/p1/faults" to {"proxies", "p1", "faults"}; an empty part is kept and matches nothing.
std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t start = 1;
  while (start <= path.size()) {
    const auto slash = path.find('/', start);
    const auto end = slash == std::string::npos ? path.size() : slash;
    parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  if (path.size() > 1 && path.back() == '/') parts.emplace_back();
  return parts;
}

boost::json::array hold_reasons(const Connection& connection) {
  boost::json::array reasons;
  for (const auto& [reason, name] : kHoldReasons) {
    if (connection.leg(LegId::kClient).is_held_by(reason) ||
        connection.leg(LegId::kUpstream).is_held_by(reason)) {
      reasons.push_back(value(name));
    }
  }
  return reasons;
}

value connections_json(Proxy& proxy) {
  boost::json::array list;
  for (const auto& connection : proxy.connections()) {
    list.push_back({{"conn", connection->id().value()},
                    {"client", connection->client_address()},
                    {"upstream_local", connection->upstream_local()},
                    {"state", connection->state_text()},
                    {"silent_for", hold_reasons(*connection)},
                    {"bytes_upstream", connection->relayed_bytes(LegId::kClient)},
                    {"bytes_downstream", connection->relayed_bytes(LegId::kUpstream)}});
  }
  return list;
}

}  // namespace

HttpResponse ControlApi::handle(const HttpRequest& request) {
  const bool get = request.method == "GET";
  if (request.path == "/version") {
    if (!get) return wrong_method(request, "GET");
    return json_response(200, {{"version", HALFOPEN_VERSION}});
  }
  if (request.path == "/abilities") {
    if (!get) return wrong_method(request, "GET");
    return handle_abilities();
  }
  if (request.path == "/metrics") {
    if (!get) return wrong_method(request, "GET");
    return {200, std::string(MetricSet::kContentType), metrics_.expose()};
  }
  const auto parts = split(request.path);
  if (parts.empty() || parts[0] != "proxies") return unknown_path(request);
  if (parts.size() == 1) return handle_proxies(request);
  if (parts.size() == 2) return handle_proxy(request, parts[1]);
  auto proxy = proxies_.find(parts[1]);
  if (proxy.has_error()) return refuse(proxy.error());
  if (parts.size() == 3 && parts[2] == "connections") {
    if (!get) return wrong_method(request, "GET");
    return json_response(200, connections_json(**proxy));
  }
  if (parts.size() == 3 && parts[2] == "faults") return handle_faults(request, **proxy);
  if (parts.size() == 4 && parts[2] == "faults") return handle_fault(request, **proxy, parts[3]);
  if (parts.size() == 5 && parts[2] == "faults" && parts[4] == "flush") {
    return handle_flush(request, **proxy, parts[3]);
  }
  return unknown_path(request);
}

HttpResponse ControlApi::handle_proxies(const HttpRequest& request) {
  if (request.method == "GET") {
    boost::json::object all;
    for (const auto& [name, proxy] : proxies_.all())
      all[name] = to_json(*proxy);
    return json_response(200, all);
  }
  if (request.method != "POST") return wrong_method(request, "GET or POST");
  const auto body = parse_body(request.body);
  if (body.has_error()) return refuse(body.error());
  auto created = proxies_.create(*body);
  if (created.has_error()) return refuse(created.error());
  return json_response(201, to_json(**created));
}

HttpResponse ControlApi::handle_proxy(const HttpRequest& request, const std::string& name) {
  auto proxy = proxies_.find(name);
  if (proxy.has_error()) return refuse(proxy.error());
  if (request.method == "GET") return json_response(200, to_json(**proxy));
  if (request.method == "DELETE") {
    (void)proxies_.remove(name);
    return no_content();
  }
  if (request.method != "POST" && request.method != "PATCH") {
    return wrong_method(request, "GET, POST, PATCH or DELETE");
  }
  const auto body = parse_body(request.body);
  if (body.has_error()) return refuse(body.error());
  auto changed = proxies_.change(name, *body);
  if (changed.has_error()) return refuse(changed.error());
  return json_response(200, to_json(**changed));
}

HttpResponse ControlApi::handle_faults(const HttpRequest& request, Proxy& proxy) {
  if (request.method == "GET") {
    boost::json::array list;
    for (const Proxy::Fault& fault : proxy.faults())
      list.push_back(to_json(fault));
    return json_response(200, list);
  }
  if (request.method != "POST") return wrong_method(request, "GET or POST");
  const auto body = parse_body(request.body);
  if (body.has_error()) return refuse(body.error());
  auto added = proxies_.add_fault(proxy, *body);
  if (added.has_error()) return refuse(added.error());
  return json_response(200, to_json(**added));
}

HttpResponse ControlApi::handle_fault(const HttpRequest& request, Proxy& proxy,
                                      const std::string& name) {
  Proxy::Fault* fault = proxy.find_fault(name);
  if (fault == nullptr) return http_error(404, "fault not found: " + name);
  if (request.method == "GET") return json_response(200, to_json(*fault));
  if (request.method == "DELETE") {
    if (auto removed = proxy.remove_fault(name); removed.has_error()) {
      return http_error(500, removed.error().text);
    }
    return no_content();
  }
  if (request.method != "POST" && request.method != "PATCH") {
    return wrong_method(request, "GET, POST, PATCH or DELETE");
  }
  const auto body = parse_body(request.body);
  if (body.has_error()) return refuse(body.error());
  if (auto changed = proxies_.change_fault(proxy, *fault, *body); changed.has_error()) {
    return refuse(changed.error());
  }
  return json_response(200, to_json(*fault));
}

HttpResponse ControlApi::handle_flush(const HttpRequest& request, Proxy& proxy,
                                      const std::string& name) {
  Proxy::Fault* fault = proxy.find_fault(name);
  if (fault == nullptr) return http_error(404, "fault not found: " + name);
  if (request.method != "POST") return wrong_method(request, "POST");
  const auto flushed = proxy.flush_fault(*fault);
  if (flushed.has_error()) {
    return http_error(400, flushed.error().text + ", and " + name + " is of type " +
                               std::string(type_of(fault->spec.config)));
  }
  return json_response(200, {{"flushed", *flushed}});
}

HttpResponse ControlApi::handle_abilities() const {
  const Abilities found = proxies_.abilities();
  return json_response(200, {{"filter", found.filter},
                             {"repair", found.repair},
                             {"mark", found.mark},
                             {"egress_drop", found.egress_drop}});
}

}  // namespace halfopen
