// Real node cores on simulated TCP in virtual time: days pass in milliseconds.
//
// The simulated kernel does what matters here: bytes arrive after a latency; a FIN or RST is
// noticed only by a read that is wanted, or by a write; the first write after an ignored FIN is
// taken and draws a RST, the next one gets EPIPE; a silent link takes everything and delivers
// nothing. The simulated store answers later, in batches.
#pragma once

#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/core/node.hpp"
#include "tests/unit/node_disk.hpp"
#include "tests/unit/node_keys.hpp"

namespace halfopen::node::test {

using CastAnswer = std::variant<VoteId, CastRefusal>;

class Simulation {
 public:
  // `latency` one way.
  explicit Simulation(Duration latency = std::chrono::milliseconds(1)) : latency_(latency) {}

  // Adds a node and answers its place. Peers are found by their names.
  std::size_t add(NodeSettings settings);
  void start();
  // Runs whatever is due until `by` has gone by.
  void run_for(Duration by);
  // Runs until the condition holds, and answers whether it did within `limit`.
  bool run_until(const std::function<bool()>& condition, Duration limit);
  void stop_node(std::size_t index);  // handles ShutdownRequested
  // The process dies: its kernel says FIN on all connections, and RST to whatever comes after. Of
  // what its store has not answered, the oldest `written` entries are there nevertheless.
  void kill(std::size_t index, std::size_t written = 0);
  // A killed process comes back with its store.
  void restart(std::size_t index);
  // A middlebox forgets: nothing passes on connections that exist now, in either direction.
  void silence_links() { set_silence(true); }
  void unsilence_links() { set_silence(false); }
  // Dials are answered by nothing at all.
  void swallow_dials(bool swallow) { swallow_dials_ = swallow; }

  // How long the node's store takes for whatever has come since its last answer.
  void set_store_delay(std::size_t index, Duration delay);
  void fail_stores(std::size_t index, bool fail);

  // Asks for a vote; the ticket.
  std::uint64_t request(std::size_t index, const CastRequest& request,
                        bool waits_for_peers = false);
  // What was answered to the ticket, if it was.
  [[nodiscard]] std::optional<CastAnswer> answer(std::size_t index, std::uint64_t ticket) const;
  // Casts the next own vote, and has the store answer at once; the id, or nothing when it was
  // refused.
  std::optional<VoteId> cast(std::size_t index);
  void change_peers(std::size_t index, std::vector<PeerSettings> peers);

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] const Node& node(std::size_t index) const { return *machines_[index].node; }
  [[nodiscard]] const Peer& peer(std::size_t index, const std::string& name) const;
  [[nodiscard]] const Disk& disk(std::size_t index) const { return machines_[index].disk; }
  [[nodiscard]] const std::vector<VoteId>& stored(std::size_t index) const {
    return machines_[index].disk.vote_ids();
  }
  [[nodiscard]] bool is_stored(std::size_t index, const VoteId& id) const {
    return machines_[index].disk.has(id);
  }
  // Notes and simulated system calls, one line each.
  [[nodiscard]] const std::vector<std::string>& trace(std::size_t index) const {
    return machines_[index].trace;
  }
  [[nodiscard]] std::size_t count(std::size_t index, const std::string& part) const;
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  struct Place {
    std::size_t machine = 0;
    ConnectionId connection;
    auto operator<=>(const Place&) const = default;
  };
  struct Socket {
    std::optional<Place> other;
    bool reading = false;
    bool fin_came = false;
    bool reset_came = false;
    int pending_error = 0;
    bool silent = false;
    std::deque<std::uint8_t> received;
  };
  struct Machine {
    NodeSettings settings;
    std::unique_ptr<Node> node;
    bool alive = true;
    std::map<ConnectionId, Socket> sockets;
    int life = 1;  // counts restarts: an answer to an earlier life is nobody's
    Disk disk;
    Duration store_delay{};
    bool stores_fail = false;
    bool is_flush_due = false;
    std::uint64_t last_ticket = 0;
    std::map<std::uint64_t, CastAnswer> answers;
    std::vector<std::string> trace;
  };

  void set_silence(bool silent);
  void handle(std::size_t index, const Event& event);
  void drain(std::size_t index);
  void perform(std::size_t index, const Action& action);
  void dial(std::size_t index, const Dial& action);
  void write(std::size_t index, const Write& action);
  int write_piece(std::size_t index, ConnectionId id, std::span<const std::uint8_t> bytes);
  void close(std::size_t index, ConnectionId id);
  void flush_store(std::size_t index);
  void deliver(Place to);
  void at(Instant when, std::function<void()> what);
  void say(std::size_t index, const std::string& line);
  void say_note(std::size_t index, const Note& note);
  Socket* find(Place place);
  bool step(Instant limit);

  Duration latency_;
  Instant now_ = Instant::from_nanoseconds(1'000'000'000);
  std::vector<Machine> machines_;
  std::multimap<Instant, std::function<void()>> agenda_;  // equal times keep their order
  bool swallow_dials_ = false;
  std::uint64_t steps_ = 0;
};

// As make_settings takes it: "> n2" is dialled.
PeerSettings make_peer(const std::string& peer);
// A node that talks to `peers`; those with a '>' in front are dialled ("> n2").
NodeSettings make_settings(const std::string& name, const std::vector<std::string>& peers,
                           Preset preset = Preset::kResilient);

inline constexpr std::size_t kOne = 0;
inline constexpr std::size_t kTwo = 1;

// n1, which has dialled n2, and n2; `change` edits n1's defences. n2 does not ping, so that
// whatever n1 notices is n1's own doing.
Simulation make_connected_pair(Preset preset, const std::function<void(Defences&)>& change = {});

}  // namespace halfopen::node::test
