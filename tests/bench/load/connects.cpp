// Connections a second: so many clients at a time connect, have one message echoed, close, and
// begin again. The client closes first, as most do.
#include <cstdio>
#include <unordered_map>

#include "tests/bench/load/commands.hpp"
#include "tests/bench/load/sockets.hpp"

namespace halfopen::load {
namespace {

constexpr std::uint64_t kListenerTag = 0;
constexpr std::uint64_t kServerTag = std::uint64_t{1} << 32U;
constexpr std::array<char, 64> kMessage{};

class Connects {
 public:
  explicit Connects(const Options& options)
      : port_(options.port("connect")), listener_(listen_on(options.port("listen"))) {
    epoll_.add(listener_, EPOLLIN, kListenerTag);
    clients_.resize(static_cast<std::size_t>(options.get("concurrency", 50)));
    for (std::size_t i = 0; i < clients_.size(); ++i)
      begin(i);
  }

  void run_until(std::int64_t deadline_ns) {
    while (now_ns() < deadline_ns) {
      for (const epoll_event& event : epoll_.wait(deadline_ns))
        handle(event);
    }
  }

  std::uint64_t completed = 0;
  std::uint64_t failed = 0;

 private:
  struct Client {
    Descriptor socket;
    bool asked = false;
  };

  void begin(std::size_t index) {
    clients_[index] = {connect_to(port_)};
    epoll_.add(clients_[index].socket, EPOLLOUT, index + 1);
  }

  void handle(const epoll_event& event) {
    const std::uint64_t tag = event.data.u64;
    if (tag == kListenerTag) return accept_all();
    if (tag >= kServerTag) return handle_server(tag);
    Client& client = clients_[tag - 1];
    if (!client.asked) {
      client.asked = true;
      if (take_error(client.socket) != 0 || !write_some(client.socket, kMessage)) {
        return end(tag - 1, failed);
      }
      return epoll_.modify(client.socket, EPOLLIN, tag);
    }
    const auto bytes = read_some(client.socket, buffer_);
    if (!bytes) return end(tag - 1, failed);
    if (*bytes > 0) end(tag - 1, completed);
  }

  void end(std::size_t index, std::uint64_t& outcome) {
    ++outcome;
    begin(index);
  }

  void handle_server(std::uint64_t tag) {
    // Two events of one turn may name it, and the first may have closed it.
    const auto found = servers_.find(tag);
    if (found == servers_.end()) return;
    const auto bytes = read_some(found->second, buffer_);
    if (bytes && *bytes == 0) return;
    if (bytes && write_some(found->second, {buffer_.data(), *bytes})) return;
    servers_.erase(found);
  }

  void accept_all() {
    while (auto accepted = accept_from(listener_)) {
      const std::uint64_t tag = kServerTag + ++accepted_;
      epoll_.add(*accepted, EPOLLIN, tag);
      servers_.emplace(tag, std::move(*accepted));
    }
  }

  std::uint16_t port_;
  Epoll epoll_;
  Descriptor listener_;
  std::array<char, 4096> buffer_{};
  std::vector<Client> clients_;
  std::unordered_map<std::uint64_t, Descriptor> servers_;
  std::uint64_t accepted_ = 0;
};

}  // namespace

int run_connects(const Options& options) {
  Connects load{options};
  load.run_until(now_ns() + options.get("warmup-ms", 200) * kMillisecondNs);
  const std::uint64_t before = load.completed;
  const std::int64_t started = now_ns();
  load.run_until(started + options.need("ms") * kMillisecondNs);
  const double seconds = static_cast<double>(now_ns() - started) / kSecondNs;
  std::printf("{\"per_second\": %.2f, \"failed\": %llu}\n",
              static_cast<double>(load.completed - before) / seconds,
              static_cast<unsigned long long>(load.failed));
  return 0;
}

}  // namespace halfopen::load
