#include "proxy/shell/api_guard.hpp"

#include <algorithm>
#include <cctype>

namespace halfopen {
namespace {

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  });
  return lowered;
}

// "[::1]:8474" to "::1", "localhost:8474" to "localhost".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.rfind(':'));
}

// A name of the public kind, which whoever owns it may have pointed to this machine. A name without
// a dot is one of a private network, such as a container's.
bool is_public_name(std::string_view host) {
  const std::string name = lower(without_port(host));
  const bool number = name.find_first_not_of("0123456789.") == std::string::npos;
  const bool v6 = name.find(':') != std::string::npos;
  return !number && !v6 && name.find('.') != std::string::npos && !name.ends_with(".localhost") &&
         !name.ends_with(".local") && !name.ends_with(".internal");
}

HttpResponse plain_refusal(unsigned status, std::string text) {
  return {status, std::string(kPlainText), std::move(text) + "\n", {}};
}

}  // namespace

HttpResponse api_error(unsigned status, const std::string& text) {
  HttpResponse response = http_error(status, text);
  response.content_type = kPlainText;
  return response;
}

bool equals_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

std::optional<HttpResponse> ApiGuard::check_token(const HttpRequest& request) const {
  if (token_.empty()) return std::nullopt;
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view given = request.authorization;
  if (lower(given.substr(0, kScheme.size())) == kScheme &&
      equals_in_constant_time(given.substr(kScheme.size()), token_)) {
    return std::nullopt;
  }
  HttpResponse response =
      api_error(401, "this API asks for a token: send \"Authorization: Bearer TOKEN\"");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"fault-proxy\"");
  return response;
}

std::optional<HttpResponse> ApiGuard::check_not_a_page(const HttpRequest& request) const {
  if (request.user_agent.starts_with("Mozilla/")) {
    return plain_refusal(403, "User agent not allowed");
  }
  if (request.origin && lower(*request.origin) != "http://" + lower(request.host)) {
    return plain_refusal(403, "Requests of web pages are not allowed");
  }
  // Who knows the token is no page that a visitor has stumbled upon.
  if (token_.empty() && is_public_name(request.host)) {
    return plain_refusal(403, "Host not allowed: ask by an IP address or localhost");
  }
  return std::nullopt;
}

}  // namespace halfopen
