#include "tests/bench/load/crowd.hpp"

namespace halfopen::load {
namespace {

constexpr std::uint64_t kListenerTag = 0;
constexpr std::uint64_t kServerTag = std::uint64_t{1} << 32U;
constexpr std::size_t kInFlight = 100;
constexpr std::int64_t kOpeningMax = 60 * kSecondNs;
// This byte is echoed; any other is only acknowledged.
constexpr char kEchoMe = 'e';

}  // namespace

Crowd::Crowd(std::uint16_t listen_port, std::uint16_t connect_port, std::size_t connections)
    : port_(connect_port), wanted_(connections), listener_(listen_on(listen_port)) {
  epoll_.add(listener_, EPOLLIN, kListenerTag);
  clients_.reserve(wanted_);
  for (std::size_t i = 0; i < std::min(kInFlight, wanted_); ++i)
    begin_next();
  const std::int64_t deadline = now_ns() + kOpeningMax;
  while (proven_ < wanted_) {
    if (now_ns() >= deadline) {
      fail("only " + std::to_string(proven_) + " of " + std::to_string(wanted_) +
           " connections were relayed within a minute");
    }
    (void)wait(deadline);
  }
}

std::vector<Crowd::ClientEvent> Crowd::wait(std::int64_t deadline_ns) {
  std::vector<ClientEvent> reported;
  for (const epoll_event& event : epoll_.wait(deadline_ns)) {
    const std::uint64_t tag = event.data.u64;
    if (tag == kListenerTag) {
      accept_all();
    } else if (tag >= kServerTag) {
      handle_server(tag - kServerTag);
    } else if (!clients_[tag - 1].proven) {
      handle_new_client(tag, event.events);
    } else if (clients_[tag - 1].socket.is_open()) {
      reported.emplace_back(tag - 1, event.events);
    }
  }
  return reported;
}

void Crowd::begin_next() {
  if (clients_.size() == wanted_) return;
  clients_.push_back({connect_to(port_)});
  epoll_.add(clients_.back().socket, EPOLLOUT, clients_.size());
}

void Crowd::handle_new_client(std::uint64_t tag, std::uint32_t events) {
  Client& client = clients_[tag - 1];
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    fail("a connection broke while it was opened", take_error(client.socket));
  }
  if (!client.asked) {
    client.asked = true;
    if (write_some(client.socket, {&kEchoMe, 1}) != 1) fail("the first byte was not taken");
    return epoll_.modify(client.socket, EPOLLIN | EPOLLRDHUP, tag);
  }
  char echo = 0;
  if (read_some(client.socket, {&echo, 1}) != 1) fail("the first byte did not come back");
  acknowledge_now(client.socket);
  client.proven = true;
  ++proven_;
  begin_next();
}

void Crowd::handle_server(std::uint64_t tag) {
  Descriptor& server = servers_[tag];
  if (!server.is_open()) return;
  char byte = 0;
  const auto bytes = read_some(server, {&byte, 1});
  if (!bytes) {
    server = Descriptor{};
  } else if (*bytes == 1) {
    acknowledge_now(server);
    if (byte == kEchoMe && write_some(server, {&byte, 1}) != 1) server = Descriptor{};
  }
}

void Crowd::accept_all() {
  while (auto accepted = accept_from(listener_)) {
    epoll_.add(*accepted, EPOLLIN, kServerTag + servers_.size());
    servers_.push_back(std::move(*accepted));
  }
}

void Crowd::close_all() {
  for (Client& each : clients_)
    close_by_reset(std::move(each.socket));
  for (Descriptor& each : servers_) {
    if (each.is_open()) close_by_reset(std::move(each));
  }
}

}  // namespace halfopen::load
