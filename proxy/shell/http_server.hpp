// The control API's HTTP/1.1 server on the program's one loop: HttpConversation with a non-blocking
// socket under it.
//
// Intuition: a client of the API is the one thing here that nobody has asked to misbehave, and may
// all the same: it stops reading, sends a byte a minute, or opens a thousand connections. None of
// that may cost the relay more than a bounded piece of memory.
//
// Invariants: handlers never block; of more connections than the limit, the further ones take the
// places of those that only wait for a next request, or else wait themselves, in the kernel;
// requests, answers and silent connections have deadlines, and a stream's reader that is too far
// behind is cut off.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "metrics/http_conversation.hpp"
#include "proxy/shell/event_loop.hpp"

namespace halfopen {

using HttpClientId = StrongId<struct HttpClientIdTag>;

struct HttpReply {
  HttpResponse response;
  // Set: `response` is only the head of an answer that goes on until one side ends it. Called once
  // the head is under way; `id` is for write_to_stream().
  std::function<void(HttpClientId id)> begin_stream = {};
};

struct HttpServerLimits {
  std::size_t connections_max = 64;
  Duration request_max = std::chrono::seconds(15);  // from a request's first byte to its last
  Duration answer_max = std::chrono::seconds(30);   // without a byte of an answer being taken
  Duration idle_max = std::chrono::seconds(60);
  std::size_t stream_behind_max = 256 * 1024;
};

class HttpServer final : private IoHandler {
 public:
  using Handler = std::function<HttpReply(const HttpRequest&)>;
  // A stream's reader is gone, or was cut off because it was too far behind.
  using StreamEndHandler = std::function<void(HttpClientId id, bool was_too_slow)>;

  HttpServer(EventLoop& loop, Handler handler, StreamEndHandler stream_ended,
             const HttpServerLimits& limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds an IP:PORT and begins to serve; answers what was bound.
  [[nodiscard]] Result<std::string> listen(const std::string& host_port);

  // Does nothing for a reader that is gone.
  void write_to_stream(HttpClientId id, std::string_view piece);

 private:
  class Client;
  void handle_io(std::uint32_t epoll_events) override;
  void accept_all();
  // For one more connection, at the cost of one that only waits; false if there is none such.
  [[nodiscard]] bool make_room();
  void pause(Duration within);
  // Its destruction waits for the end of the turn: it is usually in the middle of a call.
  void forget(HttpClientId id);

  EventLoop& loop_;
  Handler handler_;
  StreamEndHandler stream_ended_;
  HttpServerLimits limits_;
  Descriptor listener_;
  Timer accept_again_;
  std::map<HttpClientId, std::shared_ptr<Client>> clients_;
  std::uint64_t next_id_ = 1;
};

}  // namespace halfopen
