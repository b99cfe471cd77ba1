// Readiness of many sockets, level-triggered, dispatched on the program's io_context.
//
// Intuition: Asio reports an error on a socket only to an operation that waits for it; a relay must
// hear of errors and hang-ups always, also when it wants neither to read nor to write. epoll
// reports those two whatever was asked for, so the relay has an epoll of its own, and Asio waits
// for that one descriptor.
//
// Invariants: a handler is never called after remove(); a descriptor number that is closed and
// reused within one batch of events does not receive the old one's events.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

namespace halfopen {

class Poller {
 public:
  using Token = std::uint64_t;
  using Handler = std::function<void(std::uint32_t epoll_events)>;

  explicit Poller(boost::asio::io_context& context);

  // `epoll_events` may be 0: EPOLLERR and EPOLLHUP are reported all the same.
  [[nodiscard]] Token add(int descriptor, std::uint32_t epoll_events, Handler handler);
  void change(Token token, int descriptor, std::uint32_t epoll_events);
  // Before the descriptor is closed.
  void remove(Token token, int descriptor);

  [[nodiscard]] boost::asio::io_context& context() { return context_; }

 private:
  void wait();
  void dispatch();

  boost::asio::io_context& context_;
  boost::asio::posix::stream_descriptor epoll_;
  Token next_token_ = 1;
  // Looked up, never iterated. Shared, so that a handler that removes itself stays alive meanwhile.
  std::unordered_map<Token, std::shared_ptr<Handler>> handlers_;
};

}  // namespace halfopen
