#include "proxy/shell/poller.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/assert.hpp"

namespace halfopen {
namespace {

constexpr int kEventsPerBatch = 64;

int make_epoll() {
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return descriptor;
}

}  // namespace

Poller::Poller(boost::asio::io_context& context)
    : context_(context), epoll_(context, make_epoll()) {
  wait();
}

Poller::Token Poller::add(int descriptor, std::uint32_t epoll_events, Handler handler) {
  const Token token = next_token_++;
  epoll_event event{};
  event.events = epoll_events;
  event.data.u64 = token;
  const int result = epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, descriptor, &event);
  HALFOPEN_ASSERT(result == 0);
  handlers_.emplace(token, std::make_shared<Handler>(std::move(handler)));
  return token;
}

void Poller::change(Token token, int descriptor, std::uint32_t epoll_events) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.u64 = token;
  const int result = epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, descriptor, &event);
  HALFOPEN_ASSERT(result == 0);
}

void Poller::remove(Token token, int descriptor) {
  handlers_.erase(token);
  epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void Poller::wait() {
  epoll_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this](boost::system::error_code error) {
                      if (error) return;
                      dispatch();
                      wait();
                    });
}

void Poller::dispatch() {
  std::array<epoll_event, kEventsPerBatch> events{};
  const int count = epoll_wait(epoll_.native_handle(), events.data(), kEventsPerBatch, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events.at(static_cast<std::size_t>(i));
    const auto found = handlers_.find(event.data.u64);
    if (found == handlers_.end()) continue;  // removed by an earlier handler of this batch
    const auto handler = found->second;
    (*handler)(event.events);
  }
}

}  // namespace halfopen
