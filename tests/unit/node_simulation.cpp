#include "tests/unit/node_simulation.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/assert.hpp"
#include "metrics/kernel_evidence.hpp"
#include "tests/unit/node_note_text.hpp"

namespace halfopen::node::test {
PeerSettings make_peer(const std::string& peer) {
  const bool dials = peer.starts_with("> ");
  const std::string name = dials ? peer.substr(2) : peer;
  return {.name = name, .dials = dials, .key = test_key(name).public_key(), .weight = 1};
}

NodeSettings make_settings(const std::string& name, const std::vector<std::string>& peers,
                           Preset preset) {
  NodeSettings settings;
  settings.name = name;
  settings.key = test_key(name);
  settings.defences = defences_of(preset);
  for (const std::string& peer : peers)
    settings.peers.push_back(make_peer(peer));
  return settings;
}

Simulation make_connected_pair(Preset preset, const std::function<void(Defences&)>& change) {
  Simulation simulation;
  NodeSettings one = make_settings("n1", {"> n2"}, preset);
  if (change) change(one.defences);
  simulation.add(std::move(one));
  NodeSettings two = make_settings("n2", {"n1"});
  two.defences.ping.enabled = false;
  simulation.add(std::move(two));
  simulation.start();
  const bool connected = simulation.run_until(
      [&] {
        return is_up(simulation.peer(kOne, "n2").state()) &&
               is_up(simulation.peer(kTwo, "n1").state());
      },
      std::chrono::seconds(1));
  HALFOPEN_ASSERT(connected);
  return simulation;
}

std::size_t Simulation::add(NodeSettings settings) {
  Machine machine;
  machine.settings = settings;
  machine.node = std::make_unique<Node>(std::move(settings));
  machines_.push_back(std::move(machine));
  return machines_.size() - 1;
}

void Simulation::start() {
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    machines_[i].node->start(now_);
    drain(i);
  }
}

const Peer& Simulation::peer(std::size_t index, const std::string& name) const {
  const auto& peers = machines_[index].node->peers();
  return *std::find_if(peers.begin(), peers.end(), [&](const Peer& p) { return p.name() == name; });
}

std::size_t Simulation::count(std::size_t index, const std::string& part) const {
  const auto& lines = machines_[index].trace;
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(),
                    [&](const std::string& line) { return line.find(part) != std::string::npos; }));
}

void Simulation::at(Instant when, std::function<void()> what) {
  agenda_.emplace(when, std::move(what));
}

Simulation::Socket* Simulation::find(Place place) {
  Machine& machine = machines_[place.machine];
  const auto found = machine.sockets.find(place.connection);
  return machine.alive && found != machine.sockets.end() ? &found->second : nullptr;
}

// One agenda entry or one deadline, whichever is first; false when none is due by `limit`.
bool Simulation::step(Instant limit) {
  std::optional<Instant> next;
  std::optional<std::size_t> owner;
  if (!agenda_.empty()) next = agenda_.begin()->first;
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    if (!machines_[i].alive) continue;
    const auto deadline = machines_[i].node->next_deadline();
    if (deadline && (!next || *deadline < *next)) {
      next = std::max(*deadline, now_);
      owner = i;
    }
  }
  if (!next || *next > limit) return false;
  now_ = std::max(now_, *next);
  ++steps_;
  if (owner) {
    handle(*owner, TimePassed{});
  } else {
    const auto what = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    what();
  }
  return true;
}

void Simulation::run_for(Duration by) {
  const Instant limit = now_ + by;
  while (step(limit)) {
  }
  now_ = limit;
}

bool Simulation::run_until(const std::function<bool()>& condition, Duration limit) {
  const Instant end = now_ + limit;
  while (!condition()) {
    if (!step(end)) return false;
  }
  return true;
}

void Simulation::handle(std::size_t index, const Event& event) {
  machines_[index].node->handle(event, now_);
  drain(index);
}

void Simulation::drain(std::size_t index) {
  while (const auto action = machines_[index].node->poll_action())
    perform(index, *action);
}

// The system's answers come later, never from inside a drain.
void Simulation::perform(std::size_t index, const Action& action) {
  Machine& machine = machines_[index];
  if (const auto* dialled = std::get_if<Dial>(&action)) return dial(index, *dialled);
  if (const auto* written = std::get_if<Write>(&action)) return write(index, *written);
  if (const auto* closed = std::get_if<Close>(&action)) return close(index, closed->connection);
  if (const auto* reading = std::get_if<SetReading>(&action)) {
    say(index, reading->reading ? "read on" : "read off");
    Socket* socket = find({index, reading->connection});
    if (socket == nullptr) return;
    socket->reading = reading->reading;
    const Place place{index, reading->connection};
    if (reading->reading) at(now_, [this, place] { deliver(place); });
    return;
  }
  if (const auto* store = std::get_if<Store>(&action)) {
    machine.disk.put(*store);
    if (std::exchange(machine.is_flush_due, true)) return;
    at(now_ + machine.store_delay, [this, index, life = machine.life] {
      if (machines_[index].life == life) flush_store(index);
    });
    return;
  }
  if (const auto* answered = std::get_if<AnswerCast>(&action)) {
    const bool is_first = machine.answers.emplace(answered->ticket, answered->answer).second;
    HALFOPEN_ASSERT(is_first);
    return;
  }
  if (std::holds_alternative<Stop>(action)) return say(index, "stop");
  say_note(index, std::get<Note>(action));
}

void Simulation::flush_store(std::size_t index) {
  Machine& machine = machines_[index];
  machine.is_flush_due = false;
  if (!machine.alive || machine.disk.waiting() == 0) return;
  handle(index, StoreAnswered{machine.disk.finish(machine.disk.waiting(), !machine.stores_fail)});
}

void Simulation::dial(std::size_t index, const Dial& action) {
  machines_[index].sockets[action.connection] = Socket{};
  if (swallow_dials_) return;
  const Place from{index, action.connection};
  const std::string name = action.peer;
  at(now_ + latency_, [this, from, name] {
    const auto target = std::find_if(machines_.begin(), machines_.end(), [&](const Machine& m) {
      return m.alive && m.settings.name == name;
    });
    const bool refused = target == machines_.end();
    const auto machine = static_cast<std::size_t>(target - machines_.begin());
    at(now_ + latency_, [this, from, refused, machine] {
      Socket* socket = find(from);
      if (socket == nullptr) return;
      if (refused || !machines_[machine].alive) {
        return handle(from.machine, DialFailed{from.connection, ECONNREFUSED});
      }
      const ConnectionId accepted = machines_[machine].node->new_connection_id();
      socket->other = Place{machine, accepted};
      machines_[machine].sockets[accepted].other = from;
      handle(machine, ConnectionAccepted{accepted});
      handle(from.machine, DialSucceeded{from.connection});
    });
  });
}

int Simulation::write_piece(std::size_t index, ConnectionId id,
                            std::span<const std::uint8_t> bytes) {
  Socket& socket = *find({index, id});
  if (socket.pending_error != 0) return std::exchange(socket.pending_error, 0);
  if (socket.reset_came) return EPIPE;
  if (socket.silent || !socket.other) return 0;
  const Place to = *socket.other;
  if (find(to) == nullptr) {
    // Nobody is there: the peer's kernel answers at once, before the next write.
    socket.reset_came = true;
    socket.pending_error = socket.fin_came ? EPIPE : ECONNRESET;
    return 0;
  }
  at(now_ + latency_, [this, to, data = std::vector<std::uint8_t>(bytes.begin(), bytes.end())] {
    if (Socket* peer = find(to)) {
      peer->received.insert(peer->received.end(), data.begin(), data.end());
      deliver(to);
    }
  });
  return 0;
}

void Simulation::write(std::size_t index, const Write& action) {
  if (find({index, action.connection}) == nullptr) return;
  const std::span<const std::uint8_t> frame(*action.frame);
  const std::size_t header = action.writes > 1 ? 4 : frame.size();
  int error = 0;
  for (const auto piece : {frame.first(header), frame.subspan(header)}) {
    if (piece.empty() || error != 0) continue;
    error = write_piece(index, action.connection, piece);
    if (action.vote) say(index, "send " + errno_name(error));
  }
  if (error == 0 && !action.vote) return;
  at(now_, [this, index, error, connection = action.connection, vote = action.vote] {
    if (!machines_[index].alive) return;
    if (error != 0) return handle(index, ConnectionFailed{connection, {error, 0}});
    handle(index, VoteWritten{connection, *vote});
  });
}

void Simulation::deliver(Place to) {
  Socket* socket = find(to);
  if (socket == nullptr || !socket->reading) return;
  if (!socket->received.empty()) {
    const std::vector<std::uint8_t> bytes(socket->received.begin(), socket->received.end());
    socket->received.clear();
    handle(to.machine, BytesReceived{to.connection, bytes});
    socket = find(to);
    if (socket == nullptr || !socket->reading) return;
  }
  if (socket->fin_came) handle(to.machine, StreamEnded{to.connection});
}

void Simulation::close(std::size_t index, ConnectionId id) {
  const Place place{index, id};
  const Socket* socket = find(place);
  if (socket == nullptr) return;
  const auto other = socket->other;
  const bool silent = socket->silent;
  machines_[index].sockets.erase(id);
  if (!other) return;
  // A later connection that gets the same number is another one.
  if (Socket* peer = find(*other)) peer->other = Place{index, ConnectionId{}};
  if (silent) return;
  at(now_ + latency_, [this, to = *other] {
    if (Socket* peer = find(to)) {
      peer->fin_came = true;
      deliver(to);
    }
  });
}

void Simulation::stop_node(std::size_t index) {
  handle(index, ShutdownRequested{});
}

void Simulation::kill(std::size_t index, std::size_t written) {
  Machine& machine = machines_[index];
  while (!machine.sockets.empty())
    close(index, machine.sockets.begin()->first);
  machine.alive = false;
  machine.is_flush_due = false;
  ++machine.life;
  machine.disk.lose_power(written);
}

void Simulation::restart(std::size_t index) {
  Machine& machine = machines_[index];
  machine.node = std::make_unique<Node>(machine.settings);
  machine.alive = true;
  machine.node->restore(machine.disk.journal());
  machine.node->start(now_);
  drain(index);
}

void Simulation::set_silence(bool silent) {
  for (Machine& machine : machines_) {
    for (auto& [id, socket] : machine.sockets)
      socket.silent = silent;
  }
}

void Simulation::set_store_delay(std::size_t index, Duration delay) {
  machines_[index].store_delay = delay;
}

void Simulation::fail_stores(std::size_t index, bool fail) {
  machines_[index].stores_fail = fail;
}

std::uint64_t Simulation::request(std::size_t index, const CastRequest& request,
                                  bool waits_for_peers) {
  const std::uint64_t ticket = ++machines_[index].last_ticket;
  handle(index, CastRequested{request, ticket, waits_for_peers});
  return ticket;
}

std::optional<CastAnswer> Simulation::answer(std::size_t index, std::uint64_t ticket) const {
  const auto found = machines_[index].answers.find(ticket);
  if (found == machines_[index].answers.end()) return std::nullopt;
  return found->second;
}

std::optional<VoteId> Simulation::cast(std::size_t index) {
  const std::uint64_t ticket = request(index, CastRequest{.time_milliseconds = 1});
  flush_store(index);
  const auto answered = answer(index, ticket);
  HALFOPEN_ASSERT(answered.has_value());
  const auto* id = std::get_if<VoteId>(&*answered);
  return id == nullptr ? std::nullopt : std::optional(*id);
}

void Simulation::change_peers(std::size_t index, std::vector<PeerSettings> peers) {
  machines_[index].settings.peers = peers;
  handle(index, PeersChanged{std::move(peers)});
}

void Simulation::say(std::size_t index, const std::string& line) {
  char time[32];
  std::snprintf(time, sizeof time, "%9.3f  ", now_.seconds() - 1);
  machines_[index].trace.push_back(time + line);
}

void Simulation::say_note(std::size_t index, const Note& note) {
  const std::string line = text_of(note);
  if (!line.empty()) say(index, line);
}

}  // namespace halfopen::node::test
