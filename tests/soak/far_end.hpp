// The upstreams of the soak: accept, check every byte that comes, and send as many of the other
// direction's pattern back.
//
// A connection says first who it is: a header of three 64-bit numbers (kMagic, its number, how many
// bytes it will send). Nothing that arrives is kept: what is owed can be made anew at any time.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "tests/bench/load/sockets.hpp"
#include "tests/soak/report.hpp"

namespace halfopen::soak {

struct Header {
  static constexpr std::uint64_t kMagic = 0x68616c66'6f70656eU;
  std::uint64_t magic = kMagic;
  std::uint64_t connection = 0;
  std::uint64_t total = 0;
};

class FarEnd {
 public:
  // Tags of its events in `epoll` have this bit, no others do.
  static constexpr std::uint64_t kTagBit = std::uint64_t{1} << 63U;

  FarEnd(load::Epoll& epoll, Report& report) : epoll_(epoll), report_(report) {}

  void listen(std::uint16_t port, Group group);
  void handle(const epoll_event& event);
  // From now on a peer that is gone is found by probes.
  void probe_all();
  [[nodiscard]] std::size_t open() const { return links_.size(); }

 private:
  struct Link {
    Descriptor socket;
    Group group = Group::kExact;
    std::array<char, sizeof(Header)> header_bytes{};
    std::size_t header_got = 0;
    Header header{};
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    bool waits_to_write = false;
  };
  struct Listener {
    Descriptor socket;
    Group group = Group::kExact;
  };

  void accept_all(const Listener& listener);
  // False when the link is over.
  bool read(Link& link, std::uint64_t tag);
  bool read_header(Link& link);
  bool reply(Link& link, std::uint64_t tag);
  void end(std::uint64_t tag);

  load::Epoll& epoll_;
  Report& report_;
  std::vector<Listener> listeners_;
  std::unordered_map<std::uint64_t, Link> links_;
  std::uint64_t accepted_ = 0;
  bool probing_ = false;
};

// SO_KEEPALIVE with a probe each second: for the end of a soak.
void probe_each_second(const Descriptor& socket);

}  // namespace halfopen::soak
