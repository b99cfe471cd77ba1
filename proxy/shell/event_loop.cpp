#include "proxy/shell/event_loop.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "base/assert.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kEventsPerBatch = 128;

timespec as_timespec(Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  timespec converted{};
  converted.tv_sec = seconds.count();
  converted.tv_nsec = (duration - seconds).count();
  return converted;
}

}  // namespace

void Timer::arm(Instant at) {
  deadline_ = at;
  if (!position_) {
    loop_.timers_.push_back(this);
    position_ = loop_.timers_.size() - 1;
  }
  loop_.place(*position_);
}

void Timer::cancel() {
  if (position_) loop_.drop(*position_);
}

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.is_open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  // The kernel may else be 50 microseconds late in order to save wake-ups.
  prctl(PR_SET_TIMERSLACK, 1UL);
}

void EventLoop::add(int descriptor, std::uint32_t epoll_events, IoHandler& handler) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = &handler;
  const int result = epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
  HALFOPEN_ASSERT(result == 0);
}

void EventLoop::change(int descriptor, std::uint32_t epoll_events, IoHandler& handler) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = &handler;
  const int result = epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
  HALFOPEN_ASSERT(result == 0);
}

void EventLoop::remove(int descriptor, IoHandler& handler) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
  for (epoll_event& event : undispatched_) {
    if (event.data.ptr == &handler) event.data.ptr = nullptr;
  }
}

void EventLoop::run() {
  is_stopped_ = false;
  while (!is_stopped_)
    turn();
}

void EventLoop::turn() {
  std::array<epoll_event, kEventsPerBatch> events;
  timespec timeout{};
  timespec* wait = &timeout;
  if (posted_.empty()) {
    if (timers_.empty()) {
      wait = nullptr;
    } else {
      timeout = as_timespec(std::max(timers_.front()->deadline_ - monotonic_now(), Duration{0}));
    }
  }
  const int count =
      epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), wait, nullptr);
  if (count < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  }
  if (count > 0) dispatch(std::span(events).first(static_cast<std::size_t>(count)));
  run_due_timers();
  run_posted();
}

void EventLoop::dispatch(std::span<epoll_event> batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    undispatched_ = batch.subspan(i + 1);
    // Null where an earlier handler of this batch has removed it.
    auto* handler = static_cast<IoHandler*>(batch[i].data.ptr);
    if (handler != nullptr) handler->handle_io(batch[i].events);
  }
  undispatched_ = {};
}

void EventLoop::run_due_timers() {
  if (timers_.empty()) return;
  // One reading of the clock for all: a timer that arms itself for now comes in the next turn. One
  // that arms itself for a time that has passed must not keep the turn from ending, either.
  const Instant now = monotonic_now();
  for (std::size_t left = timers_.size(); left > 0; --left) {
    if (timers_.empty() || timers_.front()->deadline_ > now) break;
    Timer* due = timers_.front();
    drop(0);
    due->handler_();
  }
}

void EventLoop::forget_posted() {
  while (!posted_.empty())
    std::exchange(posted_, {}).clear();
}

void EventLoop::run_posted() {
  for (auto& work : std::exchange(posted_, {}))
    work();
}

void EventLoop::put(std::size_t position, Timer* timer) {
  timers_[position] = timer;
  timer->position_ = position;
}

void EventLoop::place(std::size_t position) {
  Timer* timer = timers_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (timers_[parent]->deadline_ <= timer->deadline_) break;
    put(position, timers_[parent]);
    position = parent;
  }
  while (true) {
    std::size_t child = 2 * position + 1;
    if (child >= timers_.size()) break;
    if (child + 1 < timers_.size() && timers_[child + 1]->deadline_ < timers_[child]->deadline_) {
      ++child;
    }
    if (timer->deadline_ <= timers_[child]->deadline_) break;
    put(position, timers_[child]);
    position = child;
  }
  put(position, timer);
}

void EventLoop::drop(std::size_t position) {
  Timer* dropped = timers_[position];
  dropped->position_.reset();
  Timer* last = timers_.back();
  timers_.pop_back();
  if (last == dropped) return;
  timers_[position] = last;
  place(position);
}

}  // namespace halfopen
