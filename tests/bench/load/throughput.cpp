// Bulk: so many streams from the client's side to the upstream's, as fast as they go.
//
// The window that is counted begins after a warm-up, when TCP's buffers have grown. Sending and
// receiving take turns of a bounded size, so that neither starves the other. A connection that a
// proxy still makes for an earlier load comes and goes unnoticed.
#include <cstdio>

#include "tests/bench/load/commands.hpp"
#include "tests/bench/load/sockets.hpp"

namespace halfopen::load {
namespace {

constexpr std::size_t kBufferBytes = 131072;
constexpr std::uint64_t kListenerTag = 0;
constexpr std::uint64_t kSourceTag = std::uint64_t{1} << 32U;

struct Sink {
  Descriptor socket;
  bool flows = false;
};

class Throughput {
 public:
  explicit Throughput(const Options& options)
      : listener_(listen_on(options.port("listen"))), buffer_(kBufferBytes, 'x') {
    epoll_.add(listener_, EPOLLIN, kListenerTag);
    for (std::int64_t i = 0; i < options.need("streams"); ++i) {
      sources_.push_back(connect_to(options.port("connect")));
      epoll_.add(sources_.back(), EPOLLOUT, kSourceTag + sources_.size() - 1);
    }
  }

  // Returns when every stream has had a byte arrive.
  void run_until_all_flow(std::int64_t deadline_ns) {
    while (flowing_ < sources_.size()) {
      if (now_ns() >= deadline_ns) {
        fail("only " + std::to_string(flowing_) + " of " + std::to_string(sources_.size()) +
             " streams flow");
      }
      for (const epoll_event& event : epoll_.wait(deadline_ns))
        handle(event);
    }
  }

  // Bytes that arrived until then, all in all.
  std::uint64_t run_until(std::int64_t deadline_ns) {
    while (now_ns() < deadline_ns) {
      for (const epoll_event& event : epoll_.wait(deadline_ns))
        handle(event);
    }
    return received_;
  }

 private:
  void handle(const epoll_event& event) {
    const std::uint64_t tag = event.data.u64;
    if (tag == kListenerTag) return accept_all();
    if (tag >= kSourceTag) {
      if (!write_some(sources_[tag - kSourceTag], buffer_)) fail("a source was cut off");
      return;
    }
    Sink& sink = sinks_[tag - 1];
    const auto bytes = read_some(sink.socket, buffer_);
    if (!bytes) {
      sink.socket = Descriptor{};
      return;
    }
    if (!sink.flows && *bytes > 0) {
      sink.flows = true;
      ++flowing_;
    }
    received_ += *bytes;
  }

  void accept_all() {
    while (auto accepted = accept_from(listener_)) {
      sinks_.push_back({std::move(*accepted), false});
      epoll_.add(sinks_.back().socket, EPOLLIN, sinks_.size());
    }
  }

  Epoll epoll_;
  Descriptor listener_;
  std::vector<char> buffer_;
  std::vector<Descriptor> sources_;
  std::vector<Sink> sinks_;
  std::size_t flowing_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace

int run_throughput(const Options& options) {
  Throughput load{options};
  load.run_until_all_flow(now_ns() + 10 * kSecondNs);
  const std::int64_t begin = now_ns() + options.get("warmup-ms", 300) * kMillisecondNs;
  const std::uint64_t before = load.run_until(begin);
  const std::int64_t started = now_ns();
  const std::uint64_t total = load.run_until(started + options.need("ms") * kMillisecondNs);
  const double seconds = static_cast<double>(now_ns() - started) / kSecondNs;
  std::printf("{\"gbit_s\": %.4f, \"total_bytes\": %llu}\n",
              static_cast<double>(total - before) * 8 / seconds / 1e9,
              static_cast<unsigned long long>(total));
  return 0;
}

}  // namespace halfopen::load
