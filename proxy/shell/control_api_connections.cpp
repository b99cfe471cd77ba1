// The control API's calls on connections: what is there, with the kernel's evidence, and ending it.
#include <charconv>

#include "proxy/shell/api_answers.hpp"
#include "proxy/shell/api_replies.hpp"
#include "proxy/shell/control_api.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kListedUnlessAsked = 1000;

Answer<std::uint64_t> read_number(const std::string& text, const std::string& what) {
  std::uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error == std::errc{} && end == last) return number;
  return Refusal{400, what + ": expected a whole number, got \"" + text + "\""};
}

Answer<std::size_t> read_limit(const std::string& query) {
  const auto text = query_value(query, "limit");
  if (!text) return kListedUnlessAsked;
  return read_number(*text, "limit");
}

// A connection vanishes by TCP_REPAIR; without the ability its peers would get a FIN.
Answer<LegEnd> read_how(const std::string& query, const ProxySet& proxies) {
  const std::string how = query_value(query, "how").value_or("rst");
  if (how == "rst") return LegEnd::kRst;
  if (how == "fin") return LegEnd::kFin;
  if (how == "vanish") {
    auto able = proxies.check_abilities({.repair = true});
    if (able.has_error()) return able.error();
    return LegEnd::kVanish;
  }
  return Refusal{400, "how: expected one of rst, fin, vanish, got \"" + how + "\""};
}

void end_connection(Connection& connection, LegEnd how) {
  if (!connection.is_over()) connection.end(how, how, "api");
}

}  // namespace

HttpResponse ControlApi::handle_connections(const HttpRequest& request, const std::string& name) {
  std::vector<Proxy*> concerned;
  if (name.empty()) {
    for (const auto& [other, proxy] : proxies_.all())
      concerned.push_back(proxy.get());
  } else {
    const auto proxy = proxies_.find(name);
    if (proxy.has_error()) return refuse(proxy.error());
    concerned.push_back(*proxy);
  }
  if (request.method == "DELETE") {
    const auto how = read_how(request.query, proxies_);
    if (how.has_error()) return refuse(how.error());
    for (Proxy* proxy : concerned) {
      for (const auto& connection : proxy->connections())
        end_connection(*connection, *how);
    }
    return no_content();
  }
  const auto limit = read_limit(request.query);
  if (limit.has_error()) return refuse(limit.error());
  ArrayText list;
  std::size_t total = 0;
  for (Proxy* proxy : concerned) {
    for (const auto& connection : proxy->connections()) {
      ++total;
      if (list.size() < *limit) list.add(connection_text(proxy->settings().name, *connection));
    }
  }
  HttpResponse response = json_reply(200, list.finish());
  response.headers.emplace_back("X-Total-Count", std::to_string(total));
  return response;
}

HttpResponse ControlApi::handle_connection(const HttpRequest& request, Proxy& proxy,
                                           const std::string& text) {
  const auto id = read_number(text, "connection");
  if (id.has_error()) return refuse(id.error());
  for (const auto& connection : proxy.connections()) {
    if (connection->id().value() != *id) continue;
    if (request.method == "GET") {
      return json_reply(200, connection_text(proxy.settings().name, *connection));
    }
    const auto how = read_how(request.query, proxies_);
    if (how.has_error()) return refuse(how.error());
    end_connection(*connection, *how);
    return no_content();
  }
  return api_error(404, "connection not found: " + text);
}

}  // namespace halfopen
