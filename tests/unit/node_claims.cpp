#include "tests/unit/node_claims.hpp"

#include <algorithm>

#include "node/core/detection_bound.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node::test {
namespace {

std::string pair_of(const World& world, std::size_t one, std::size_t other) {
  return world.machine(one).settings.name + " and " + world.machine(other).settings.name + ": ";
}

// How long the node may hold a connection that is dead in one direction at least, without the
// network's delays. Where only the peer hears nothing, the peer's verdict comes first, and its FIN
// after it. (Without watch_idle nothing is promised: such a node does not hear its peers' pings.)
Duration holding_bound(const Defences& own, const Defences& other) {
  return std::max({*idle_detection_bound(own), *idle_detection_bound(other),
                   own.reconnect.dial_timeout + kHandshakeDeadline});
}

template <class Function>
void for_each_pair(const World& world, const Function& function) {
  for (std::size_t one = 0; one < world.size(); ++one) {
    for (std::size_t other = one + 1; other < world.size(); ++other)
      function(one, other);
  }
}

}  // namespace

Duration settle_bound(const World& world) {
  Duration detection{};
  Duration reconnect{};
  for_each_pair(world, [&](std::size_t one, std::size_t other) {
    const Defences& a = world.machine(one).settings.defences;
    const Defences& b = world.machine(other).settings.defences;
    detection = std::max({detection, holding_bound(a, b), holding_bound(b, a)});
    reconnect = std::max({reconnect, *reconnect_bound(a), *reconnect_bound(b)});
  });
  // Twice: a first dial may have been under way into the dead network, or lose a tie against a
  // connection that is dead already.
  return detection + 2 * reconnect + std::chrono::seconds(1);
}

void check_sessions(const World& world, std::vector<std::string>& wrong) {
  for_each_pair(world, [&](std::size_t one, std::size_t other) {
    const std::string pair = pair_of(world, one, other);
    const Peer* a = world.peer(one, world.machine(other).settings.name);
    const Peer* b = world.peer(other, world.machine(one).settings.name);
    if (a == nullptr || b == nullptr) return wrong.push_back(pair + "not running or configured");
    if (a->state() != PeerState::kHealthy || b->state() != PeerState::kHealthy) {
      return wrong.push_back(pair + std::string(name_of(a->state())) + " and " +
                             std::string(name_of(b->state())));
    }
    const auto left = world.wires().find(one, *a->connection());
    const auto right = world.wires().find(other, *b->connection());
    if (!left || !right || left->link != right->link) {
      wrong.push_back(pair + "they believe in different connections");
    }
    if (world.wires().between(one, other).size() != 1) {
      wrong.push_back(pair + "more than one connection");
    }
  });
}

void check_votes(const World& world, std::vector<std::string>& wrong) {
  for (const Accepted& accepted : world.accepted()) {
    const Machine& voter = world.machine(accepted.machine);
    for (std::size_t i = 0; i < world.size(); ++i) {
      const Machine& machine = world.machine(i);
      const auto since = voter.configured_since.find(machine.settings.name);
      const bool is_owed = i == accepted.machine || (since != voter.configured_since.end() &&
                                                     since->second <= world.kept_at(accepted.id));
      if (is_owed && !machine.disk.has(accepted.id)) {
        wrong.push_back("a vote of " + voter.settings.name + " that was accepted is not at " +
                        machine.settings.name);
      }
    }
  }
  for (std::size_t i = 0; i < world.size(); ++i) {
    auto ids = world.machine(i).disk.vote_ids();
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) {
      wrong.push_back("a vote is twice at " + world.machine(i).settings.name);
    }
  }
}

void check_slots(const World& world, std::vector<std::string>& wrong) {
  std::map<std::pair<PublicKey, Slot>, VoteId> first;
  for (std::size_t i = 0; i < world.size(); ++i) {
    for (const KeptVote& kept : world.machine(i).disk.votes()) {
      const Vote& vote = kept.vote.vote;
      const auto known = first.emplace(std::pair{vote.voter, slot_of(vote)}, kept.id).first;
      if (known->second != kept.id) wrong.emplace_back("two votes of one voter for one slot");
    }
    if (!world.machine(i).disk.evidence().empty()) {
      wrong.emplace_back("evidence against an honest node");
    }
  }
}

void check_tallies(const World& world, bool peers_changed, std::vector<std::string>& wrong) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    const Machine& machine = world.machine(i);
    std::map<PublicKey, std::uint64_t> weights;
    weights[machine.settings.key->public_key()] = machine.settings.weight;
    for (const PeerSettings& peer : machine.settings.peers)
      weights[peer.key] = peer.weight;
    std::map<std::pair<Slot, std::optional<Choice>>, std::uint64_t> expected;
    for (const KeptVote& kept : machine.disk.votes()) {
      const Vote& vote = kept.vote.vote;
      expected[{slot_of(vote), vote.choice}] += weights[vote.voter];
    }
    for (const auto& [what, weight] : expected) {
      const std::uint64_t counted = machine.node->tally().weight_of(what.first, what.second);
      // A vote that came while its voter was not configured counts nothing.
      if (counted > weight || (counted < weight && !peers_changed)) {
        wrong.push_back(machine.settings.name + " has counted " + std::to_string(counted) +
                        " where its store has " + std::to_string(weight));
      }
    }
  }
}

void check_debts(const World& world, std::vector<std::string>& wrong) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    const Machine& machine = world.machine(i);
    if (!machine.unanswered.empty()) {
      wrong.push_back(machine.settings.name + " has left a caller unanswered");
    }
    if (machine.power != Power::kRunning) continue;
    for (const Peer& peer : machine.node->peers()) {
      if (peer.outbox().is_empty()) continue;
      wrong.push_back(machine.settings.name + " still owes " + peer.name() + " a vote");
    }
  }
}

void check_detection(const World& world, Duration latency_max, unsigned hiccups,
                     std::vector<std::string>& wrong) {
  for (const Link& link : world.wires().links()) {
    if (!link.silent_since) continue;
    const Defences& a = world.machine(link.ends[0].machine).settings.defences;
    const Defences& b = world.machine(link.ends[1].machine).settings.defences;
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      if (!link.ends[side].is_open) continue;
      const Defences& own = side == 0 ? a : b;
      const Defences& other = side == 0 ? b : a;
      // The last bytes were under way, and so was the FIN of who noticed first.
      const Duration bound = holding_bound(own, other) + 3 * latency_max + world.stalled() +
                             // ... and who did not run gives one more chance.
                             hiccups * std::max({a.ping.timeout, b.ping.timeout,
                                                 a.retry.ack_deadline, b.retry.ack_deadline});
      if (world.now() <= *link.silent_since + bound) continue;
      wrong.push_back(world.machine(link.ends[side].machine).settings.name +
                      " still believes in a connection that died " +
                      std::to_string(to_seconds(world.now() - *link.silent_since)) +
                      " s ago, at most " + std::to_string(to_seconds(bound)) + " s are promised");
    }
  }
}

}  // namespace halfopen::node::test
