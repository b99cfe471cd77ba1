// Small messages: each connection sends one, waits for its echo, and sends the next.
//
// With a delay in the proxy the same load measures the delay: what a round trip takes beyond it.
#include <cstdio>

#include "tests/bench/load/commands.hpp"
#include "tests/bench/load/sockets.hpp"

namespace halfopen::load {
namespace {

constexpr std::uint64_t kListenerTag = 0;
constexpr std::uint64_t kClientTag = std::uint64_t{1} << 32U;

struct Client {
  Descriptor socket;
  std::int64_t sent_at_ns = 0;
  std::size_t outstanding = 0;  // bytes of the echo that are still to come
};

class PingPong {
 public:
  explicit PingPong(const Options& options)
      : message_(static_cast<std::size_t>(options.get("bytes", 64)), 'p'),
        buffer_(message_.size() * 2),
        listener_(listen_on(options.port("listen"))) {
    epoll_.add(listener_, EPOLLIN, kListenerTag);
    for (std::int64_t i = 0; i < options.need("connections"); ++i) {
      clients_.push_back({connect_to(options.port("connect"))});
      // The first event is that it is connected; handle_client() then asks for what is read.
      epoll_.add(clients_.back().socket, EPOLLOUT, kClientTag + clients_.size() - 1);
    }
  }

  void run_until(std::int64_t deadline_ns) {
    while (now_ns() < deadline_ns) {
      for (const epoll_event& event : epoll_.wait(deadline_ns))
        handle(event);
    }
  }

  std::vector<std::int64_t> take_round_trips() { return std::exchange(round_trips_ns_, {}); }

 private:
  void handle(const epoll_event& event) {
    const std::uint64_t tag = event.data.u64;
    if (tag == kListenerTag) return accept_all();
    if (tag >= kClientTag) return handle_client(tag);
    Descriptor& server = servers_[tag - 1];
    if (!server.is_open()) return;
    const auto bytes = read_some(server, buffer_);
    // A connection that a proxy still makes for an earlier load comes and goes unnoticed; one of
    // this load is missed at the client's side.
    if (!bytes) {
      server = Descriptor{};
    } else if (*bytes > 0) {
      send_all(server, {buffer_.data(), *bytes});
    }
  }

  void handle_client(std::uint64_t tag) {
    Client& client = clients_[tag - kClientTag];
    if (client.sent_at_ns == 0) {
      if (const int error = take_error(client.socket); error != 0) fail("connect", error);
      epoll_.modify(client.socket, EPOLLIN, tag);
      return send_ping(client);
    }
    const auto bytes = read_some(client.socket, buffer_);
    if (!bytes) fail("the client's side was cut off");
    client.outstanding -= *bytes;
    if (client.outstanding > 0) return;
    round_trips_ns_.push_back(now_ns() - client.sent_at_ns);
    send_ping(client);
  }

  void send_ping(Client& client) {
    client.outstanding = message_.size();
    client.sent_at_ns = now_ns();
    send_all(client.socket, message_);
  }

  // A message this small always fits into an empty socket.
  static void send_all(const Descriptor& socket, std::span<const char> bytes) {
    if (write_some(socket, bytes) != bytes.size()) fail("a message was not taken whole");
  }

  void accept_all() {
    while (auto accepted = accept_from(listener_)) {
      servers_.push_back(std::move(*accepted));
      epoll_.add(servers_.back(), EPOLLIN, servers_.size());
    }
  }

  Epoll epoll_;
  std::vector<char> message_;
  std::vector<char> buffer_;
  Descriptor listener_;
  std::vector<Client> clients_;
  std::vector<Descriptor> servers_;
  std::vector<std::int64_t> round_trips_ns_;
};

}  // namespace

int run_ping_pong(const Options& options) {
  PingPong load{options};
  load.run_until(now_ns() + options.get("warmup-ms", 200) * kMillisecondNs);
  (void)load.take_round_trips();
  const std::int64_t started = now_ns();
  load.run_until(started + options.need("ms") * kMillisecondNs);
  const double seconds = static_cast<double>(now_ns() - started) / kSecondNs;
  const auto round_trips = load.take_round_trips();
  if (round_trips.empty()) fail("no message came back");
  std::printf("{\"per_second\": %.2f, %s}\n", static_cast<double>(round_trips.size()) / seconds,
              summary(round_trips, 1e3).c_str());
  return 0;
}

}  // namespace halfopen::load
