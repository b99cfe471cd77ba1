// The commands of `fault-proxy ctl`, by what they are about. Each answers an exit code.
#pragma once

#include "proxy/shell/ctl_client.hpp"
#include "proxy/shell/options.hpp"

namespace halfopen {

[[nodiscard]] int list_proxies(const ApiClient& api);
[[nodiscard]] int create_proxy(const ApiClient& api, const CtlOptions& options);
[[nodiscard]] int delete_proxy(const ApiClient& api, const CtlOptions& options);
[[nodiscard]] int toggle_proxy(const ApiClient& api, const CtlOptions& options);
[[nodiscard]] int reset_all(const ApiClient& api);

[[nodiscard]] int inspect_proxy(const ApiClient& api, const CtlOptions& options);
[[nodiscard]] int add_fault(const ApiClient& api, const CtlOptions& options);
[[nodiscard]] int update_fault(const ApiClient& api, const CtlOptions& options);
[[nodiscard]] int remove_fault(const ApiClient& api, const CtlOptions& options);

[[nodiscard]] int list_connections(const ApiClient& api, const CtlOptions& options);
[[nodiscard]] int kill_connections(const ApiClient& api, const CtlOptions& options);
[[nodiscard]] int tail_events(const ApiClient& api, const CtlOptions& options);

// The reply of a call that has succeeded; else says "<what>: HTTP 404: proxy not found".
[[nodiscard]] std::optional<ApiReply> succeed(const Result<ApiReply>& reply,
                                              const std::string& what);
[[nodiscard]] std::string proxy_path(const std::string& proxy);
// The text of a string, the JSON of anything else; "" where it is not there.
[[nodiscard]] std::string field_text(const boost::json::value& object, std::string_view key);

}  // namespace halfopen
