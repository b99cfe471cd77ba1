// Many connections that are open at once, each proven by one echoed byte before it counts.
#pragma once

#include "tests/bench/load/commands.hpp"
#include "tests/bench/load/sockets.hpp"

namespace halfopen::load {

class Crowd {
 public:
  // Opens `connections`, a few at a time, and returns when each has had a byte echoed. Ends the
  // program if that takes over a minute.
  Crowd(std::uint16_t listen_port, std::uint16_t connect_port, std::size_t connections);

  struct Client {
    Descriptor socket;
    bool asked = false;
    bool proven = false;
  };

  // What a client's socket reports while somebody waits below: its index and its epoll events.
  using ClientEvent = std::pair<std::size_t, std::uint32_t>;
  // Serves the upstream's side until the deadline at the latest; returns what clients reported.
  [[nodiscard]] std::vector<ClientEvent> wait(std::int64_t deadline_ns);

  [[nodiscard]] Client& client(std::size_t index) { return clients_.at(index); }
  // Closes everything with resets, so that the next load finds its ports free.
  void close_all();

 private:
  void begin_next();
  void handle_new_client(std::uint64_t tag, std::uint32_t events);
  void handle_server(std::uint64_t tag);
  void accept_all();

  std::uint16_t port_;
  std::size_t wanted_;
  std::size_t proven_ = 0;
  Epoll epoll_;
  Descriptor listener_;
  std::vector<Client> clients_;
  std::vector<Descriptor> servers_;
};

}  // namespace halfopen::load
