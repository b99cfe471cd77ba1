// The program's one loop: readiness of sockets, timers to the nanosecond, and work for later.
//
// Intuition: a relay must hear of errors and hang-ups always, also when it wants neither to read
// nor to write. epoll reports those two whatever was asked for, and reports are level-triggered, so
// what one turn leaves undone comes again. Timers are a heap: arming one costs a few comparisons,
// and what idles costs nothing at all.
//
// Invariants: a handler is never called after remove(), also not for an event of the same batch; a
// timer is never early; what post() was given runs after the current batch, outside of any handler.
#pragma once

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "proxy/shell/descriptor.hpp"

namespace halfopen {

// Who is told of a descriptor's events. Owned by whoever registers it.
class IoHandler {
 public:
  virtual void handle_io(std::uint32_t epoll_events) = 0;

 protected:
  ~IoHandler() = default;
};

class EventLoop;

// One moment to be woken at. Disarmed by its destructor.
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> handler)
      : loop_(loop), handler_(std::move(handler)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces an earlier deadline. It goes off once, at `at` or as soon after as the machine allows.
  void arm(Instant at);
  void cancel();
  [[nodiscard]] bool is_armed() const { return position_.has_value(); }
  [[nodiscard]] Instant deadline() const { return deadline_; }

 private:
  friend class EventLoop;
  EventLoop& loop_;
  std::function<void()> handler_;
  Instant deadline_;
  std::optional<std::size_t> position_;  // in the heap
};

class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // `epoll_events` may be 0: EPOLLERR and EPOLLHUP are reported all the same.
  void add(int descriptor, std::uint32_t epoll_events, IoHandler& handler);
  void change(int descriptor, std::uint32_t epoll_events, IoHandler& handler);
  // Before the descriptor is closed.
  void remove(int descriptor, IoHandler& handler);

  void post(std::function<void()> work) { posted_.push_back(std::move(work)); }
  // Destroys, without running it, what was posted: for the end of the program, when what it holds
  // needs others that go before the loop does.
  void forget_posted();

  // Until stop().
  void run();
  void stop() { is_stopped_ = true; }

 private:
  friend class Timer;
  void turn();
  void dispatch(std::span<epoll_event> batch);
  void run_due_timers();
  void run_posted();
  // Sifts a timer to where its deadline belongs.
  void place(std::size_t position);
  void put(std::size_t position, Timer* timer);
  void drop(std::size_t position);

  Descriptor epoll_;
  std::vector<Timer*> timers_;
  std::vector<std::function<void()>> posted_;
  std::span<epoll_event> undispatched_;
  bool is_stopped_ = false;
};

}  // namespace halfopen
