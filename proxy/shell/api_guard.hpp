// Who may use the control API: whoever knows the token, if there is one, and no web page.
//
// Intuition: on a loopback address every program of the machine may ask, a browser included, which
// carries out what any site tells it to. Browsers give themselves away by their User-Agent and by
// an Origin, and a name that was made to point here by its Host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "metrics/http_conversation.hpp"

namespace halfopen {

class ApiGuard {
 public:
  // An empty token asks for none.
  explicit ApiGuard(std::string token = {}) : token_(std::move(token)) {}

  // 401 unless the token is given; asked for before a path is looked at.
  [[nodiscard]] std::optional<HttpResponse> check_token(const HttpRequest& request) const;
  // 403 for what a web page has sent.
  [[nodiscard]] std::optional<HttpResponse> check_not_a_page(const HttpRequest& request) const;

 private:
  std::string token_;
};

// Takes as long whatever the two hold, if they are of the same length.
[[nodiscard]] bool equals_in_constant_time(std::string_view a, std::string_view b);
// Toxiproxy's form of an error, which is JSON that calls itself text.
[[nodiscard]] HttpResponse api_error(unsigned status, const std::string& text);

}  // namespace halfopen
