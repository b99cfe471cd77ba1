#include "proxy/shell/ctl.hpp"

#include "proxy/shell/ctl_commands.hpp"
#include "proxy/shell/exit_codes.hpp"
#include "proxy/shell/serve.hpp"

namespace halfopen {

int control(const CtlOptions& options) {
  const auto token = read_token(options.token, options.token_file);
  if (token.has_error()) return fail(kExitBadInput, token.error().text);
  const auto api = ApiClient::to(options.url, *token);
  if (api.has_error()) return fail(kExitBadInput, api.error().text);
  switch (options.action) {
    case CtlAction::kList:
      return list_proxies(*api);
    case CtlAction::kInspect:
      return inspect_proxy(*api, options);
    case CtlAction::kCreate:
      return create_proxy(*api, options);
    case CtlAction::kDelete:
      return delete_proxy(*api, options);
    case CtlAction::kToggle:
      return toggle_proxy(*api, options);
    case CtlAction::kAdd:
      return add_fault(*api, options);
    case CtlAction::kUpdate:
      return update_fault(*api, options);
    case CtlAction::kRemove:
      return remove_fault(*api, options);
    case CtlAction::kConnections:
      return list_connections(*api, options);
    case CtlAction::kKill:
      return kill_connections(*api, options);
    case CtlAction::kTail:
      return tail_events(*api, options);
    case CtlAction::kReset:
      return reset_all(*api);
  }
  return kExitInternal;
}

}  // namespace halfopen
