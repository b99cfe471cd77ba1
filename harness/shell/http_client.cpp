// The only file of the harness that includes Beast.
#include "harness/shell/http_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "harness/shell/network_namespaces.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint64_t kAnswerBytesMax = 16ULL * 1024 * 1024;

}  // namespace

class HttpClient::Implementation {
 public:
  Implementation(asio::io_context& context, std::string host_port, int network_namespace)
      : context_(context),
        host_port_(std::move(host_port)),
        network_namespace_(network_namespace) {}

  asio::awaitable<Result<HttpReply>> request(std::string method, std::string path, std::string body,
                                             Duration at_most) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    const bool reused = stream_.has_value();
    boost::system::error_code error;
    HttpReply reply = co_await attempt(method, path, body, deadline, error);
    if (error && reused && std::chrono::steady_clock::now() < deadline) {
      stream_.reset();
      error = {};
      reply = co_await attempt(method, path, body, deadline, error);
    }
    if (error) {
      stream_.reset();
      co_return Problem{method,
                        " ",
                        path,
                        " at ",
                        host_port_,
                        ": ",
                        error == beast::error::timeout ? "no answer in time" : error.message()};
    }
    co_return reply;
  }

 private:
  asio::awaitable<HttpReply> attempt(const std::string& method, const std::string& path,
                                     const std::string& body,
                                     std::chrono::steady_clock::time_point deadline,
                                     boost::system::error_code& error) {
    HttpReply reply;
    co_await connect(deadline, error);
    if (error) co_return reply;
    http::request<http::string_body> request;
    request.version(11);
    request.method_string(method);
    request.target(path);
    request.set(http::field::host, host_port_);
    request.body() = body;
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.prepare_payload();
    stream_->expires_at(deadline);
    co_await http::async_write(*stream_, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return reply;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerBytesMax);
    co_await http::async_read(*stream_, buffer_, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return reply;
    reply.status = parser.get().result_int();
    reply.body = std::move(parser.get().body());
    stream_->expires_never();
    if (!parser.get().keep_alive()) stream_.reset();
    co_return reply;
  }

  asio::awaitable<void> connect(std::chrono::steady_clock::time_point deadline,
                                boost::system::error_code& error) {
    if (stream_) co_return;
    const auto colon = host_port_.rfind(':');
    const auto address = asio::ip::make_address(host_port_.substr(0, colon), error);
    if (error) co_return;
    const auto port = static_cast<std::uint16_t>(std::stoul(host_port_.substr(colon + 1)));
    buffer_.clear();
    stream_.emplace(context_);
    if (network_namespace_ >= 0) {
      (void)in_network_namespace(network_namespace_, [&]() -> Result<void> {
        stream_->socket().open(asio::ip::tcp::v4(), error);
        return {};
      });
      if (error) {
        stream_.reset();
        co_return;
      }
    }
    stream_->expires_at(deadline);
    co_await stream_->async_connect(asio::ip::tcp::endpoint{address, port},
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      stream_.reset();
      co_return;
    }
    boost::system::error_code ignored;
    stream_->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  asio::io_context& context_;
  std::string host_port_;
  int network_namespace_;
  std::optional<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
};

HttpClient::HttpClient(asio::io_context& context, std::string host_port, int network_namespace)
    : implementation_(
          std::make_unique<Implementation>(context, std::move(host_port), network_namespace)) {}

HttpClient::~HttpClient() = default;

asio::awaitable<Result<HttpReply>> HttpClient::request(std::string method, std::string path,
                                                       std::string body, Duration at_most) {
  return implementation_->request(std::move(method), std::move(path), std::move(body), at_most);
}

}  // namespace halfopen
