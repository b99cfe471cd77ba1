#include "tests/unit/node_wires.hpp"

#include <algorithm>
#include <utility>

namespace halfopen::node::test {

std::size_t Wires::dial(std::size_t machine, ConnectionId connection, std::size_t target) {
  const std::size_t index = links_.size();
  Link link;
  link.ends[0] = {.machine = machine, .connection = connection, .is_open = true};
  link.ends[1] = {.machine = target, .connection = {}};
  links_.push_back(std::move(link));
  places_[{machine, connection}] = {index, 0};
  return index;
}

void Wires::accept(std::size_t link, ConnectionId connection) {
  LinkEnd& end = links_[link].ends[1];
  end.connection = connection;
  end.is_open = true;
  links_[link].is_accepted = true;
  places_[{end.machine, connection}] = {link, 1};
}

std::optional<Place> Wires::find(std::size_t machine, ConnectionId connection) const {
  const auto found = places_.find({machine, connection});
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

std::optional<Instant> Wires::push(Place to, Chunk chunk) {
  Pipe& pipe = links_[to.link].to[to.side];
  if (pipe.is_silent) return std::nullopt;
  chunk.arrival = std::max(chunk.arrival, pipe.last_arrival);
  pipe.last_arrival = chunk.arrival;
  pipe.chunks.push_back(std::move(chunk));
  return pipe.last_arrival;
}

void Wires::close(Place place) {
  LinkEnd& end = links_[place.link].ends[place.side];
  end.is_open = false;
  places_.erase({end.machine, end.connection});
}

void Wires::silence(std::size_t link, unsigned directions, Instant now) {
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    if ((directions >> side & 1U) == 0) continue;
    links_[link].to[side].is_silent = true;
    links_[link].to[side].chunks.clear();
    if (!links_[link].silent_since) links_[link].silent_since = now;
  }
}

std::vector<std::size_t> Wires::between(std::size_t one, std::size_t other) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const auto& ends = links_[i].ends;
    if (!ends[0].is_open && !ends[1].is_open) continue;
    const auto machines = std::minmax(ends[0].machine, ends[1].machine);
    if (machines == std::minmax(one, other)) found.push_back(i);
  }
  return found;
}

}  // namespace halfopen::node::test
