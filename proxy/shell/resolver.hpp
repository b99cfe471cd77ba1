// Host names to addresses without waiting (c-ares, kept behind this header).
//
// Intuition: an upstream may be a name, as Toxiproxy allows, and a name server may never answer. So
// a look-up is a question whose answer comes in a later turn of the loop, or not at all once it was
// cancelled. Addresses need no look-up and are answered at once.
//
// Invariants: a handler is called at most once, and never after cancel().
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "proxy/shell/event_loop.hpp"

namespace halfopen {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

class Resolver {
 public:
  using Handler = std::function<void(Result<Endpoints>)>;
  using Question = std::uint64_t;

  explicit Resolver(EventLoop& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Without a name server: addresses, "localhost", the names of the hosts file, and "" for all
  // addresses of this machine.
  [[nodiscard]] Result<Endpoints> resolve_here(const std::string& host, std::uint16_t port);
  // In the order in which they should be dialled, at least one.
  [[nodiscard]] Question resolve(const std::string& host, std::uint16_t port, Handler handler);
  void cancel(Question question);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// "host:port" taken apart, as Go's net package does; the host of "[::1]:80" is "::1". The port may
// be a service's name there; here it is a number.
struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};
[[nodiscard]] Result<HostAndPort> split_host_port(const std::string& text);

}  // namespace halfopen
