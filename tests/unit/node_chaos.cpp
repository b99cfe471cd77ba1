#include "tests/unit/node_chaos.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "tests/unit/node_claims.hpp"
#include "tests/unit/node_keys.hpp"

namespace halfopen::node::test {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr unsigned kFaultKinds = 14;
constexpr Duration kLatencyMaxInPeace = milliseconds(5);
constexpr Duration kLatencyMax = seconds(3);

}  // namespace

Chaos::Chaos(std::uint64_t seed) : prng_(Prng{seed}.fork("chaos")), world_(seed) {
  build();
  draw_faults();
  draw_casts();
}

std::string Chaos::name(std::size_t index) const {
  return "n" + std::to_string(index + 1);
}

Duration Chaos::draw(Duration min, Duration max) {
  const auto width = static_cast<std::uint64_t>((max - min).count());
  return min + Duration{static_cast<std::int64_t>(prng_.below(width + 1))};
}

std::pair<std::size_t, std::size_t> Chaos::draw_pair() {
  const std::size_t one = prng_.below(world_.size());
  const std::size_t other = prng_.below(world_.size() - 1);
  return {one, other < one ? other : other + 1};
}

void Chaos::at(Instant when, const std::string& what, Act act) {
  plan_.push_back(what);
  script_.emplace(when, [this, what, act = std::move(act)] {
    if (is_verbose_) std::printf("%10.4f --- %s\n", world_.now().seconds(), what.c_str());
    act();
  });
}

void Chaos::set_verbose(bool verbose) {
  is_verbose_ = verbose;
  world_.set_verbose(verbose);
}

// --- who there is ---

Defences Chaos::draw_defences() {
  Defences defences;
  defences.ping.interval = draw(seconds(1), seconds(5));
  defences.ping.timeout = draw(milliseconds(300), seconds(3));
  defences.retry.ack_deadline = draw(milliseconds(500), seconds(4));
  defences.reconnect.backoff_min = draw(milliseconds(10), milliseconds(300));
  defences.reconnect.backoff_max = draw(milliseconds(500), seconds(5));
  defences.reconnect.dial_timeout = draw(milliseconds(300), seconds(3));
  defences.reconnect.stable_after = draw(seconds(5), seconds(60));
  defences.keepalive.enabled = false;  // there is no kernel here
  defences.user_timeout.enabled = false;
  return defences;
}

void Chaos::build() {
  // Two nodes show most of what there is to see, and cost least.
  constexpr std::size_t kSizes[] = {2, 2, 2, 2, 3, 3, 3, 4, 5};
  const std::size_t count = kSizes[prng_.below(std::size(kSizes))];
  const bool authenticates = prng_.chance(1, 2);
  peers_.resize(count);
  for (std::size_t one = 0; one < count; ++one) {
    for (std::size_t other = one + 1; other < count; ++other) {
      const std::uint64_t who = prng_.below(3);  // one of the two dials, or both do
      const auto peer_of = [&](std::size_t index, bool dials) {
        return PeerSettings{name(index), dials, test_key(name(index)).public_key(), 1 + index % 3};
      };
      peers_[one].push_back(peer_of(other, who != 1));
      peers_[other].push_back(peer_of(one, who != 0));
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    NodeSettings settings;
    settings.name = name(i);
    settings.key = test_key(name(i));
    settings.weight = 1 + i % 3;
    settings.seed = prng_.next();
    settings.authenticates = authenticates;
    settings.defences = draw_defences();
    settings.peers = peers_[i];
    world_.add(std::move(settings));
    world_.set_store(i, milliseconds(20), 0);
    const Duration later = prng_.chance(1, 2) ? Duration{0} : draw(Duration{0}, seconds(2));
    script_.emplace(world_.now() + later, [this, i] { boot(i); });
  }
}

// Whatever had stopped it, or had started it meanwhile.
void Chaos::boot(std::size_t index) {
  if (world_.machine(index).power != Power::kRunning) world_.boot(index);
}

// --- what goes wrong ---

void Chaos::draw_faults() {
  const Instant begin = world_.now() + seconds(1);
  const Duration length = draw(seconds(5), seconds(30));
  healed_at_ = begin + length + seconds(1);
  const std::uint64_t kinds = prng_.next();  // each kind is in or out
  for (std::uint64_t left = prng_.below(20); left-- > 0;) {
    const auto kind = static_cast<unsigned>(prng_.below(kFaultKinds));
    const Instant when = begin + draw(Duration{0}, length);
    const Instant until = std::min(when + draw(milliseconds(1), seconds(8)), healed_at_);
    if ((kinds >> kind & 1U) != 0) draw_fault(kind, when, until);
  }
}

void Chaos::draw_fault(unsigned kind, Instant when, Instant until) {
  const std::size_t who = prng_.below(world_.size());
  const Duration length = until - when;
  const auto boot = [this, who] { this->boot(who); };
  switch (kind) {
    case 0:
      at(when, name(who) + " is killed", [=, this] { world_.kill(who, Power::kProcessDown); });
      return at(until, name(who) + " comes back", boot);
    case 1:
      at(when, name(who) + " loses power", [=, this] { world_.kill(who, Power::kOff); });
      return at(until, name(who) + " comes back", boot);
    case 2:
      at(when, name(who) + " is asked to stop", [=, this] { world_.drain(who); });
      return at(std::min(until + seconds(2), healed_at_), name(who) + " comes back", boot);
    case 3: {
      const Duration by = prng_.chance(1, 2) ? draw(Duration{0}, seconds(10)) : hours(10);
      ++hiccups_;
      return at(when, "the clock of " + name(who) + " leaps", [=, this] { world_.leap(who, by); });
    }
    case 4:
      ++hiccups_;
      return at(when, name(who) + " does not run", [=, this] { world_.stall(who, length); });
    case 5: {
      const Duration slow = draw(milliseconds(100), seconds(6));
      at(when, "the store of " + name(who) + " is slow",
         [=, this] { world_.set_store(who, slow, 0); });
      return at(until, "... is well", [=, this] { world_.set_store(who, milliseconds(20), 0); });
    }
    case 6:
      at(when, "the store of " + name(who) + " fails",
         [=, this] { world_.set_store(who, milliseconds(20), 60); });
      return at(until, "... is well", [=, this] { world_.set_store(who, milliseconds(20), 0); });
    default:
      return draw_network_fault(kind, when, until);
  }
}

void Chaos::configure(std::size_t index, std::size_t peer, bool is_there) {
  const auto found = std::find_if(peers_[index].begin(), peers_[index].end(),
                                  [&](const auto& other) { return other.name == name(peer); });
  world_.configure(index, *found, is_there);
}

void Chaos::draw_network_fault(unsigned kind, Instant when, Instant until) {
  const auto [one, other] = draw_pair();
  const std::string pair = name(one) + " and " + name(other);
  const auto a = one;
  const auto b = other;
  switch (kind) {
    case 7:
    case 8: {
      const auto directions = static_cast<unsigned>(1 + prng_.below(3));
      return at(when, "silence between " + pair + ", directions " + std::to_string(directions),
                [=, this] { world_.silence(a, b, directions); });
    }
    case 9:
      at(when, "nothing passes between " + pair, [=, this] {
        world_.silence(a, b, 3);
        world_.cut(a, b, true);
      });
      return at(until, "... passes again", [=, this] { world_.cut(a, b, false); });
    case 10:
      return at(when, "reset between " + pair, [=, this] { world_.reset(a, b); });
    case 11: {
      const Duration slow = draw(milliseconds(10), kLatencyMax);
      at(when, "a slow network", [=, this] { world_.set_latency({milliseconds(1), slow}); });
      return at(until, "a quick network", [=, this] { world_.set_latency({}); });
    }
    case 12:
      at(when, pair + " are not configured to know each other", [=, this] {
        configure(a, b, false);
        configure(b, a, false);
      });
      return at(until, "... know each other", [=, this] {
        configure(a, b, true);
        configure(b, a, true);
      });
    default:
      at(when, name(a) + " forgets " + name(b), [=, this] { configure(a, b, false); });
      return at(until, "... remembers", [=, this] { configure(a, b, true); });
  }
}

void Chaos::draw_casts() {
  const Instant begin = world_.now();
  const bool is_bunched = prng_.chance(1, 2);
  const Instant bunch = begin + draw(Duration{0}, healed_at_ - begin);
  for (std::uint64_t left = 2 + prng_.below(6); left-- > 0;) {
    const std::size_t who = prng_.below(world_.size());
    const Instant when = is_bunched ? bunch + draw(Duration{0}, milliseconds(50))
                                    : begin + draw(Duration{0}, healed_at_ - begin);
    at(when, name(who) + " casts", [this, who] { cast(who); });
  }
}

void Chaos::cast(std::size_t index) {
  CastRequest request;
  // Few enough that callers ask for a slot again, the same or otherwise.
  if (!prng_.chance(1, 4)) request.height = 1 + prng_.below(2);
  request.round = static_cast<std::uint32_t>(prng_.below(2));
  request.kind = prng_.chance(1, 2) ? VoteKind::kPrevote : VoteKind::kPrecommit;
  if (prng_.chance(1, 2)) request.choice = Choice{};
  // The wall clock jumps as it likes.
  request.time_milliseconds = static_cast<std::int64_t>(prng_.below(4'000'000'000'000));
  world_.cast(index, request, prng_.chance(1, 4));
}

// --- and peace ---

void Chaos::heal() {
  world_.set_latency({microseconds(100), kLatencyMaxInPeace});
  for (std::size_t i = 0; i < world_.size(); ++i) {
    world_.set_store(i, milliseconds(20), 0);
    boot(i);
    for (std::size_t other = 0; other < world_.size(); ++other) {
      if (other == i) continue;
      world_.cut(i, other, false);
      configure(i, other, true);
    }
  }
}

std::vector<std::string> Chaos::play() {
  std::vector<std::string> wrong;
  const bool changes_peers = std::any_of(plan_.begin(), plan_.end(), [](const std::string& line) {
    return line.find("remembers") != std::string::npos ||
           line.find("know each") != std::string::npos;
  });
  for (const auto& [when, act] : script_) {
    world_.run_until(when);
    act();
    check_detection(world_, 2 * kLatencyMax, hiccups_, wrong);
    if (!wrong.empty()) return wrong;
  }
  // A node that was asked to stop takes a second.
  world_.run_until(healed_at_ + seconds(2));
  heal();
  if (is_verbose_) std::printf("%10.4f --- peace\n", world_.now().seconds());
  world_.run_until(world_.now() + settle_bound(world_));
  check_detection(world_, kLatencyMax, hiccups_, wrong);
  check_sessions(world_, wrong);
  check_votes(world_, wrong);
  check_slots(world_, wrong);
  check_debts(world_, wrong);
  check_tallies(world_, changes_peers, wrong);
  std::uint64_t transitions = 0;
  for (std::size_t i = 0; i < world_.size(); ++i)
    transitions += world_.machine(i).transitions;
  world_.run_until(world_.now() + seconds(10));
  for (std::size_t i = 0; i < world_.size(); ++i)
    transitions -= world_.machine(i).transitions;
  if (transitions != 0) wrong.emplace_back("connections are not left alone in peace");
  wrong.insert(wrong.end(), world_.complaints().begin(), world_.complaints().end());
  return wrong;
}

}  // namespace halfopen::node::test
