// When a NAT with on_expiry rst_both forgets, seen from outside: the RST's time, minus that of the
// connection's last packet, minus the timeout.
//
// Some connections have a byte as their last packet, some a keep-alive probe. A byte is read and
// acknowledged at once by the far end, so that no delayed ACK comes later. A probe cannot be asked
// of the kernel at an exact time, but leaving TCP_REPAIR mode sends the very same segment at once
// (net/ipv4/tcp.c, tcp_send_window_probe), which wants CAP_NET_ADMIN. The rest stay idle, and are
// there to be sampled.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/prng.hpp"
#include "tests/bench/load/crowd.hpp"

namespace halfopen::load {
namespace {

struct Watched {
  std::size_t client = 0;
  bool by_probe = false;
  std::int64_t due_ns = 0;      // when to send
  std::int64_t sent_at_ns = 0;  // when the last packet left; 0 before
  bool expired = false;
};

void send_probe(const Descriptor& socket) {
  const int on = 1;
  const int off = 0;
  if (setsockopt(socket.get(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0 ||
      setsockopt(socket.get(), IPPROTO_TCP, TCP_REPAIR, &off, sizeof off) != 0) {
    fail("TCP_REPAIR, by which a probe is sent", errno);
  }
}

class NatWatch {
 public:
  NatWatch(const Options& options, Crowd& crowd, std::int64_t begin_ns)
      : crowd_(crowd), timeout_ns_(options.need("timeout-ms") * kMillisecondNs) {
    Prng random{static_cast<std::uint64_t>(options.get("seed", 1))};
    const auto connections = static_cast<std::size_t>(options.need("connections"));
    const auto data = static_cast<std::size_t>(options.get("data", 0));
    const auto probe = static_cast<std::size_t>(options.get("probe", 0));
    if (data + probe > connections) fail("--data and --probe are more than --connections");
    const auto spread = static_cast<std::uint64_t>(options.get("spread-ms", 500) * kMillisecondNs);
    by_client_.resize(connections, nullptr);
    watched_.resize(data + probe);
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      const auto offset = static_cast<std::int64_t>(random.below(spread + 1));
      watched_[i] = {i, i >= data, begin_ns + offset};
      by_client_[i] = &watched_[i];
    }
    std::sort(watched_.begin(), watched_.end(),
              [](const Watched& a, const Watched& b) { return a.due_ns < b.due_ns; });
    for (Watched& each : watched_)
      by_client_[each.client] = &each;
  }

  void run() {
    const std::int64_t last_due = watched_.empty() ? now_ns() : watched_.back().due_ns;
    const std::int64_t patience = std::max(timeout_ns_ / 5, 3 * kSecondNs);
    const std::int64_t give_up = last_due + timeout_ns_ + patience;
    while (expired_ < watched_.size() && now_ns() < give_up) {
      send_due();
      const std::int64_t deadline = next_ < watched_.size() ? watched_[next_].due_ns : give_up;
      for (const auto& [client, events] : crowd_.wait(deadline))
        handle(client, events);
    }
  }

  [[nodiscard]] std::vector<std::int64_t> errors_ns(bool by_probe) const {
    std::vector<std::int64_t> found;
    for (const auto& [was_probe, error] : errors_) {
      if (was_probe == by_probe) found.push_back(error);
    }
    return found;
  }
  [[nodiscard]] std::size_t missing() const { return watched_.size() - expired_; }

 private:
  void send_due() {
    while (next_ < watched_.size() && watched_[next_].due_ns <= now_ns()) {
      Watched& each = watched_[next_++];
      const Descriptor& socket = crowd_.client(each.client).socket;
      if (each.expired || !socket.is_open()) continue;
      each.sent_at_ns = now_ns();
      const char data = 'd';
      if (each.by_probe) {
        send_probe(socket);
      } else if (write_some(socket, {&data, 1}) != 1) {
        fail("a byte was not taken");
      }
    }
  }

  void handle(std::size_t client, std::uint32_t events) {
    const std::int64_t now = now_ns();
    Watched* watched = by_client_[client];
    if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) == 0) fail("the far end spoke first");
    crowd_.client(client).socket = Descriptor{};
    if (watched == nullptr || watched->expired) return;
    watched->expired = true;
    ++expired_;
    if (watched->sent_at_ns == 0) fail("a connection ended before its last packet was sent");
    errors_.emplace_back(watched->by_probe, now - watched->sent_at_ns - timeout_ns_);
  }

  Crowd& crowd_;
  std::int64_t timeout_ns_;
  std::vector<Watched> watched_;
  std::vector<Watched*> by_client_;
  std::vector<std::pair<bool, std::int64_t>> errors_;
  std::size_t next_ = 0;
  std::size_t expired_ = 0;
};

}  // namespace

int run_nat(const Options& options) {
  Crowd crowd{options.port("listen"), options.port("connect"),
              static_cast<std::size_t>(options.need("connections"))};
  std::printf("{\"held\": %lld}\n", static_cast<long long>(options.need("connections")));
  std::fflush(stdout);
  NatWatch watch{options, crowd, now_ns() + options.get("after-ms", 500) * kMillisecondNs};
  watch.run();
  std::printf("{\"data\": {%s}, \"probe\": {%s}, \"missing\": %zu}\n",
              summary(watch.errors_ns(false), 1e6).c_str(),
              summary(watch.errors_ns(true), 1e6).c_str(), watch.missing());
  crowd.close_all();
  return 0;
}

}  // namespace halfopen::load
