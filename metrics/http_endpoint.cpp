#include "metrics/http_endpoint.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdint>
#include <set>
#include <utility>

namespace halfopen {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;
// A connection of either kind.
using Socket = asio::generic::stream_protocol::socket;

constexpr std::size_t kConnectionsMax = 64;
constexpr auto kIdleMax = std::chrono::seconds(30);

// Browsers send one of these two; command-line and library clients send neither.
bool is_cross_site(const HttpRequest& request) {
  return request.user_agent.starts_with("Mozilla/") || request.origin.has_value();
}

}  // namespace

class HttpEndpoint::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  explicit Implementation(asio::io_context& context)
      : context_(context), acceptor_(context), unix_acceptor_(context) {}

  Result<std::string> listen(const std::string& address, HttpLaterHandler handler,
                             bool allow_non_loopback) {
    handler_ = std::move(handler);
    if (const auto path = unix_socket_path(address)) return listen_on_path(*path);
    return listen_on_port(address, allow_non_loopback);
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    if (unix_acceptor_.is_open()) {
      ::unlink(unix_path_.c_str());  // first: behind close() it could be another one's
      unix_acceptor_.close(ignored);
    }
    for (const auto& session : std::exchange(sessions_, {}))
      session->stop();
  }

 private:
  Result<std::string> listen_on_path(const std::string& path) {
    HALFOPEN_TRY(acceptor, listen_on_unix_socket(context_, path));
    unix_acceptor_ = std::move(acceptor);
    unix_path_ = path;
    accept(unix_acceptor_);
    return "unix:" + path;
  }

  Result<std::string> listen_on_port(const std::string& host_port, bool allow_non_loopback) {
    HALFOPEN_TRY(parsed, parse_host_port(host_port));
    const auto address = asio::ip::make_address(parsed.host);
    if (!address.is_loopback() && !allow_non_loopback) {
      return Problem{host_port + " is not a loopback address: this API has no password, so it " +
                     "listens on 127.0.0.1 or [::1] only"};
    }
    const tcp::endpoint endpoint{address, parsed.port};
    error_code error;
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
    accept(acceptor_);
    return to_text(HostPort{address.to_string(), acceptor_.local_endpoint().port()});
  }

  class Session : public std::enable_shared_from_this<Session> {
   public:
    Session(Socket socket, std::weak_ptr<Implementation> owner)
        : socket_(std::move(socket)), deadline_(socket_.get_executor()), owner_(std::move(owner)) {}

    void read() {
      arm_deadline();
      socket_.async_read_some(asio::buffer(bytes_),
                              [self = shared_from_this()](error_code error, std::size_t count) {
                                self->on_read(error, count);
                              });
    }

    void stop() {
      error_code ignored;
      socket_.close(ignored);
      deadline_.cancel();
    }

   private:
    void on_read(error_code error, std::size_t count) {
      if (error == asio::error::eof) {
        conversation_.handle_end();
      } else if (error) {
        return forget();
      } else {
        conversation_.handle_bytes({bytes_.data(), count});
      }
      go_on();
    }

    void go_on() {
      const auto owner = owner_.lock();
      if (!owner) return stop();
      if (is_answer_due_ || is_writing_) return;
      while (auto request = conversation_.next_request()) {
        if (is_cross_site(*request)) {
          conversation_.respond(http_error(403, "requests from web pages are refused"));
          continue;
        }
        is_answer_due_ = true;
        is_handling_ = true;
        owner->handler_(*request, [self = shared_from_this(), turn = ++turn_](const auto& answer) {
          self->on_answer(turn, answer);
        });
        is_handling_ = false;
        if (is_answer_due_) return arm_deadline();
      }
      if (!conversation_.output().empty()) return write();
      if (!conversation_.is_over()) return read();
      error_code ignored;
      socket_.shutdown(Socket::shutdown_send, ignored);
      forget();
    }

    void on_answer(std::uint64_t turn, const HttpResponse& answer) {
      // Too late, or twice: another request may wait by now.
      if (!is_answer_due_ || turn != turn_ || !socket_.is_open()) return;
      is_answer_due_ = false;
      conversation_.respond(answer);
      if (!is_handling_) go_on();
    }

    void write() {
      arm_deadline();
      is_writing_ = true;
      const std::string_view output = conversation_.output();
      asio::async_write(socket_, asio::buffer(output.data(), output.size()),
                        [self = shared_from_this()](error_code error, std::size_t count) {
                          self->is_writing_ = false;
                          if (error) return self->forget();
                          self->conversation_.consume(count);
                          self->go_on();
                        });
    }

    void arm_deadline() {
      deadline_.expires_after(kIdleMax);
      deadline_.async_wait([self = shared_from_this()](error_code error) {
        if (error) return;
        if (!self->is_answer_due_) return self->forget();
        self->on_answer(self->turn_, http_error(504, "there is no answer yet"));
      });
    }

    void forget() {
      if (const auto owner = owner_.lock()) owner->sessions_.erase(shared_from_this());
      stop();
    }

    Socket socket_;
    asio::steady_timer deadline_;
    std::weak_ptr<Implementation> owner_;
    HttpConversation conversation_;
    std::uint64_t turn_ = 0;      // of the request that was handed out last
    bool is_answer_due_ = false;  // to it; meanwhile nothing is read
    bool is_handling_ = false;    // the handler has not returned yet
    bool is_writing_ = false;
    std::array<char, 16384> bytes_{};
  };

  template <class Acceptor>
  void accept(Acceptor& acceptor) {
    acceptor.async_accept([self = shared_from_this(), &acceptor](error_code error, auto socket) {
      if (error == asio::error::operation_aborted || !acceptor.is_open()) return;
      if (!error && self->sessions_.size() < kConnectionsMax) {
        send_at_once(socket);
        auto session = std::make_shared<Session>(Socket(std::move(socket)), self);
        self->sessions_.insert(session);
        session->read();
      }
      self->accept(acceptor);
    });
  }

  static void send_at_once(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
  }
  static void send_at_once(local::socket&) {}

  asio::io_context& context_;
  tcp::acceptor acceptor_;
  local::acceptor unix_acceptor_;
  std::string unix_path_;
  HttpLaterHandler handler_;
  std::set<std::shared_ptr<Session>> sessions_;  // never iterated in an order that matters
};

HttpEndpoint::HttpEndpoint(asio::io_context& context)
    : implementation_(std::make_shared<Implementation>(context)) {}

HttpEndpoint::~HttpEndpoint() {
  implementation_->close();
}

Result<std::string> HttpEndpoint::listen(const std::string& address, HttpHandler handler,
                                         bool allow_non_loopback) {
  return listen_for_later(
      address,
      [answer = std::move(handler)](const HttpRequest& request, const HttpRespond& respond) {
        respond(answer(request));
      },
      allow_non_loopback);
}

Result<std::string> HttpEndpoint::listen_for_later(const std::string& address,
                                                   HttpLaterHandler handler,
                                                   bool allow_non_loopback) {
  return implementation_->listen(address, std::move(handler), allow_non_loopback);
}

void HttpEndpoint::close() {
  implementation_->close();
}

}  // namespace halfopen
