// The server's side of one HTTP/1.1 connection, without the connection: bytes in, requests out;
// answers in, bytes out.
//
// Intuition: a conversation is strictly in turns. A request is handed out, and the next one, though
// its bytes may be here already, only when the first has been answered. So answers keep their order
// under pipelining, and what is queued here is bounded by one request and one answer (a stream's
// owner looks at output() and cuts off who does not read).
//
// Invariants: a header of more than 8 KiB and a body of more than 1 MiB are refused; after bytes
// that are no HTTP, or an answer that says so, nothing more is read. No sockets, no clock.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halfopen {

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // without the query, as sent: "/proxies/p1"
  std::string query;   // after the question mark, empty if none
  std::string body;
  // Headers that somebody asks for; empty if not sent.
  std::string host = {};
  std::string user_agent = {};
  std::string authorization = {};
  std::optional<std::string> origin = {};
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";  // none is sent if empty
  std::string body;
  // Beside the ones that every answer has: "WWW-Authenticate", "Bearer".
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// {"error": text, "status": status}, the form that Toxiproxy's clients know.
[[nodiscard]] HttpResponse http_error(unsigned status, const std::string& text);

class HttpConversation {
 public:
  static constexpr std::size_t kHeaderBytesMax = 8 * 1024;
  static constexpr std::size_t kBodyBytesMax = 1024 * 1024;

  // Refusals of what is no HTTP are JSON, whatever they are called.
  explicit HttpConversation(std::string refusal_content_type = "application/json");
  ~HttpConversation();
  HttpConversation(const HttpConversation&) = delete;
  HttpConversation& operator=(const HttpConversation&) = delete;

  // False while a request waits for its answer and enough of the next ones is here, and for ever
  // once the conversation ends. Whoever calls handle_bytes() all the same loses nothing.
  [[nodiscard]] bool wants_bytes() const;
  void handle_bytes(std::string_view bytes);
  // The client's FIN.
  void handle_end();

  // At most one until it is answered. Bytes that are no HTTP are answered here.
  [[nodiscard]] std::optional<HttpRequest> next_request();
  // The answer to the request last handed out.
  void respond(const HttpResponse& response);
  // An answer of unknown length: its head, then as many pieces as there are, then its end.
  void begin_stream(const HttpResponse& head);
  void stream(std::string_view piece);
  void end_stream();
  // Ends the conversation with this answer, whatever was asked: a deadline has passed.
  void give_up(const HttpResponse& response);

  [[nodiscard]] std::string_view output() const;
  void consume(std::size_t bytes);

  [[nodiscard]] bool is_streaming() const;
  // True while part of a request is here, so that its rest is due.
  [[nodiscard]] bool is_in_request() const;
  // No further answer will come; the connection is to be closed once output() is empty.
  [[nodiscard]] bool is_over() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace halfopen
