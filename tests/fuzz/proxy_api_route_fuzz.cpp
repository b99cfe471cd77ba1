// Whatever path and query a request line holds: a route or none, and what is escaped comes back.
// And whatever a server answers to `fault-proxy ctl`: a reply or a Problem, however it is cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/shell/ctl_client.hpp"
#include "proxy/shell/routes.hpp"

namespace {

using namespace halfopen;  // NOLINT: a test

// The status, or 0 where there is no whole answer.
unsigned read_reply(std::string_view bytes, std::size_t size) {
  ReplyReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    if (reader.handle_bytes(bytes.substr(at, size)).has_error()) return 0;
    (void)reader.take_body();
    if (reader.is_complete()) return reader.status();
  }
  reader.handle_end();
  return reader.is_complete() ? reader.status() : 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto route = find_route(text);
  if (route && route->proxy.find('/') != std::string::npos) std::abort();
  if (unescape(escape(text)) != text) std::abort();
  (void)query_value(text, "proxy");
  const unsigned whole = read_reply(text, text.size() + 1);
  // What is wrong behind the end of the answer is seen only where it came with it.
  if (whole != 0 && whole != read_reply(text, 1)) std::abort();
  (void)ApiClient::to(text, "");
  return 0;
}
