#include "tests/unit/node_world.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <utility>

#include "base/assert.hpp"
#include "tests/unit/node_note_text.hpp"

namespace halfopen::node::test {
namespace {

// A core that asks to be woken at once for so often would keep a processor busy for ever.
constexpr unsigned kStepsWithoutTimeMax = 20'000;

}  // namespace

std::size_t World::add(NodeSettings settings) {
  Machine machine;
  machine.settings = std::move(settings);
  for (const PeerSettings& peer : machine.settings.peers)
    machine.configured_since[peer.name] = now_;
  machines_.push_back(std::move(machine));
  return machines_.size() - 1;
}

const Peer* World::peer(std::size_t index, const std::string& name) const {
  if (machines_[index].power != Power::kRunning) return nullptr;
  const auto& peers = machines_[index].node->peers();
  const auto found =
      std::find_if(peers.begin(), peers.end(), [&](const Peer& p) { return p.name() == name; });
  return found == peers.end() ? nullptr : &*found;
}

Duration World::draw(Duration min, Duration max) {
  const auto width = static_cast<std::uint64_t>((max - min).count());
  return min + Duration{static_cast<std::int64_t>(prng_.below(width + 1))};
}

void World::complain(std::size_t index, const std::string& what) {
  complaints_.push_back(std::to_string(now_.seconds()) + " s, " + machines_[index].settings.name +
                        ": " + what);
}

// --- time ---

void World::schedule(Item item) {
  item.at = std::max(item.at, now_);
  item.order = ++last_order_;
  agenda_.push_back(item);
  std::push_heap(agenda_.begin(), agenda_.end(), std::greater<>{});
}

// What is under way, or one deadline, whichever is first; false when none is due by `limit`.
bool World::step(Instant limit) {
  std::optional<Instant> next;
  std::optional<std::size_t> owner;
  if (!agenda_.empty()) next = agenda_.front().at;
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    const Machine& machine = machines_[i];
    if (machine.power != Power::kRunning || !machine.deadline) continue;
    const Instant at = std::max(*machine.deadline, machine.stalled_until);
    if (next && *next <= at) continue;
    next = at;
    owner = i;
  }
  if (!next || *next > limit) return false;
  steps_without_time_ = *next > now_ ? 0 : steps_without_time_ + 1;
  HALFOPEN_ASSERT(steps_without_time_ < kStepsWithoutTimeMax);
  now_ = std::max(now_, *next);
  if (owner) {
    handle(*owner, TimePassed{});
    return true;
  }
  std::pop_heap(agenda_.begin(), agenda_.end(), std::greater<>{});
  Item item = agenda_.back();
  agenda_.pop_back();
  const Machine& machine = machines_[item.machine];
  if (now_ < machine.stalled_until) {
    item.at = machine.stalled_until;  // the kernel has it, and nobody looks
    schedule(item);
  } else {
    happen(item);
  }
  return true;
}

void World::run_until(Instant when) {
  while (step(when)) {
  }
  now_ = std::max(now_, when);
}

void World::happen(const Item& item) {
  const bool is_alive =
      machines_[item.machine].power == Power::kRunning && machines_[item.machine].life == item.life;
  switch (item.kind) {
    case Kind::kPump:
      return pump(item.place);
    case Kind::kSyn:
      return take_syn(item.place);
    case Kind::kFlush:
      if (is_alive) flush(item.machine);
      return;
    case Kind::kConnected:
    case Kind::kRefused:
    case Kind::kWritten:
    case Kind::kFailed:
      break;
  }
  const LinkEnd end = wires_.link(item.place.link).ends[item.place.side];
  if (!is_alive || !end.is_open) return;
  if (item.kind == Kind::kConnected) {
    handle(item.machine, DialSucceeded{end.connection});
  } else if (item.kind == Kind::kRefused) {
    handle(item.machine, DialFailed{end.connection, ECONNREFUSED});
  } else if (item.kind == Kind::kWritten) {
    handle(item.machine, VoteWritten{end.connection, item.vote});
  } else {
    handle(item.machine, ConnectionFailed{end.connection, {EPIPE, 0}});
  }
}

void World::handle(std::size_t index, const Event& event) {
  Machine& machine = machines_[index];
  machine.node->handle(event, local(index));
  while (const auto action = machine.node->poll_action())
    carry_out(index, *action);
  if (machine.node->is_stopped()) {
    if (!machine.unanswered.empty()) complain(index, "stopped and left a caller unanswered");
    kill(index, Power::kProcessDown);
  }
  refresh(index);
}

void World::refresh(std::size_t index) {
  Machine& machine = machines_[index];
  machine.deadline.reset();
  if (machine.power != Power::kRunning) return;
  const auto deadline = machine.node->next_deadline();
  if (deadline) machine.deadline = *deadline - machine.clock_ahead;
}

// --- actions ---

void World::carry_out(std::size_t index, const Action& action) {
  Machine& machine = machines_[index];
  if (const auto* dial = std::get_if<Dial>(&action)) return carry_out(index, *dial);
  if (const auto* write = std::get_if<Write>(&action)) return carry_out(index, *write);
  if (const auto* closed = std::get_if<Close>(&action)) return close(index, closed->connection);
  if (const auto* reading = std::get_if<SetReading>(&action)) {
    const auto place = wires_.find(index, reading->connection);
    if (!place) return;
    wires_.link(place->link).ends[place->side].is_reading = reading->reading;
    schedule({.at = now_, .kind = Kind::kPump, .machine = index, .place = *place});
  } else if (const auto* store = std::get_if<Store>(&action)) {
    if (const auto* own = std::get_if<KeepOwnVote>(&store->entry)) kept_at_[own->id] = now_;
    machine.disk.put(*store);
    if (machine.disk.waiting() == 1) schedule_flush(index);
  } else if (const auto* answered = std::get_if<AnswerCast>(&action)) {
    answer(index, *answered);
  } else if (const auto* note = std::get_if<Note>(&action)) {
    hear(index, *note);
  }
}

void World::answer(std::size_t index, const AnswerCast& answer) {
  if (machines_[index].unanswered.erase(answer.ticket) == 0) {
    complain(index, "answered a caller twice");
  }
  if (const auto* id = std::get_if<VoteId>(&answer.answer)) {
    accepted_.push_back({index, *id});
    ++counts_["cast: accepted"];
  } else {
    ++counts_["cast: " + std::string(name_of(std::get<CastRefusal>(answer.answer)))];
  }
}

void World::carry_out(std::size_t index, const Dial& dial) {
  const auto target = std::find_if(machines_.begin(), machines_.end(), [&](const Machine& machine) {
    return machine.settings.name == dial.peer;
  });
  HALFOPEN_ASSERT(target != machines_.end());
  const auto other = static_cast<std::size_t>(target - machines_.begin());
  const Place place{wires_.dial(index, dial.connection, other), 1};
  if (cuts_.contains(std::minmax(index, other))) return;
  schedule({.at = now_ + draw_latency(), .kind = Kind::kSyn, .machine = other, .place = place});
}

void World::take_syn(Place place) {
  const std::size_t dialler = wires_.link(place.link).ends[0].machine;
  const std::size_t target = wires_.link(place.link).ends[1].machine;
  Machine& machine = machines_[target];
  const bool is_given_up = !wires_.link(place.link).ends[0].is_open;
  if (is_given_up || machine.power == Power::kOff) return;
  if (cuts_.contains(std::minmax(dialler, target))) return;
  Item answer{.at = now_ + draw_latency(),
              .kind = Kind::kRefused,
              .machine = dialler,
              .life = machines_[dialler].life,
              .place = {place.link, 0}};
  if (machine.power == Power::kRunning) {
    answer.kind = Kind::kConnected;
    const ConnectionId connection = machine.node->new_connection_id();
    wires_.accept(place.link, connection);
    handle(target, ConnectionAccepted{connection, dialler});
  }
  // What the accepted end says comes behind the answer to the dial.
  wires_.link(place.link).to[0].last_arrival = answer.at;
  schedule(answer);
}

void World::carry_out(std::size_t index, const Write& write) {
  const auto place = wires_.find(index, write.connection);
  if (!place) return;
  Link& link = wires_.link(place->link);
  Item answer{.at = now_, .machine = index, .life = machines_[index].life, .place = *place};
  if (link.ends[place->side].was_reset) {
    answer.kind = Kind::kFailed;
    return schedule(answer);
  }
  const Place other{place->link, 1 - place->side};
  const std::size_t size = write.frame->size();
  // TCP has no message borders.
  const std::size_t cut = prng_.chance(1, 4) ? prng_.below(size) : 0;
  const Instant first = now_ + draw_latency();
  if (cut > 0) send(other, {.arrival = first, .frame = write.frame, .from = 0, .size = cut});
  const Instant second = cut > 0 ? first + draw_latency() : first;
  send(other, {.arrival = second, .frame = write.frame, .from = cut, .size = size - cut});
  if (!write.vote) return;
  answer.kind = Kind::kWritten;
  answer.vote = *write.vote;
  schedule(answer);
}

void World::send(Place to, Chunk chunk) {
  const auto arrival = wires_.push(to, std::move(chunk));
  if (!arrival) return;
  const std::size_t machine = wires_.link(to.link).ends[to.side].machine;
  schedule({.at = *arrival, .kind = Kind::kPump, .machine = machine, .place = to});
}

void World::close(std::size_t index, ConnectionId connection) {
  const auto place = wires_.find(index, connection);
  if (!place) return;
  wires_.close(*place);
  if (!wires_.link(place->link).is_accepted) return;
  send({place->link, 1 - place->side},
       {.arrival = now_ + draw_latency(), .kind = Chunk::Kind::kFin, .frame = {}});
}

// Whatever has arrived at this end by now.
void World::pump(Place place) {
  for (;;) {
    Link& link = wires_.link(place.link);
    const LinkEnd end = link.ends[place.side];
    auto& chunks = link.to[place.side].chunks;
    if (chunks.empty() || chunks.front().arrival > now_) return;
    Machine& machine = machines_[end.machine];
    if (!end.is_open) {
      // A kernel that knows nothing of a connection says so; one that is off says nothing.
      const bool is_answered =
          machine.power != Power::kOff && chunks.front().kind == Chunk::Kind::kBytes;
      chunks.clear();
      if (!is_answered || !link.ends[1 - place.side].is_open) return;
      return send({place.link, 1 - place.side},
                  {.arrival = now_ + draw_latency(), .kind = Chunk::Kind::kReset, .frame = {}});
    }
    const Chunk chunk = chunks.front();
    if (chunk.kind == Chunk::Kind::kReset) link.ends[place.side].was_reset = true;
    if (!end.is_reading) return;
    chunks.pop_front();
    if (place.side == 1 && !std::exchange(link.is_secured, true)) {
      const NodeSettings& dialler = machines_[link.ends[0].machine].settings;
      handle(end.machine, Secured{end.connection, dialler.key->public_key()});
    }
    switch (chunk.kind) {
      case Chunk::Kind::kBytes:
        handle(end.machine, BytesReceived{end.connection,
                                          std::span(*chunk.frame).subspan(chunk.from, chunk.size)});
        break;
      case Chunk::Kind::kFin:
        handle(end.machine, StreamEnded{end.connection});
        break;
      case Chunk::Kind::kReset:
        handle(end.machine, ConnectionFailed{end.connection, {ECONNRESET, 0}});
        break;
    }
  }
}

// --- the store ---

void World::schedule_flush(std::size_t index) {
  const Machine& machine = machines_[index];
  schedule({.at = now_ + draw(Duration{0}, machine.store_delay_max),
            .kind = Kind::kFlush,
            .machine = index,
            .life = machine.life});
}

void World::flush(std::size_t index) {
  Machine& machine = machines_[index];
  if (machine.disk.waiting() == 0) return;
  const std::size_t count = 1 + prng_.below(machine.disk.waiting());
  const bool is_durable = !prng_.chance(machine.store_failures_percent, 100);
  if (!is_durable) ++counts_["store: failed batches"];
  const StoreAnswered answered{machine.disk.finish(count, is_durable)};
  if (machine.disk.waiting() > 0) schedule_flush(index);
  handle(index, answered);
}

void World::set_store(std::size_t index, Duration delay_max, unsigned failures_percent) {
  machines_[index].store_delay_max = delay_max;
  machines_[index].store_failures_percent = failures_percent;
  if (machines_[index].disk.waiting() > 0) schedule_flush(index);
}

// --- processes ---

void World::boot(std::size_t index) {
  Machine& machine = machines_[index];
  HALFOPEN_ASSERT(machine.power != Power::kRunning);
  machine.power = Power::kRunning;
  ++machine.life;
  machine.node = std::make_unique<Node>(machine.settings);
  machine.node->restore(machine.disk.journal());
  machine.node->start(local(index));
  while (const auto action = machine.node->poll_action())
    carry_out(index, *action);
  refresh(index);
}

void World::drain(std::size_t index) {
  if (machines_[index].power == Power::kRunning) handle(index, ShutdownRequested{});
}

void World::kill(std::size_t index, Power power) {
  Machine& machine = machines_[index];
  const bool was_running = machine.power == Power::kRunning;
  machine.power = power;
  machine.unanswered.clear();
  if (!was_running) return;
  for (std::size_t i = 0; i < wires_.links().size(); ++i) {
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      const LinkEnd end = wires_.link(i).ends[side];
      if (end.machine != index || !end.is_open) continue;
      if (power == Power::kProcessDown) {
        close(index, end.connection);
      } else {
        wires_.close({i, side});
      }
    }
  }
  const std::size_t waiting = machine.disk.waiting();
  machine.disk.lose_power(waiting == 0 ? 0 : prng_.below(waiting + 1));
  ++counts_[power == Power::kOff ? "power losses" : "process ends"];
}

void World::stall(std::size_t index, Duration by) {
  machines_[index].stalled_until = now_ + by;
  stalled_ += by;
}

void World::cast(std::size_t index, const CastRequest& request, bool waits_for_peers) {
  if (machines_[index].power != Power::kRunning) return;
  machines_[index].unanswered.insert(++last_ticket_);
  handle(index, CastRequested{request, last_ticket_, waits_for_peers});
}

void World::configure(std::size_t index, const PeerSettings& peer, bool is_there) {
  Machine& machine = machines_[index];
  std::vector<PeerSettings>& peers = machine.settings.peers;
  std::erase_if(peers, [&](const PeerSettings& other) { return other.name == peer.name; });
  if (is_there) {
    peers.push_back(peer);
    machine.configured_since.try_emplace(peer.name, now_);
  } else {
    machine.configured_since.erase(peer.name);
  }
  if (machine.power == Power::kRunning) handle(index, PeersChanged{peers});
}

// --- the network ---

void World::silence(std::size_t one, std::size_t other, unsigned directions) {
  for (const std::size_t link : wires_.between(one, other))
    wires_.silence(link, directions, now_);
}

void World::reset(std::size_t one, std::size_t other) {
  for (const std::size_t link : wires_.between(one, other)) {
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}})
      send({link, side}, {.arrival = now_, .kind = Chunk::Kind::kReset, .frame = {}});
  }
}

void World::cut(std::size_t one, std::size_t other, bool is_cut) {
  if (is_cut) {
    cuts_.insert(std::minmax(one, other));
  } else {
    cuts_.erase(std::minmax(one, other));
  }
}

// --- what the cores say ---

void World::hear(std::size_t index, const Note& note) {
  Machine& machine = machines_[index];
  if (const std::string line = is_verbose_ ? text_of(note) : ""; !line.empty()) {
    std::printf("%10.4f %s  %s\n", now_.seconds(), machine.settings.name.c_str(), line.c_str());
  }
  if (const auto* transition = std::get_if<note::Transition>(&note)) {
    ++machine.transitions;
    if (is_up(transition->from) && !is_up(transition->to)) {
      ++counts_["lost: " + std::string(name_of(transition->reason))];
    }
  } else if (const auto* closed = std::get_if<note::ConnectionClosed>(&note)) {
    if (!closed->was_open) ++counts_["not opened: " + std::string(name_of(closed->reason))];
  } else if (const auto* sent = std::get_if<note::VoteSent>(&note)) {
    if (sent->attempt > 1) ++counts_["votes sent again"];
  } else if (const auto* received = std::get_if<note::VoteReceived>(&note)) {
    ++counts_["received: " + std::string(name_of(received->outcome))];
    if (received->refusal) {
      complain(index, "refused an honest vote: " + std::string(name_of(*received->refusal)));
    }
  } else if (const auto* quorum = std::get_if<note::QuorumReached>(&note)) {
    ++counts_["quorums"];
    if (!quorums_.emplace(index, machine.life, quorum->slot, quorum->choice).second) {
      complain(index, "reported a quorum twice");
    }
  } else if (std::holds_alternative<note::EquivocationFound>(note)) {
    complain(index, "found an equivocation among honest nodes");
  }
}

}  // namespace halfopen::node::test
