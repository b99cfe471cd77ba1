// The least that delays a stream: epoll, one timerfd, a queue. What the latency fault is compared
// with, because no proxy can be more punctual than this on the same machine.
//
// The delay is the same for all, so the queue is in order of the deadlines, and only its head needs
// the timer. Only what comes from the upstream is delayed.
#include <sys/timerfd.h>

#include <cerrno>
#include <cstdio>
#include <deque>
#include <memory>

#include "tests/bench/load/commands.hpp"
#include "tests/bench/load/sockets.hpp"

namespace halfopen::load {
namespace {

constexpr std::uint64_t kListenerTag = 0;
constexpr std::uint64_t kTimerTag = 1;
constexpr std::uint64_t kFirstTag = 2;

struct Pair {
  Descriptor client;
  Descriptor upstream;
};

struct Delayed {
  std::int64_t due_ns;
  std::shared_ptr<Pair> pair;
  std::vector<char> bytes;
};

class Delayer {
 public:
  explicit Delayer(const Options& options)
      : upstream_port_(options.port("upstream")),
        delay_ns_(options.need("delay-us") * 1000),
        listener_(listen_on(options.port("listen"))),
        timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (!timer_.is_open()) fail("timerfd_create", errno);
    epoll_.add(listener_, EPOLLIN, kListenerTag);
    epoll_.add(timer_, EPOLLIN, kTimerTag);
  }

  [[noreturn]] void run() {
    for (;;) {
      for (const epoll_event& event : epoll_.wait(-1))
        handle(event.data.u64);
      send_due();
    }
  }

 private:
  void handle(std::uint64_t tag) {
    if (tag == kListenerTag) return accept_all();
    if (tag == kTimerTag) return;  // send_due() follows every turn, and sets the timer anew
    const std::shared_ptr<Pair>& pair = pairs_[(tag - kFirstTag) / 2];
    if (!pair) return;
    const bool from_client = (tag - kFirstTag) % 2 == 0;
    const auto bytes = read_some(from_client ? pair->client : pair->upstream, buffer_);
    if (!bytes) {
      pairs_[(tag - kFirstTag) / 2].reset();
    } else if (from_client) {
      (void)write_some(pair->upstream, {buffer_.data(), *bytes});
    } else if (*bytes > 0) {
      queue_.push_back({now_ns() + delay_ns_, pair, {buffer_.data(), buffer_.data() + *bytes}});
    }
  }

  void send_due() {
    while (!queue_.empty() && queue_.front().due_ns <= now_ns()) {
      (void)write_some(queue_.front().pair->client, queue_.front().bytes);
      queue_.pop_front();
    }
    const std::int64_t due = queue_.empty() ? 0 : queue_.front().due_ns;
    if (due == armed_ns_) return;
    armed_ns_ = due;
    const itimerspec when{{}, {due / kSecondNs, due % kSecondNs}};
    if (timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0) {
      fail("timerfd_settime", errno);
    }
  }

  void accept_all() {
    while (auto accepted = accept_from(listener_)) {
      auto pair = std::make_shared<Pair>();
      pair->client = std::move(*accepted);
      pair->upstream = connect_to(upstream_port_);
      const std::uint64_t tag = kFirstTag + 2 * pairs_.size();
      epoll_.add(pair->client, EPOLLIN, tag);
      epoll_.add(pair->upstream, EPOLLIN, tag + 1);
      pairs_.push_back(std::move(pair));
    }
  }

  std::uint16_t upstream_port_;
  std::int64_t delay_ns_;
  Epoll epoll_;
  Descriptor listener_;
  Descriptor timer_;
  std::int64_t armed_ns_ = 0;
  std::array<char, 65536> buffer_{};
  std::vector<std::shared_ptr<Pair>> pairs_;
  std::deque<Delayed> queue_;
};

}  // namespace

int run_delayer(const Options& options) {
  Delayer{options}.run();
}

}  // namespace halfopen::load
