// Votes: every client casts one on a node, waits until all its peers have it, and casts the next.
//
// Clients are spread over the nodes, whose admin ports follow each other. A node's answer comes
// when each of its peers has acknowledged, so a round trip is cast to acknowledged by all.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "tests/bench/load/commands.hpp"
#include "tests/bench/load/sockets.hpp"

namespace halfopen::load {
namespace {

constexpr std::string_view kRequest =
    "POST /votes?wait=peers HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kGood = "HTTP/1.1 200 ";
constexpr std::size_t kAnswerBytesMax = 4096;

// Where the answer at the start of `bytes` ends; 0 while it is not whole.
std::size_t answer_size(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t at = bytes.substr(0, head).find(kLength);
  if (at == std::string_view::npos) fail("an answer without a length");
  std::size_t length = 0;
  std::from_chars(bytes.data() + at + kLength.size(), bytes.data() + head, length);
  const std::size_t end = head + 4 + length;
  return end <= bytes.size() ? end : 0;
}

struct Client {
  Descriptor socket;
  std::int64_t sent_at_ns = 0;
  std::string answer;
};

class Votes {
 public:
  explicit Votes(const Options& options) {
    const std::int64_t nodes = options.need("nodes");
    for (std::int64_t i = 0; i < options.need("outstanding"); ++i) {
      clients_.push_back(
          {connect_to(static_cast<std::uint16_t>(options.port("first-port") + i % nodes)), 0, {}});
      epoll_.add(clients_.back().socket, EPOLLOUT, clients_.size() - 1);
    }
  }

  void run_until(std::int64_t deadline_ns) {
    while (now_ns() < deadline_ns) {
      for (const epoll_event& event : epoll_.wait(deadline_ns))
        handle(event.data.u64);
    }
  }

  std::vector<std::int64_t> take_round_trips() { return std::exchange(round_trips_ns_, {}); }

 private:
  void handle(std::uint64_t tag) {
    Client& client = clients_[tag];
    if (client.sent_at_ns == 0) {
      if (const int error = take_error(client.socket); error != 0) fail("connect", error);
      epoll_.modify(client.socket, EPOLLIN, tag);
      return cast(client);
    }
    const auto bytes = read_some(client.socket, buffer_);
    if (!bytes) fail("a node closed the connection");
    client.answer.append(buffer_.data(), *bytes);
    if (client.answer.size() > kAnswerBytesMax) fail("an answer is too long");
    const std::size_t end = answer_size(client.answer);
    if (end == 0) return;
    if (!client.answer.starts_with(kGood) || end != client.answer.size()) {
      fail("a vote was not taken: " + client.answer);
    }
    round_trips_ns_.push_back(now_ns() - client.sent_at_ns);
    cast(client);
  }

  static void cast(Client& client) {
    client.answer.clear();
    client.sent_at_ns = now_ns();
    // A request this small always fits into an empty socket.
    if (write_some(client.socket, kRequest) != kRequest.size()) fail("a request was not taken");
  }

  Epoll epoll_;
  std::array<char, kAnswerBytesMax> buffer_{};
  std::vector<Client> clients_;
  std::vector<std::int64_t> round_trips_ns_;
};

}  // namespace

int run_votes(const Options& options) {
  Votes load{options};
  load.run_until(now_ns() + options.get("warmup-ms", 300) * kMillisecondNs);
  (void)load.take_round_trips();
  const std::int64_t started = now_ns();
  load.run_until(started + options.need("ms") * kMillisecondNs);
  const double seconds = static_cast<double>(now_ns() - started) / kSecondNs;
  const auto round_trips = load.take_round_trips();
  if (round_trips.empty()) fail("no vote was acknowledged by all");
  std::printf("{\"per_second\": %.2f, %s}\n", static_cast<double>(round_trips.size()) / seconds,
              summary(round_trips, 1e6).c_str());
  return 0;
}

}  // namespace halfopen::load
