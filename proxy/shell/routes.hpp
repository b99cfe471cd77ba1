// The control API's paths, taken apart: which endpoint, of which proxy, of which of its things.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace halfopen {

enum class Endpoint : std::uint8_t {
  kVersion,
  kMetrics,
  kAbilities,
  kProfiles,
  kEvents,
  kReset,
  kPopulate,
  kProxies,
  kProxy,
  kToxics,
  kToxic,
  kFaults,
  kFault,
  kFaultFlush,
  kConnections,  // of all proxies, or of one
  kConnection,
};

struct Route {
  Endpoint endpoint = Endpoint::kVersion;
  std::string proxy;  // empty where the path names none
  std::string item;   // the toxic, fault or connection
};

// Nothing for an unknown path. Percent escapes are resolved first, so a name cannot hold a slash.
[[nodiscard]] std::optional<Route> find_route(std::string_view path);
[[nodiscard]] bool allows(Endpoint endpoint, std::string_view method);

// "a%20b" to "a b"; nothing where an escape is none.
[[nodiscard]] std::optional<std::string> unescape(std::string_view text);
// The reverse, for one part of a path.
[[nodiscard]] std::string escape(std::string_view text);
// The value of a key of a query, unescaped; nothing when it is not there.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view key);

}  // namespace halfopen
