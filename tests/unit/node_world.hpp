// A few machines with real node cores on them, simulated TCP between them, and a seed that decides
// every delay: the stage on which the property test plays its faults.
//
// The machines differ from the true time: each has a monotonic clock of its own that may leap
// forward, and may not get to run for a while. Everything that a fault needs is a method here; what
// happens when is decided elsewhere.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "node/core/node.hpp"
#include "tests/unit/node_disk.hpp"
#include "tests/unit/node_wires.hpp"

namespace halfopen::node::test {

enum class Power : std::uint8_t {
  kRunning,
  kProcessDown,  // the machine's kernel still answers
  kOff,          // nobody answers
};

struct Machine {
  NodeSettings settings;
  std::unique_ptr<Node> node;
  Power power = Power::kOff;
  std::uint64_t life = 0;
  Duration clock_ahead{};  // of its monotonic clock before the true time
  Instant stalled_until;
  std::optional<Instant> deadline;  // true time
  Disk disk;
  Duration store_delay_max{};
  unsigned store_failures_percent = 0;
  std::map<std::string, Instant> configured_since;  // its peers
  std::set<std::uint64_t> unanswered;               // tickets of this life
  std::uint64_t transitions = 0;
};

struct Accepted {
  std::size_t machine = 0;
  VoteId id;
};

class World {
 public:
  // One-way delays are drawn from these.
  struct Latency {
    Duration min = std::chrono::microseconds(100);
    Duration max = std::chrono::milliseconds(5);
  };

  explicit World(std::uint64_t seed) : prng_(Prng{seed}.fork("world")) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- the stage ---
  std::size_t add(NodeSettings settings);
  void set_latency(Latency latency) { latency_ = latency; }
  void run_until(Instant when);
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] std::size_t size() const { return machines_.size(); }
  [[nodiscard]] const Machine& machine(std::size_t index) const { return machines_[index]; }
  [[nodiscard]] const Wires& wires() const { return wires_; }
  [[nodiscard]] const Peer* peer(std::size_t index, const std::string& name) const;

  // Says what happens on the standard output.
  void set_verbose(bool verbose) { is_verbose_ = verbose; }

  // --- what is done to it ---
  void cast(std::size_t index, const CastRequest& request, bool waits_for_peers);
  void boot(std::size_t index);
  // The process ends by itself, gracefully.
  void drain(std::size_t index);
  void kill(std::size_t index, Power power);
  void stall(std::size_t index, Duration by);
  void leap(std::size_t index, Duration by) {
    machines_[index].clock_ahead += by;
    refresh(index);
  }
  void set_store(std::size_t index, Duration delay_max, unsigned failures_percent);
  void silence(std::size_t one, std::size_t other, unsigned directions);
  void reset(std::size_t one, std::size_t other);
  // While it is cut, no dial between the two is answered.
  void cut(std::size_t one, std::size_t other, bool is_cut);
  void configure(std::size_t index, const PeerSettings& peer, bool is_there);

  // --- what was seen ---
  [[nodiscard]] const std::vector<Accepted>& accepted() const { return accepted_; }
  // When the vote was given to its voter's store for the last time.
  [[nodiscard]] Instant kept_at(const VoteId& id) const { return kept_at_.at(id); }
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  // What happened, so that a test can see that its faults did bite.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const { return counts_; }
  // How long machines did not run, all in all.
  [[nodiscard]] Duration stalled() const { return stalled_; }

 private:
  enum class Kind : std::uint8_t { kPump, kSyn, kConnected, kRefused, kWritten, kFailed, kFlush };
  struct Item {
    Instant at = {};
    std::uint64_t order = 0;
    Kind kind{};
    std::size_t machine = 0;  // that it happens on
    std::uint64_t life = 0;
    Place place = {};
    VoteId vote = {};
    bool operator>(const Item& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  bool step(Instant limit);
  void schedule(Item item);
  void happen(const Item& item);
  void handle(std::size_t index, const Event& event);
  void carry_out(std::size_t index, const Action& action);
  void carry_out(std::size_t index, const Write& write);
  void carry_out(std::size_t index, const Dial& dial);
  void hear(std::size_t index, const Note& note);
  void answer(std::size_t index, const AnswerCast& answer);
  void close(std::size_t index, ConnectionId connection);
  void pump(Place place);
  void take_syn(Place place);
  void flush(std::size_t index);
  void schedule_flush(std::size_t index);
  void refresh(std::size_t index);
  void send(Place to, Chunk chunk);
  void complain(std::size_t index, const std::string& what);
  [[nodiscard]] Duration draw(Duration min, Duration max);
  [[nodiscard]] Duration draw_latency() { return draw(latency_.min, latency_.max); }
  [[nodiscard]] Instant local(std::size_t index) const {
    return now_ + machines_[index].clock_ahead;
  }

  Prng prng_;
  Latency latency_;
  Instant now_ = Instant::from_nanoseconds(1'000'000'000);
  std::vector<Machine> machines_;
  Wires wires_;
  std::vector<Item> agenda_;  // a heap
  std::uint64_t last_order_ = 0;
  std::uint64_t last_ticket_ = 0;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;
  std::vector<Accepted> accepted_;
  std::map<VoteId, Instant> kept_at_;
  std::set<std::tuple<std::size_t, std::uint64_t, Slot, std::optional<Choice>>> quorums_;
  std::vector<std::string> complaints_;
  std::map<std::string, std::uint64_t> counts_;
  Duration stalled_{};
  bool is_verbose_ = false;
  unsigned steps_without_time_ = 0;
};

}  // namespace halfopen::node::test
