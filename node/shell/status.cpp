#include "node/shell/status.hpp"

#include <cstdio>

#include "node/core/names.hpp"
#include "node/shell/admin_client.hpp"
#include "node/shell/config.hpp"
#include "node/shell/status_text.hpp"

namespace halfopen::node {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitBadInput = 64;

int complain(int code, const Problem& problem) {
  std::fprintf(stderr, "vote-node: %s\n", problem.text.c_str());
  return code;
}

Result<std::string> admin_address(const StatusOptions& options) {
  if (options.admin.empty() == options.config.empty()) {
    return Problem{"give the node by --admin ADDRESS (its admin address) or by --config FILE"};
  }
  std::string address = options.admin;
  if (address.empty()) {
    HALFOPEN_TRY(config, load_config(options.config));
    address = config.admin;
  }
  HALFOPEN_CHECK(check_admin_address(address));
  return address;
}

Result<std::string> status_of(const std::string& address) {
  HALFOPEN_TRY(node, ask_node(address, "/node"));
  HALFOPEN_TRY(peers, ask_node(address, "/peers"));
  return status_text(node, peers);
}

int show(const Result<std::string>& text) {
  if (text.has_error()) return complain(kExitFailure, text.error());
  std::fputs(text->c_str(), stdout);
  return 0;
}

}  // namespace

int show_status(const StatusOptions& options) {
  const auto address = admin_address(options);
  if (address.has_error()) return complain(kExitBadInput, address.error());
  return show(status_of(*address));
}

int show_history(const StatusOptions& options, const std::string& peer) {
  const auto address = admin_address(options);
  if (address.has_error()) return complain(kExitBadInput, address.error());
  if (!is_name(peer)) {
    return complain(kExitBadInput, {"a peer's name is 1 to 64 letters, digits, '-', '_' or '.'"});
  }
  const auto history = ask_node(*address, "/peers/" + peer + "/history");
  if (history.has_error()) return complain(kExitFailure, history.error());
  return show(history_text(*history));
}

}  // namespace halfopen::node
