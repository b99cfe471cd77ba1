// The only file of metrics/ that includes Beast (it costs 15 s of compile time).
#include "metrics/http_endpoint.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <chrono>
#include <set>
#include <utility>

namespace halfopen {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr std::size_t kConnectionsMax = 64;
constexpr std::uint32_t kHeaderBytesMax = 8 * 1024;
constexpr std::uint64_t kBodyBytesMax = 1024 * 1024;
constexpr auto kIdleMax = std::chrono::seconds(30);

// Browsers send one of these two; command-line and library clients send neither.
bool is_cross_site(const http::request<http::string_body>& request) {
  return request[http::field::user_agent].starts_with("Mozilla/") ||
         request.find(http::field::origin) != request.end();
}

}  // namespace

HttpResponse http_error(unsigned status, const std::string& text) {
  HttpResponse response;
  response.status = status;
  response.body =
      boost::json::serialize(boost::json::object{{"error", text}, {"status", status}}) + "\n";
  return response;
}

Result<HostPort> parse_host_port(const std::string& text) {
  const Problem problem{"\"" + text + "\" is not an address: expected IP:PORT, such as " +
                        "127.0.0.1:8474 or [::1]:8474"};
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return problem;
  HostPort parsed;
  parsed.host = text.substr(0, colon);
  const bool bracketed = parsed.host.starts_with('[') && parsed.host.ends_with(']');
  if (bracketed) parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  const char* first = text.data() + colon + 1;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, parsed.port);
  if (error != std::errc{} || end != last) return problem;
  boost::system::error_code address_error;
  const auto address = asio::ip::make_address(parsed.host, address_error);
  if (address_error || address.is_v6() != bracketed) return problem;
  return parsed;
}

class HttpEndpoint::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  explicit Implementation(asio::io_context& context) : acceptor_(context) {}

  Result<std::string> listen(const std::string& host_port, HttpHandler handler,
                             bool allow_non_loopback) {
    HALFOPEN_TRY(parsed, parse_host_port(host_port));
    const auto address = asio::ip::make_address(parsed.host);
    if (!address.is_loopback() && !allow_non_loopback) {
      return Problem{host_port + " is not a loopback address: this API has no password, so it " +
                     "listens on 127.0.0.1 or [::1] only"};
    }
    const tcp::endpoint endpoint{address, parsed.port};
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Problem{"cannot listen on " + host_port + ": " + error.message() +
                     (error == asio::error::address_in_use
                          ? " (choose another port, or port 0 for any free one)"
                          : "")};
    }
    handler_ = std::move(handler);
    accept();
    const auto bound = acceptor_.local_endpoint();
    const std::string host =
        address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    return host + ":" + std::to_string(bound.port());
  }

  void close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& session : std::exchange(sessions_, {}))
      session->stop();
  }

 private:
  class Session : public std::enable_shared_from_this<Session> {
   public:
    Session(tcp::socket socket, std::weak_ptr<Implementation> owner)
        : stream_(std::move(socket)), owner_(std::move(owner)) {}

    void read() {
      parser_.emplace();
      parser_->header_limit(kHeaderBytesMax);
      parser_->body_limit(kBodyBytesMax);
      stream_.expires_after(kIdleMax);
      http::async_read(stream_, buffer_, *parser_,
                       [self = shared_from_this()](beast::error_code error, std::size_t) {
                         self->on_read(error);
                       });
    }

    void stop() { stream_.close(); }

   private:
    void on_read(beast::error_code error) {
      const auto owner = owner_.lock();
      if (!owner) return stop();
      if (error == http::error::body_limit) {
        return answer(http_error(413, "the body is larger than 1 MiB"), 11, false);
      }
      if (error == http::error::header_limit) {
        return answer(http_error(431, "the header is larger than 8 KiB"), 11, false);
      }
      if (error.category() == http::make_error_code(http::error::bad_method).category() &&
          error != http::error::end_of_stream && error != http::error::partial_message) {
        return answer(http_error(400, "not an HTTP request: " + error.message()), 11, false);
      }
      if (error) return owner->forget(shared_from_this());
      const auto& message = parser_->get();
      const bool keep_alive = message.keep_alive();
      const unsigned version = message.version();
      if (is_cross_site(message)) {
        return answer(http_error(403, "requests from web pages are refused"), version, keep_alive);
      }
      HttpRequest request;
      request.method = std::string(message.method_string());
      const std::string target(message.target());
      const auto question = target.find('?');
      request.path = target.substr(0, question);
      if (question != std::string::npos) request.query = target.substr(question + 1);
      request.body = message.body();
      answer(owner->handler_(request), version, keep_alive);
    }

    void answer(HttpResponse content, unsigned version, bool keep_alive) {
      response_ = {};
      response_.version(version);
      response_.result(content.status);
      response_.set(http::field::content_type, content.content_type);
      response_.set("X-Content-Type-Options", "nosniff");
      response_.keep_alive(keep_alive);
      response_.body() = std::move(content.body);
      response_.prepare_payload();
      stream_.expires_after(kIdleMax);
      http::async_write(stream_, response_,
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          self->on_written(error);
                        });
    }

    void on_written(beast::error_code error) {
      if (!error && response_.keep_alive()) return read();
      beast::error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      if (const auto owner = owner_.lock()) owner->forget(shared_from_this());
    }

    beast::tcp_stream stream_;
    std::weak_ptr<Implementation> owner_;
    beast::flat_buffer buffer_{kHeaderBytesMax + kBodyBytesMax};
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
  };

  void accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
          if (error == asio::error::operation_aborted || !self->acceptor_.is_open()) return;
          if (!error && self->sessions_.size() < kConnectionsMax) {
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            auto session = std::make_shared<Session>(std::move(socket), self);
            self->sessions_.insert(session);
            session->read();
          }
          self->accept();
        });
  }

  void forget(const std::shared_ptr<Session>& session) {
    session->stop();
    sessions_.erase(session);
  }

  tcp::acceptor acceptor_;
  HttpHandler handler_;
  std::set<std::shared_ptr<Session>> sessions_;  // never iterated in an order that matters
};

HttpEndpoint::HttpEndpoint(asio::io_context& context)
    : implementation_(std::make_shared<Implementation>(context)) {}

HttpEndpoint::~HttpEndpoint() {
  implementation_->close();
}

Result<std::string> HttpEndpoint::listen(const std::string& host_port, HttpHandler handler,
                                         bool allow_non_loopback) {
  return implementation_->listen(host_port, std::move(handler), allow_non_loopback);
}

void HttpEndpoint::close() {
  implementation_->close();
}

}  // namespace halfopen
