#include "proxy/shell/api_guard.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

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

// RFC 4648, section 4.
std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool is_padding = i + j > bytes.size();
      text += is_padding ? '=' : kDigits[group >> (18U - 6U * j) & 63U];
    }
  }
  return text;
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
  const std::string_view given = request.authorization;
  const auto space = std::min(given.find(' '), given.size());
  const std::string scheme = lower(given.substr(0, space));
  const std::string_view shown = given.substr(std::min(space + 1, given.size()));
  if (scheme == "bearer" && equals_in_constant_time(shown, token_)) return std::nullopt;
  // What http://token:TOKEN@HOST becomes: Toxiproxy's clients know no token, but URLs.
  if (scheme == "basic" && equals_in_constant_time(shown, base64("token:" + token_))) {
    return std::nullopt;
  }
  HttpResponse response =
      api_error(401,
                "this API asks for a token: send \"Authorization: Bearer TOKEN\", or call it at "
                "http://token:TOKEN@HOST:PORT (fault-proxy ctl: --token-file, FAULT_PROXY_TOKEN)");
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
