#include "harness/model/prediction/scenario_walk.hpp"

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>

namespace halfopen {
namespace {

// What a machine takes to connect, to answer a scrape, to start a process again.
constexpr Duration kMoment = std::chrono::milliseconds(150);
constexpr Duration kProcessStart = std::chrono::milliseconds(150);

bool mentions(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

class Walker {
 public:
  Walker(const Scenario& scenario, const WalkShift& shift,
         const std::shared_ptr<WalkBudget>& budget)
      : scenario_(scenario), shift_(shift), budget_(budget) {
    for (const LinkSpec& link : scenario.links) {
      WalkTerms terms;
      terms.shift = shift;
      terms.budget = budget;
      terms.inside = link.inside == link.listener ? LinkEnd::kListener : LinkEnd::kDialer;
      const std::array names{link.dialer, link.listener};
      for (std::size_t end = 0; end < names.size(); ++end) {
        const NodeSpec* node = node_of(scenario, names.at(end));
        if (node != nullptr) terms.defences.at(end) = defences_of_config(node->config);
        terms.retries2.at(end) = retries2_of(scenario, names.at(end));
      }
      walked_.links.push_back({&link, LinkWalk(terms)});
      for (const FaultSpec& fault : link.faults)
        walked_.links.back().walk.set_fault(fault);
    }
  }

  ScenarioWalk walk() {
    for (const Step& step : scenario_.steps) {
      if (budget_->is_spent()) break;
      is_first_ = &step == &scenario_.steps.front();
      walked_.steps.push_back({step.id, now_});
      std::visit([this](const auto& action) { carry_out(action); }, step.action);
      advance(shift_.steps);
    }
    advance(end_of_windows() - now_);
    walked_.end = now_;
    return std::move(walked_);
  }

 private:
  void advance(Duration by) {
    now_ += std::max(by, Duration{0});
    for (WalkedLink& link : walked_.links)
      link.walk.advance(now_);
  }

  [[nodiscard]] unsigned notable() const {
    unsigned count = 0;
    for (const WalkedLink& link : walked_.links)
      count += link.walk.notable_count();
    return count;
  }

  [[nodiscard]] std::optional<Duration> next_deadline() const {
    std::optional<Duration> next;
    for (const WalkedLink& link : walked_.links) {
      const auto at = link.walk.next_deadline();
      if (at && (!next || *at < *next)) next = at;
    }
    return next;
  }

  // Until `done`, at most until `limit`; answers whether it came.
  template <class Done>
  bool advance_until(Duration limit, const Done& done) {
    constexpr unsigned kTriesMax = 100'000;
    for (unsigned i = 0; i < kTriesMax && !budget_->is_spent(); ++i) {
      if (done()) return true;
      const auto next = next_deadline();
      if (!next || *next > limit) return false;
      advance(std::max(*next - now_, Duration{0}));
    }
    return false;
  }

  void carry_out(const WaitUntil& wait) {
    if (is_first_) return advance(kMoment);
    const std::string& text = wait.condition.text();
    const Duration limit = now_ + wait.within;
    const auto owes = [this] {
      return std::any_of(walked_.links.begin(), walked_.links.end(),
                         [](const WalkedLink& link) { return link.walk.owes_acknowledgement(); });
    };
    const unsigned before = notable();
    if (mentions(text, {"_acked", "_stored", "_received", "outbox"})) {
      (void)advance_until(limit, [&] { return !owes() || notable() != before; });
      return advance(kMoment);
    }
    // What has not happened within the time did not have to: then the condition held already.
    const auto links = walked_.links;
    const Duration start = now_;
    if (!advance_until(limit, [&] { return notable() != before; })) {
      walked_.links = links;
      now_ = start;
    }
    advance(kMoment);
  }
  void carry_out(const IdleFor& idle) { advance(idle.duration); }
  void carry_out(const CastVotes& cast) {
    constexpr unsigned kCastsMax = 10'000;
    for (unsigned i = 0; i < std::min(cast.count, kCastsMax) && !budget_->is_spent(); ++i) {
      if (i > 0) advance(cast.every);
      for (WalkedLink& link : walked_.links) {
        if (link.link->dialer == cast.node) link.walk.cast(LinkEnd::kDialer);
        if (link.link->listener == cast.node) link.walk.cast(LinkEnd::kListener);
      }
    }
  }
  void carry_out(const SetFault& set) {
    if (LinkWalk* walk = find(set.link)) walk->set_fault(set.fault);
  }
  void carry_out(const ClearFault& clear) {
    if (LinkWalk* walk = find(clear.link)) walk->clear_fault(clear.fault);
  }
  void carry_out(const RestartNode& restart) {
    end_process(restart.node, restart.kind);
    advance(restart.down);
    for_ends(restart.node, [](LinkWalk& walk, LinkEnd end) { walk.power_on(end); });
    advance(kProcessStart);
  }
  void carry_out(const StopNode& stop) { end_process(stop.node, stop.kind); }
  void carry_out(const FlushNat& flush) {
    if (LinkWalk* walk = find(flush.link)) walk->flush_nat();
  }
  void carry_out(const DestroyConnections& destroy) {
    for (WalkedLink& link : walked_.links) {
      const bool dials = link.link->dialer == destroy.node;
      const std::string& peer = dials ? link.link->listener : link.link->dialer;
      if (!dials && link.link->listener != destroy.node) continue;
      if (!destroy.peer.empty() && destroy.peer != peer) continue;
      link.walk.destroy(dials ? LinkEnd::kDialer : LinkEnd::kListener);
    }
  }

  void carry_out(const Heal& heal) {
    for (const ClearFault& clear : heal.faults)
      carry_out(clear);
    for (const StopNode& stop : heal.nodes)
      for_ends(stop.node, [](LinkWalk& walk, LinkEnd end) { walk.power_on(end); });
    advance(heal.within);
  }

  void end_process(const std::string& node, RestartKind kind) {
    for_ends(node, [kind](LinkWalk& walk, LinkEnd end) { walk.end_process(end, kind); });
  }
  template <class Action>
  void for_ends(const std::string& node, const Action& action) {
    for (WalkedLink& link : walked_.links) {
      if (link.link->dialer == node) action(link.walk, LinkEnd::kDialer);
      if (link.link->listener == node) action(link.walk, LinkEnd::kListener);
    }
  }

  LinkWalk* find(const std::string& id) {
    for (WalkedLink& link : walked_.links) {
      if (link.link->id == id) return &link.walk;
    }
    return nullptr;
  }

  [[nodiscard]] Duration end_of_windows() const {
    Duration end = now_;
    for (const Expectation& expectation : scenario_.expectations) {
      const Window& window = expectation.window;
      if (!window.within) continue;
      const std::string& id = window.since.empty() ? window.during : window.since;
      for (const WalkedStep& step : walked_.steps) {
        if (step.id == id) end = std::max(end, step.begin + *window.within);
      }
    }
    return end;
  }

  const Scenario& scenario_;
  WalkShift shift_;
  std::shared_ptr<WalkBudget> budget_;
  ScenarioWalk walked_;
  Duration now_{0};
  bool is_first_ = false;
};

std::optional<unsigned> number_of(const std::map<std::string, std::string>& sysctls,
                                  const std::string& name) {
  const auto found = sysctls.find(name);
  if (found == sysctls.end()) return std::nullopt;
  unsigned number = 0;
  const char* last = found->second.data() + found->second.size();
  const auto [end, error] = std::from_chars(found->second.data(), last, number);
  return error == std::errc{} && end == last ? std::optional(number) : std::nullopt;
}

}  // namespace

ScenarioWalk walk_scenario(const Scenario& scenario, const WalkShift& shift,
                           const std::shared_ptr<WalkBudget>& budget) {
  return Walker(scenario, shift, budget).walk();
}

unsigned retries2_of(const Scenario& scenario, const std::string& node) {
  const std::string name = "net.ipv4.tcp_retries2";
  const NodeSpec* spec = node_of(scenario, node);
  if (spec != nullptr) {
    if (const auto own = number_of(spec->sysctls, name)) return *own;
  }
  return number_of(scenario.sysctls, name).value_or(kRetries2Default);
}

const NodeSpec* node_of(const Scenario& scenario, const std::string& name) {
  const auto found = std::find_if(scenario.nodes.begin(), scenario.nodes.end(),
                                  [&](const NodeSpec& node) { return node.name == name; });
  return found == scenario.nodes.end() ? nullptr : &*found;
}

bool is_vote_node(const Scenario& scenario, const std::string& name) {
  const NodeSpec* node = node_of(scenario, name);
  return node != nullptr && node->argv.empty() && !node->is_endpoint;
}

}  // namespace halfopen
