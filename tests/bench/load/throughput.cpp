// Bulk: so many streams from the client's side to the upstream's, as fast as they go.
//
// The window that is counted begins after a warm-up, when TCP's buffers have grown. Sending and
// receiving take turns of a bounded size, so that neither starves the other.
#include <cstdio>
#include <deque>

#include "tests/bench/load/commands.hpp"
#include "tests/bench/load/sockets.hpp"

namespace halfopen::load {
namespace {

constexpr std::size_t kBufferBytes = 131072;
constexpr std::uint64_t kListenerTag = 0;
constexpr std::uint64_t kSourceTag = std::uint64_t{1} << 32U;

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

  // Bytes that arrived until then, all in all.
  std::uint64_t run_until(std::int64_t deadline_ns) {
    while (now_ns() < deadline_ns) {
      for (const epoll_event& event : epoll_.wait(deadline_ns))
        handle(event);
    }
    return received_;
  }

  [[nodiscard]] bool all_connected() const { return sinks_.size() == sources_.size(); }

 private:
  void handle(const epoll_event& event) {
    const std::uint64_t tag = event.data.u64;
    if (tag == kListenerTag) return accept_all();
    if (tag >= kSourceTag) {
      if (!write_some(sources_[tag - kSourceTag], buffer_)) fail("a source was cut off");
      return;
    }
    const auto bytes = read_some(sinks_[tag - 1], buffer_);
    if (!bytes) fail("a sink was cut off");
    received_ += *bytes;
  }

  void accept_all() {
    while (auto accepted = accept_from(listener_)) {
      sinks_.push_back(std::move(*accepted));
      epoll_.add(sinks_.back(), EPOLLIN, sinks_.size());
    }
  }

  Epoll epoll_;
  Descriptor listener_;
  std::vector<char> buffer_;
  std::vector<Descriptor> sources_;
  std::vector<Descriptor> sinks_;
  std::uint64_t received_ = 0;
};

}  // namespace

int run_throughput(const Options& options) {
  Throughput load{options};
  const std::int64_t begin = now_ns() + options.get("warmup-ms", 300) * kMillisecondNs;
  const std::uint64_t before = load.run_until(begin);
  if (!load.all_connected()) fail("not every stream was connected within the warm-up");
  const std::int64_t started = now_ns();
  const std::uint64_t total = load.run_until(started + options.need("ms") * kMillisecondNs);
  const double seconds = static_cast<double>(now_ns() - started) / kSecondNs;
  std::printf("{\"gbit_s\": %.4f, \"total_bytes\": %llu}\n",
              static_cast<double>(total - before) * 8 / seconds / 1e9,
              static_cast<unsigned long long>(total));
  return 0;
}

}  // namespace halfopen::load
