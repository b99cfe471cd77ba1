// ctl list, create, delete, toggle, reset.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "proxy/shell/ctl_commands.hpp"
#include "proxy/shell/ctl_table.hpp"
#include "proxy/shell/exit_codes.hpp"
#include "proxy/shell/routes.hpp"

namespace halfopen {

std::optional<ApiReply> succeed(const Result<ApiReply>& reply, const std::string& what) {
  if (reply.has_error()) {
    fail(kExitFailure, what + ": " + reply.error().text);
    return std::nullopt;
  }
  if (reply->is_success()) return *reply;
  std::fprintf(stderr, "%s: %s\n", what.c_str(), reply->problem().c_str());
  return std::nullopt;
}

std::string proxy_path(const std::string& proxy) {
  return "/proxies/" + escape(proxy);
}

std::string field_text(const boost::json::value& json, std::string_view key) {
  const auto* object = json.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(key);
  if (found == nullptr) return "";
  if (found->is_string()) return std::string(found->get_string());
  return boost::json::serialize(*found);
}

int list_proxies(const ApiClient& api) {
  const auto reply = succeed(api.call("GET", "/proxies"), "Failed to retrieve proxies");
  if (!reply) return kExitFailure;
  const auto json = reply->json();
  std::vector<TableRow> rows;
  if (const auto* all = json.if_object()) {
    for (const auto& [name, proxy] : *all) {
      const auto* object = proxy.if_object();
      const auto* toxics = object == nullptr ? nullptr : object->if_contains("toxics");
      const bool counted = toxics != nullptr && toxics->is_array();
      rows.push_back({std::string(name), field_text(proxy, "listen"), field_text(proxy, "upstream"),
                      field_text(proxy, "enabled") == "true" ? "enabled" : "disabled",
                      std::to_string(counted ? toxics->get_array().size() : 0)});
    }
  }
  const bool people = is_for_people();
  if (rows.empty() && people) {
    std::puts(
        "no proxies yet: create one with\n  fault-proxy ctl create NAME --listen HOST:PORT "
        "--upstream HOST:PORT");
    return 0;
  }
  const TableRow head{"NAME", "LISTEN", "UPSTREAM", "STATE", "FAULTS"};
  std::fputs(table_text(head, rows, people).c_str(), stdout);
  return 0;
}

int create_proxy(const ApiClient& api, const CtlOptions& options) {
  boost::json::object body{{"name", options.proxy},
                           {"listen", options.listen},
                           {"upstream", options.upstream},
                           {"enabled", true}};
  // What a person puts between two programs should be a wire.
  if (!options.close_both_ways) body["half_close"] = true;
  const auto reply = succeed(api.call("POST", "/proxies", boost::json::serialize(body)),
                             "Failed to create proxy: create");
  if (!reply) return kExitFailure;
  std::printf("Created new proxy %s\n", options.proxy.c_str());
  if (is_for_people()) {
    std::printf("It listens on %s\n", field_text(reply->json(), "listen").c_str());
  }
  return 0;
}

int delete_proxy(const ApiClient& api, const CtlOptions& options) {
  if (!succeed(api.call("DELETE", proxy_path(options.proxy)),
               "Failed to delete proxy " + options.proxy)) {
    return kExitFailure;
  }
  std::printf("Deleted proxy %s\n", options.proxy.c_str());
  return 0;
}

int toggle_proxy(const ApiClient& api, const CtlOptions& options) {
  const auto found = succeed(api.call("GET", proxy_path(options.proxy)),
                             "Failed to retrieve proxy " + options.proxy);
  if (!found) return kExitFailure;
  const bool enable = field_text(found->json(), "enabled") != "true";
  const std::string body = enable ? R"({"enabled":true})" : R"({"enabled":false})";
  if (!succeed(api.call("POST", proxy_path(options.proxy), body),
               "Failed to toggle proxy " + options.proxy)) {
    return kExitFailure;
  }
  std::printf("Proxy %s is now %s\n", options.proxy.c_str(), enable ? "enabled" : "disabled");
  return 0;
}

int reset_all(const ApiClient& api) {
  if (!succeed(api.call("POST", "/reset"), "Failed to reset")) return kExitFailure;
  std::puts("Every proxy is enabled and without faults");
  return 0;
}

}  // namespace halfopen
