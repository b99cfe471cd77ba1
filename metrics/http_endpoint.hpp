// A small HTTP/1.1 server for control and metrics, on the caller's io_context (Beast, kept behind
// this header). Handlers are plain functions that must not block.
//
// Limits: header 8 KiB, body 1 MiB, 64 open connections (further ones are closed at once), 30 s
// without a request closes. A request whose User-Agent starts with "Mozilla/" or that carries a
// foreign Origin is refused (403): a web page must not drive a fault proxy on the visitor's
// loopback.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace halfopen {

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // without the query, as sent: "/proxies/p1"
  std::string query;   // after the question mark, empty if none
  std::string body;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// {"error": text, "status": status}, the form that Toxiproxy's clients know.
[[nodiscard]] HttpResponse http_error(unsigned status, const std::string& text);

// "127.0.0.1:8474" or "[::1]:0" taken apart. Names are not resolved: an address is asked for, so
// that "localhost" cannot mean two sockets.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
[[nodiscard]] Result<HostPort> parse_host_port(const std::string& text);

class HttpEndpoint {
 public:
  explicit HttpEndpoint(boost::asio::io_context& context);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  // Binds and starts to serve; answers the bound address as "host:port". A port in use, an
  // unusable address or a non-loopback one without `allow_non_loopback` is a Problem.
  [[nodiscard]] Result<std::string> listen(const std::string& host_port, HttpHandler handler,
                                           bool allow_non_loopback = false);
  // Closes the listener and every connection.
  void close();

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace halfopen
