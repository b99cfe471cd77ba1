#include "proxy/shell/routes.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace halfopen {
namespace {

// "{}" stands for a name.
struct Pattern {
  Endpoint endpoint;
  std::vector<std::string_view> parts;
};

const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> kPatterns{
      {Endpoint::kVersion, {"version"}},
      {Endpoint::kMetrics, {"metrics"}},
      {Endpoint::kAbilities, {"abilities"}},
      {Endpoint::kProfiles, {"profiles"}},
      {Endpoint::kEvents, {"events"}},
      {Endpoint::kReset, {"reset"}},
      {Endpoint::kPopulate, {"populate"}},
      {Endpoint::kConnections, {"connections"}},
      {Endpoint::kProxies, {"proxies"}},
      {Endpoint::kProxy, {"proxies", "{}"}},
      {Endpoint::kToxics, {"proxies", "{}", "toxics"}},
      {Endpoint::kToxic, {"proxies", "{}", "toxics", "{}"}},
      {Endpoint::kFaults, {"proxies", "{}", "faults"}},
      {Endpoint::kFault, {"proxies", "{}", "faults", "{}"}},
      {Endpoint::kFaultFlush, {"proxies", "{}", "faults", "{}", "flush"}},
      {Endpoint::kConnections, {"proxies", "{}", "connections"}},
      {Endpoint::kConnection, {"proxies", "{}", "connections", "{}"}},
  };
  return kPatterns;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t start = 1; start <= path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    parts.emplace_back(path.substr(start, slash - start));
    start = slash + 1;
  }
  if (path.size() > 1 && path.back() == '/') parts.emplace_back();
  return parts;
}

std::optional<Route> match(const Pattern& pattern, const std::vector<std::string>& parts) {
  if (parts.size() != pattern.parts.size()) return std::nullopt;
  Route route{pattern.endpoint, {}, {}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (pattern.parts[i] != "{}") {
      if (pattern.parts[i] != parts[i]) return std::nullopt;
    } else if (parts[i].empty()) {
      return std::nullopt;
    } else {
      (i == 1 ? route.proxy : route.item) = parts[i];
    }
  }
  return route;
}

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  const int lower = std::tolower(static_cast<unsigned char>(letter));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<Route> find_route(std::string_view path) {
  const auto plain = unescape(path);
  if (!plain || !plain->starts_with('/')) return std::nullopt;
  const auto parts = split(*plain);
  for (const Pattern& pattern : patterns()) {
    if (auto route = match(pattern, parts)) return route;
  }
  return std::nullopt;
}

bool allows(Endpoint endpoint, std::string_view method) {
  switch (endpoint) {
    case Endpoint::kVersion:
    case Endpoint::kMetrics:
    case Endpoint::kAbilities:
    case Endpoint::kProfiles:
    case Endpoint::kEvents:
      return method == "GET";
    case Endpoint::kReset:
    case Endpoint::kPopulate:
    case Endpoint::kFaultFlush:
      return method == "POST";
    case Endpoint::kProxies:
    case Endpoint::kToxics:
    case Endpoint::kFaults:
      return method == "GET" || method == "POST";
    case Endpoint::kProxy:
    case Endpoint::kToxic:
    case Endpoint::kFault:
      return method == "GET" || method == "POST" || method == "PATCH" || method == "DELETE";
    case Endpoint::kConnections:
    case Endpoint::kConnection:
      return method == "GET" || method == "DELETE";
  }
  return false;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

std::string escape(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    const bool plain =
        std::isalnum(code) != 0 || std::string_view("-._~").find(letter) != std::string_view::npos;
    if (plain && code < 0x80) {
      escaped += letter;
    } else {
      escaped += '%';
      escaped += kDigits[code >> 4U];
      escaped += kDigits[code & 15U];
    }
  }
  return escaped;
}

std::optional<std::string> query_value(std::string_view query, std::string_view key) {
  for (std::size_t start = 0; start <= query.size();) {
    const auto end = std::min(query.find('&', start), query.size());
    const std::string_view pair = query.substr(start, end - start);
    const auto equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == key) {
      return unescape(pair.substr(std::min(equals + 1, pair.size())));
    }
    start = end + 1;
  }
  return std::nullopt;
}

}  // namespace halfopen
