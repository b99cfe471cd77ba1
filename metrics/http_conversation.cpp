// The only file of the programs that includes Beast (it costs 5 s of compile time).
#include "metrics/http_conversation.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "base/assert.hpp"

namespace halfopen {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using Parser = http::request_parser<http::string_body>;

// What may wait for the request before it to be answered, or be the head of a chunk: more is left
// in the kernel.
constexpr std::size_t kUnparsedBytesMax = 2 * HttpConversation::kHeaderBytesMax;

// "0", and the two ends of line behind it.
constexpr std::size_t kLastChunkBytes = 5;

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return boost::beast::iequals(a, b);
}

HttpRequest to_request(const http::request<http::string_body>& message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  const std::string target(message.target());
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  request.body = message.body();
  request.host = std::string(message[http::field::host]);
  request.user_agent = std::string(message[http::field::user_agent]);
  request.authorization = std::string(message[http::field::authorization]);
  if (const auto origin = message.find(http::field::origin); origin != message.end()) {
    request.origin = std::string(origin->value());
  }
  return request;
}

// A header's value must not be able to begin another header.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char letter) { return letter == '\r' || letter == '\n' || letter == '\0'; }, ' ');
  return text;
}

HttpResponse refusal_of(error_code error) {
  if (error == http::error::body_limit) {
    return http_error(413, "the body is larger than 1 MiB");
  }
  if (error == http::error::header_limit) {
    return http_error(431, "the header is larger than 8 KiB");
  }
  return http_error(400, "not an HTTP request: " + error.message());
}

}  // namespace

HttpResponse http_error(unsigned status, const std::string& text) {
  HttpResponse response;
  response.status = status;
  response.body =
      boost::json::serialize(boost::json::object{{"error", text}, {"status", status}}) + "\n";
  return response;
}

class HttpConversation::Implementation {
 public:
  explicit Implementation(std::string refusal_content_type)
      : refusal_content_type_(std::move(refusal_content_type)) {
    expect_request();
  }

  [[nodiscard]] bool wants_bytes() const {
    return !over_ && !input_ended_ && input_.size() < kUnparsedBytesMax;
  }

  void handle_bytes(std::string_view bytes) {
    if (over_) return;
    input_.append(bytes);
    if (turn_ == Turn::kClient) parse();
  }

  void handle_end() {
    input_ended_ = true;
    if (turn_ != Turn::kClient) return;
    // A request cut off in its middle gets no answer: nobody is left who would act on it.
    over_ = true;
  }

  std::optional<HttpRequest> next_request() {
    if (over_ || turn_ != Turn::kReady) return std::nullopt;
    turn_ = Turn::kServer;
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    is_head_ = message.method() == http::verb::head;
    is_version_1_0_ = message.version() < 11;
    return to_request(message);
  }

  void respond(const HttpResponse& response) {
    HALFOPEN_ASSERT(turn_ == Turn::kServer);
    write_head(response, response.status == 204 ? Length::kNone : Length::kKnown);
    if (!is_head_ && response.status != 204) output_ += response.body;
    end_turn();
  }

  void begin_stream(const HttpResponse& head) {
    HALFOPEN_ASSERT(turn_ == Turn::kServer);
    if (is_version_1_0_) keep_alive_ = false;
    write_head(head, is_version_1_0_ ? Length::kNone : Length::kChunked);
    turn_ = Turn::kStream;
    stream(head.body);
  }

  void stream(std::string_view piece) {
    HALFOPEN_ASSERT(turn_ == Turn::kStream);
    // A chunk of no bytes would be the end.
    if (piece.empty() || is_head_) return;
    if (is_version_1_0_) {
      output_ += piece;
      return;
    }
    std::array<char, 20> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16);
    HALFOPEN_ASSERT(error == std::errc{});
    output_.append(digits.data(), end);
    output_ += "\r\n";
    output_ += piece;
    output_ += "\r\n";
  }

  void end_stream() {
    HALFOPEN_ASSERT(turn_ == Turn::kStream);
    if (!is_version_1_0_ && !is_head_) output_ += "0\r\n\r\n";
    end_turn();
  }

  void give_up(const HttpResponse& response) {
    if (over_) return;
    over_ = true;
    // In the middle of an answer another one would be garbage.
    if (turn_ != Turn::kStream && turn_ != Turn::kServer && output().empty()) refuse(response);
  }

  [[nodiscard]] std::string_view output() const {
    return std::string_view(output_).substr(output_offset_);
  }
  void consume(std::size_t bytes) {
    HALFOPEN_ASSERT(bytes <= output().size());
    output_offset_ += bytes;
    if (output_offset_ == output_.size()) {
      output_.clear();
      output_offset_ = 0;
    } else if (output_offset_ > output_.size() / 2) {
      output_.erase(0, output_offset_);
      output_offset_ = 0;
    }
  }
  [[nodiscard]] bool is_streaming() const { return turn_ == Turn::kStream; }
  [[nodiscard]] bool is_in_request() const {
    return turn_ == Turn::kClient && !over_ && (!input_.empty() || parser_->is_header_done());
  }
  [[nodiscard]] bool is_over() const { return over_; }

 private:
  enum class Turn : std::uint8_t { kClient, kReady, kServer, kStream };
  enum class Length : std::uint8_t { kKnown, kChunked, kNone };

  void expect_request() {
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(kBodyBytesMax);
    parser_->eager(true);
    continue_said_ = false;
    turn_ = Turn::kClient;
  }

  void parse() {
    while (!input_.empty() && !over_) {
      // The parser asserts that the end of a chunked body comes to it in no smaller pieces; there
      // are always as many bytes to come while it is not complete.
      if (parser_->is_header_done() && parser_->chunked() && input_.size() < kLastChunkBytes) break;
      error_code error;
      const std::size_t used = parser_->put(boost::asio::buffer(input_), error);
      input_.erase(0, used);
      if (error == http::error::need_more) {
        // The parser wants the rest of a line that is longer than any that it may have.
        if (input_.size() >= kUnparsedBytesMax) return refuse(refusal_of(http::error::bad_chunk));
        break;
      }
      if (error) return refuse(refusal_of(error));
      if (parser_->is_done()) {
        turn_ = Turn::kReady;
        return;
      }
      if (used == 0) break;
    }
    say_continue();
  }

  // A client that asks before it sends a body would else wait for its own deadline.
  void say_continue() {
    if (over_ || continue_said_ || !parser_->is_header_done() || parser_->is_done()) return;
    if (!equals_ignoring_case(parser_->get()[http::field::expect], "100-continue")) return;
    continue_said_ = true;
    output_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }

  void refuse(HttpResponse response) {
    response.content_type = refusal_content_type_;
    keep_alive_ = false;
    is_head_ = false;
    write_head(response, Length::kKnown);
    output_ += response.body;
    over_ = true;
    input_.clear();
  }

  void write_head(const HttpResponse& response, Length length) {
    const auto status = std::to_string(response.status);
    const std::string_view reason = http::obsolete_reason(http::int_to_status(response.status));
    output_ += "HTTP/1.1 " + status + " ";
    output_ += reason;
    output_ += "\r\n";
    if (!response.content_type.empty()) {
      output_ += "Content-Type: " + one_line(response.content_type) + "\r\n";
    }
    output_ += "X-Content-Type-Options: nosniff\r\n";
    for (const auto& [name, value] : response.headers)
      output_ += name + ": " + one_line(value) + "\r\n";
    if (length == Length::kKnown) {
      output_ += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    } else if (length == Length::kChunked) {
      output_ += "Transfer-Encoding: chunked\r\n";
    }
    if (!keep_alive_) {
      output_ += "Connection: close\r\n";
    } else if (is_version_1_0_) {
      output_ += "Connection: keep-alive\r\n";
    }
    output_ += "\r\n";
  }

  void end_turn() {
    turn_ = Turn::kClient;
    if (!keep_alive_) {
      over_ = true;
      input_.clear();
      return;
    }
    expect_request();
    parse();
    if (input_ended_ && turn_ == Turn::kClient) over_ = true;
  }

  std::string refusal_content_type_;
  std::optional<Parser> parser_;
  std::string input_;
  std::string output_;
  std::size_t output_offset_ = 0;
  Turn turn_ = Turn::kClient;
  bool continue_said_ = false;
  bool keep_alive_ = true;
  bool is_head_ = false;
  bool is_version_1_0_ = false;
  bool input_ended_ = false;
  bool over_ = false;
};

HttpConversation::HttpConversation(std::string refusal_content_type)
    : implementation_(std::make_unique<Implementation>(std::move(refusal_content_type))) {}
HttpConversation::~HttpConversation() = default;

bool HttpConversation::wants_bytes() const {
  return implementation_->wants_bytes();
}
void HttpConversation::handle_bytes(std::string_view bytes) {
  implementation_->handle_bytes(bytes);
}
void HttpConversation::handle_end() {
  implementation_->handle_end();
}
std::optional<HttpRequest> HttpConversation::next_request() {
  return implementation_->next_request();
}
void HttpConversation::respond(const HttpResponse& response) {
  implementation_->respond(response);
}
void HttpConversation::begin_stream(const HttpResponse& head) {
  implementation_->begin_stream(head);
}
void HttpConversation::stream(std::string_view piece) {
  implementation_->stream(piece);
}
void HttpConversation::end_stream() {
  implementation_->end_stream();
}
void HttpConversation::give_up(const HttpResponse& response) {
  implementation_->give_up(response);
}
std::string_view HttpConversation::output() const {
  return implementation_->output();
}
void HttpConversation::consume(std::size_t bytes) {
  implementation_->consume(bytes);
}
bool HttpConversation::is_streaming() const {
  return implementation_->is_streaming();
}
bool HttpConversation::is_in_request() const {
  return implementation_->is_in_request();
}
bool HttpConversation::is_over() const {
  return implementation_->is_over();
}

}  // namespace halfopen
