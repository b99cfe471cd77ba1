// Simulated TCP connections with everything that goes wrong on the way, as data: what is under way
// to each end, and which directions have died without a word.
//
// Bytes never overtake each other inside a connection and never come twice, as with TCP. A
// direction that has lost one byte is silent for ever: nothing behind the gap can be delivered.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "node/core/message.hpp"

namespace halfopen::node::test {

struct Chunk {
  enum class Kind : std::uint8_t { kBytes, kFin, kReset };
  Instant arrival = {};
  Kind kind = Kind::kBytes;
  SharedFrame frame = {};  // of which this is a part
  std::size_t from = 0;
  std::size_t size = 0;
};

struct Pipe {
  std::deque<Chunk> chunks;
  Instant last_arrival;
  bool is_silent = false;
};

struct LinkEnd {
  std::size_t machine = 0;
  ConnectionId connection = {};
  bool is_open = false;     // the node holds it
  bool is_reading = false;  // and would hear of what comes
  bool was_reset = false;   // and will hear of it by a read or a write
};

struct Link {
  std::array<LinkEnd, 2> ends;  // [0] dialled [1]
  std::array<Pipe, 2> to;       // what is under way to this end
  bool is_secured = false;      // [1] knows the key of [0]
  bool is_accepted = false;
  std::optional<Instant> silent_since;  // in one direction at least
};

struct Place {
  std::size_t link = 0;
  std::size_t side = 0;
};

class Wires {
 public:
  // A new connection that `machine` dials.
  std::size_t dial(std::size_t machine, ConnectionId connection, std::size_t target);
  void accept(std::size_t link, ConnectionId connection);
  [[nodiscard]] Link& link(std::size_t index) { return links_[index]; }
  [[nodiscard]] const std::vector<Link>& links() const { return links_; }
  [[nodiscard]] std::optional<Place> find(std::size_t machine, ConnectionId connection) const;
  // Puts something under way to the end; when it arrives, unless it never does.
  std::optional<Instant> push(Place to, Chunk chunk);
  // The node holds this end no longer.
  void close(Place place);
  // Nothing passes any more in the directions: bit 0 towards end 0, bit 1 towards end 1.
  void silence(std::size_t link, unsigned directions, Instant now);
  // Accepted connections with at least one open end, between these two.
  [[nodiscard]] std::vector<std::size_t> between(std::size_t one, std::size_t other) const;

 private:
  std::vector<Link> links_;
  std::map<std::pair<std::size_t, ConnectionId>, Place> places_;
};

}  // namespace halfopen::node::test
