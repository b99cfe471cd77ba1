#include "proxy/shell/control_api.hpp"

#include <boost/json/serialize.hpp>

#include <unistd.h>

#include <array>

#include "metrics/clock.hpp"
#include "proxy/shell/api_answers.hpp"
#include "proxy/shell/api_replies.hpp"
#include "proxy/shell/profile_list.hpp"
#include "proxy/shell/proxy_requests.hpp"
#include "proxy/shell/toxiproxy_json.hpp"

namespace halfopen {
namespace {

// The version of Toxiproxy whose API this is: clients ask for it before they use what came later.
// Which fault-proxy answers is in the Server header.
constexpr std::string_view kVersionText = "{\"version\": \"2.12.0\"}\n";

HttpResponse page_not_found() {
  return {404, "text/plain; charset=utf-8", "404 page not found\n", {}};
}

}  // namespace

HttpReply ControlApi::handle(const HttpRequest& request) {
  HttpReply reply;
  const auto route = find_route(request.path);
  if (auto unknown = guard_.check_token(request)) {
    reply.response = std::move(*unknown);
  } else if (!route) {
    reply.response = page_not_found();
  } else if (!allows(route->endpoint, request.method)) {
    reply.response = {405, "", "", {}};
  } else {
    if (auto page = guard_.check_not_a_page(request)) {
      reply.response = std::move(*page);
    } else {
      reply = carry_out(request, *route);
    }
    reply.response.headers.emplace_back("X-Toxiproxy-Request-Id", next_request_id());
  }
  reply.response.headers.emplace_back("Server", "fault-proxy/" HALFOPEN_VERSION);
  return reply;
}

HttpReply ControlApi::carry_out(const HttpRequest& request, const Route& route) {
  switch (route.endpoint) {
    case Endpoint::kVersion:
      return {{200, "application/json;charset=utf-8", std::string(kVersionText), {}}, {}};
    case Endpoint::kMetrics:
      process_.refresh();
      return {{200, std::string(MetricSet::kContentType), metrics_.expose(), {}}, {}};
    case Endpoint::kAbilities:
      return {json_reply(200, abilities_text(proxies_.abilities())), {}};
    case Endpoint::kProfiles:
      return {json_reply(200, boost::json::serialize(profiles_json())), {}};
    case Endpoint::kEvents:
      return handle_events(request);
    case Endpoint::kReset:
      return {handle_reset(), {}};
    case Endpoint::kPopulate:
      return {handle_populate(request), {}};
    case Endpoint::kProxies:
      return {handle_proxies(request), {}};
    case Endpoint::kConnections:
      return {handle_connections(request, route.proxy), {}};
    default:
      break;
  }
  const auto proxy = proxies_.find(route.proxy);
  if (proxy.has_error()) return {refuse(proxy.error()), {}};
  switch (route.endpoint) {
    case Endpoint::kProxy:
      return {handle_proxy(request, **proxy), {}};
    case Endpoint::kToxics:
      return {handle_toxics(request, **proxy), {}};
    case Endpoint::kToxic:
      return {handle_toxic(request, **proxy, route.item), {}};
    case Endpoint::kFaults:
      return {handle_faults(request, **proxy), {}};
    case Endpoint::kFault:
      return {handle_fault(request, **proxy, route.item), {}};
    case Endpoint::kFaultFlush:
      return {handle_flush(**proxy, route.item), {}};
    default:
      return {handle_connection(request, **proxy, route.item), {}};
  }
}

HttpResponse ControlApi::handle_proxies(const HttpRequest& request) {
  if (request.method == "GET") return json_reply(200, proxies_text(proxies_));
  const auto body = read_json(request.body);
  if (body.has_error()) return refuse(body.error());
  const auto wanted = read_proxy(*body);
  if (wanted.has_error()) return refuse(wanted.error());
  const auto created = proxies_.create(*wanted);
  if (created.has_error()) return refuse(created.error());
  return json_reply(201, proxy_text(**created));
}

// Toxiproxy's refusals of this call are JSON that says so, and name what was done before.
HttpResponse ControlApi::handle_populate(const HttpRequest& request) {
  const auto refuse_with = [](const Refusal& refusal, const std::string& proxies) {
    HttpResponse response = http_error(refusal.status, refusal.text);
    response.body.resize(response.body.rfind('}'));
    response.body += ",\"proxies\":" + proxies + "}";
    return response;
  };
  const auto body = read_json(request.body);
  if (body.has_error()) return refuse_with(body.error(), "null");
  const auto wanted = read_proxies(*body);
  if (wanted.has_error()) return refuse_with(wanted.error(), "null");
  const auto populated = proxies_.populate(*wanted);
  ArrayText list;
  for (Proxy* proxy : populated.proxies)
    list.add(proxy_text(*proxy));
  const std::string proxies = list.size() == 0 ? "null" : list.finish();
  if (populated.refusal) return refuse_with(*populated.refusal, proxies);
  return json_reply(201, "{\"proxies\":" + proxies + "}");
}

HttpResponse ControlApi::handle_reset() {
  if (auto done = proxies_.reset(); done.has_error()) return refuse(done.error());
  return no_content();
}

HttpResponse ControlApi::handle_proxy(const HttpRequest& request, Proxy& proxy) {
  if (request.method == "GET") return json_reply(200, proxy_text(proxy));
  if (request.method == "DELETE") {
    (void)proxies_.remove(proxy.settings().name);
    return no_content();
  }
  const auto body = read_json(request.body);
  if (body.has_error()) return refuse(body.error());
  const auto update = read_proxy_update(*body);
  if (update.has_error()) return refuse(update.error());
  const auto changed = proxies_.change(proxy, *update);
  if (changed.has_error()) return refuse(changed.error());
  return json_reply(200, proxy_text(**changed));
}

HttpReply ControlApi::handle_events(const HttpRequest& request) {
  if (events_.is_full()) {
    return {api_error(503, "too many readers of events: at most " +
                               std::to_string(EventStreams::kListenersMax)),
            {}};
  }
  const auto proxy = query_value(request.query, "proxy");
  return {{200, "text/event-stream", "", {{"Cache-Control", "no-cache"}}},
          [this, proxy](HttpClientId id) { events_.add(id, proxy); }};
}

// As Toxiproxy's: 12 bytes of time, process and count in the digits of base32hex.
std::string ControlApi::next_request_id() {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
  const auto now = static_cast<std::uint64_t>(monotonic_now().nanoseconds());
  const auto process = static_cast<std::uint64_t>(getpid());
  ++requests_;
  std::string id;
  for (const auto& [number, digits] :
       {std::pair{now >> 24U, 8}, std::pair{process, 5}, std::pair{std::uint64_t{requests_}, 7}}) {
    for (int digit = digits - 1; digit >= 0; --digit)
      id += kDigits[(number >> (5U * static_cast<unsigned>(digit))) & 31U];
  }
  return id;
}

}  // namespace halfopen
