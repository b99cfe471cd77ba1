// The control API's replies, from a body or a refusal.
#pragma once

#include <string>

#include "proxy/shell/api_guard.hpp"
#include "proxy/shell/refusal.hpp"

namespace halfopen {

[[nodiscard]] inline HttpResponse json_reply(unsigned status, const std::string& text) {
  return {status, "application/json", text + "\n", {}};
}
[[nodiscard]] inline HttpResponse no_content() {
  return {204, "", "", {}};
}
[[nodiscard]] inline HttpResponse refuse(const Refusal& refusal) {
  return api_error(refusal.status, refusal.text);
}

}  // namespace halfopen
