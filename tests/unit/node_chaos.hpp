// One run of the property test: from a seed to a few nodes, their numbers, a bad minute, and the
// peace after it.
//
// Each seed leaves some kinds of faults out altogether: a bug that one kind would hide shows up
// where that kind is missing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/node_world.hpp"

namespace halfopen::node::test {

class Chaos {
 public:
  explicit Chaos(std::uint64_t seed);
  void set_verbose(bool verbose);

  // Plays all of it, and answers what was wrong: nothing, if every promise was kept.
  [[nodiscard]] std::vector<std::string> play();
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const {
    return world_.counts();
  }

 private:
  using Act = std::function<void()>;

  void build();
  [[nodiscard]] Defences draw_defences();
  void draw_faults();
  void draw_fault(unsigned kind, Instant at, Instant until);
  void draw_network_fault(unsigned kind, Instant at, Instant until);
  void draw_casts();
  void cast(std::size_t index);
  void at(Instant when, const std::string& what, Act act);
  void boot(std::size_t index);
  void heal();
  [[nodiscard]] std::pair<std::size_t, std::size_t> draw_pair();
  [[nodiscard]] Duration draw(Duration min, Duration max);
  [[nodiscard]] std::string name(std::size_t index) const;
  void configure(std::size_t index, std::size_t peer, bool is_there);

  Prng prng_;
  World world_;
  std::multimap<Instant, Act> script_;
  std::vector<std::string> plan_;
  std::vector<std::vector<PeerSettings>> peers_;  // as they are configured in peace
  Instant healed_at_;
  bool is_verbose_ = false;
  unsigned hiccups_ = 0;  // machines that did not run, or whose clocks leapt
};

}  // namespace halfopen::node::test
