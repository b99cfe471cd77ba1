// ctl connections, kill, tail: what happens on the connections.
#include <cstdio>

#include "proxy/shell/ctl_commands.hpp"
#include "proxy/shell/ctl_table.hpp"
#include "proxy/shell/exit_codes.hpp"
#include "proxy/shell/routes.hpp"

namespace halfopen {
namespace {

std::string tcp_state(const boost::json::value& connection, std::string_view leg) {
  const auto* found = connection.as_object().if_contains(leg);
  return found == nullptr || found->is_null() ? "-" : field_text(*found, "state");
}

}  // namespace

int list_connections(const ApiClient& api, const CtlOptions& options) {
  const std::string path =
      options.proxy.empty() ? "/connections" : proxy_path(options.proxy) + "/connections";
  const auto reply = succeed(api.call("GET", path), "Failed to retrieve connections");
  if (!reply) return kExitFailure;
  std::vector<TableRow> rows;
  const auto json = reply->json();
  if (const auto* list = json.if_array()) {
    for (const auto& entry : *list) {
      if (!entry.is_object()) continue;
      rows.push_back({field_text(entry, "proxy"), field_text(entry, "conn"),
                      field_text(entry, "client"), field_text(entry, "state"),
                      tcp_state(entry, "client_tcp"), tcp_state(entry, "upstream_tcp"),
                      field_text(entry, "bytes_upstream"), field_text(entry, "bytes_downstream")});
    }
  }
  const TableRow head{"PROXY",      "CONN",         "CLIENT",   "STATE",
                      "CLIENT TCP", "UPSTREAM TCP", "BYTES UP", "BYTES DOWN"};
  std::fputs(table_text(head, rows, is_for_people()).c_str(), stdout);
  return 0;
}

int kill_connections(const ApiClient& api, const CtlOptions& options) {
  if (options.connection.empty() && !options.all_connections) {
    return fail(kExitBadInput, "say which connection, by its number, or --all");
  }
  std::string path = proxy_path(options.proxy) + "/connections";
  if (!options.connection.empty()) path += "/" + escape(options.connection);
  if (!succeed(api.call("DELETE", path + "?how=" + options.how), "Failed to end connections")) {
    return kExitFailure;
  }
  std::printf("Ended %s of proxy '%s' (%s)\n",
              options.connection.empty() ? "every connection"
                                         : ("connection " + options.connection).c_str(),
              options.proxy.c_str(), options.how.c_str());
  return 0;
}

int tail_events(const ApiClient& api, const CtlOptions& options) {
  if (!options.proxy.empty()) {
    // Not refused: a tail that is to miss nothing begins before the proxy does.
    const auto found = api.call("GET", proxy_path(options.proxy));
    if (found.has_value() && found->status == 404) {
      std::fprintf(stderr, "fault-proxy: no proxy is called '%s' yet, waiting for one\n",
                   options.proxy.c_str());
    }
  }
  const bool people = is_for_people();
  std::string pending;
  const auto print = [&](std::string_view piece) {
    pending += piece;
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      const std::string line = pending.substr(0, end);
      pending.erase(0, end + 1);
      if (line.starts_with("data: ")) {
        std::puts(people ? event_text(line.substr(6)).c_str() : line.c_str() + 6);
        std::fflush(stdout);
      }
    }
  };
  const std::string query = options.proxy.empty() ? "" : "?proxy=" + escape(options.proxy);
  return succeed(api.follow("/events" + query, print), "Failed to follow events") ? 0
                                                                                  : kExitFailure;
}

}  // namespace halfopen
