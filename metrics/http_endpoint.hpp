// A small HTTP/1.1 server for control and metrics, on the caller's io_context: HttpConversation
// with an Asio socket under it. Handlers are plain functions that must not block; an answer may
// come later.
//
// Limits: those of HttpConversation, 64 open connections (further ones are closed at once), 30 s
// without a byte either way closes. A request whose User-Agent starts with "Mozilla/" or that
// carries an Origin is refused (403): a web page must not drive a node on the visitor's loopback.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "metrics/host_port.hpp"
#include "metrics/http_conversation.hpp"
#include "metrics/unix_socket.hpp"

namespace halfopen {

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;
// For an answer that comes later: to be called once, on the io_context's thread, whether or not the
// client is still there. After half a minute without it the client is told so (504).
using HttpRespond = std::function<void(const HttpResponse&)>;
using HttpLaterHandler = std::function<void(const HttpRequest&, HttpRespond)>;

class HttpEndpoint {
 public:
  explicit HttpEndpoint(boost::asio::io_context& context);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  // Binds and starts to serve at "host:port" or "unix:/path"; answers the bound address. A port or
  // socket in use, an unusable address or a non-loopback one without `allow_non_loopback` is a
  // Problem.
  [[nodiscard]] Result<std::string> listen(const std::string& address, HttpHandler handler,
                                           bool allow_non_loopback = false);
  [[nodiscard]] Result<std::string> listen_for_later(const std::string& address,
                                                     HttpLaterHandler handler,
                                                     bool allow_non_loopback = false);
  // Closes the listener and every connection; a Unix socket's file goes, too.
  void close();

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace halfopen
