#include "harness/model/prediction/prediction.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <set>

#include "base/duration_text.hpp"
#include "harness/model/prediction/finders.hpp"
#include "harness/model/prediction/scenario_walk.hpp"
#include "harness/model/prediction/warnings.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;

// Times a little off, as machines are. The first one is the written times.
constexpr std::array kShifts{
    WalkShift{},
    WalkShift{milliseconds(-500), {}, {}, false},
    WalkShift{milliseconds(500), {}, {}, true},
    WalkShift{{}, milliseconds(300), {}, false},
    WalkShift{{}, {}, milliseconds(300), true},
    WalkShift{milliseconds(500), {}, milliseconds(200), false},
};
// Of a scenario, all links and walks together: a second or two.
constexpr unsigned kActsMax = 2'000'000;
// A measured time may be so much earlier or later than the walks say.
constexpr Duration kEarly = milliseconds(400);
constexpr Duration kLate = milliseconds(600);

std::string seconds_text(Duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "+%.1fs", to_seconds(duration));
  return text.data();
}

// Which end it happened to is told from the side of the one that the story is of: ends of several
// links with the same story can then share it.
std::string told_by(LinkEnd end, const LinkWalk::Happening& happening) {
  std::string subject;
  if (happening.subject) subject = *happening.subject == end ? "this end" : "the other end";
  return seconds_text(happening.at) + " " + subject + happening.text;
}

EndFacts facts_of(const Scenario& scenario, const std::string& node, bool dials) {
  EndFacts facts;
  if (const NodeSpec* spec = node_of(scenario, node)) {
    facts.defences = defences_of_config(spec->config);
  }
  facts.dials = dials;
  facts.retries2 = retries2_of(scenario, node);
  return facts;
}

bool swallows_dials(const FaultSpec& fault) {
  return fault.type == "blackhole" || fault.type == "syn_drop" || fault.type == "link_down" ||
         fault.type == "one_way_loss";
}

LinkFacts link_facts_of(const Scenario& scenario, const LinkSpec& link, const std::string& peer) {
  LinkFacts facts;
  const auto add = [&](const FaultSpec& fault) {
    if (fault.type == "nat") facts.mappings.push_back(read_nat_terms(fault.attributes));
    facts.swallows_dials = facts.swallows_dials || swallows_dials(fault);
  };
  for (const FaultSpec& fault : link.faults)
    add(fault);
  for (const Step& step : scenario.steps) {
    if (const auto* set = std::get_if<SetFault>(&step.action);
        set != nullptr && set->link == link.id) {
      add(set->fault);
    }
    if (const auto* again = std::get_if<RestartNode>(&step.action)) {
      const bool ours = again->node == link.listener;
      facts.swallows_dials =
          facts.swallows_dials || (ours && again->kind == RestartKind::kPowerLoss);
    }
  }
  if (const NodeSpec* spec = node_of(scenario, peer)) facts.peer = defences_of_config(spec->config);
  return facts;
}

class Predictor {
 public:
  explicit Predictor(const Scenario& scenario) : scenario_(scenario) {
    for (const WalkShift& shift : kShifts)
      walks_.push_back(walk_scenario(scenario, shift, budget_));
  }

  Prediction predict() {
    Prediction prediction;
    for (std::size_t index = 0; index < scenario_.links.size(); ++index) {
      const LinkSpec& link = scenario_.links[index];
      if (is_vote_node(scenario_, link.dialer)) {
        prediction.ends.push_back(predict_end(index, LinkEnd::kDialer));
      }
      if (is_vote_node(scenario_, link.listener)) {
        prediction.ends.push_back(predict_end(index, LinkEnd::kListener));
      }
    }
    return prediction;
  }

 private:
  EndPrediction predict_end(std::size_t index, LinkEnd end) {
    const LinkSpec& link = scenario_.links[index];
    const bool dials = end == LinkEnd::kDialer;
    EndPrediction predicted;
    predicted.link = link.id;
    predicted.node = dials ? link.dialer : link.listener;
    predicted.peer = dials ? link.listener : link.dialer;
    const EndFacts facts = facts_of(scenario_, predicted.node, dials);
    predicted.finders = silence_finders(facts, false);
    predicted.vote_finders = silence_finders(facts, true);
    predicted.warnings = warnings_of(facts, link_facts_of(scenario_, link, predicted.peer));
    const LinkWalk& walk = walks_.front().links[index].walk;
    for (const auto& happening : walk.happenings())
      predicted.story.push_back(told_by(end, happening));
    if (!is_vote_node(scenario_, predicted.peer)) {
      predicted.why = predicted.peer + " is no vote-node: what it does is not known";
      return predicted;
    }
    if (!walk.not_modelled().empty()) {
      predicted.why = walk.not_modelled().front() + " is not modelled";
      return predicted;
    }
    if (budget_->is_spent()) {
      predicted.why =
          "the scenario has more pings, probes and votes on all its links together than " +
          std::to_string(kActsMax) + ", and they are not followed further";
      return predicted;
    }
    decide(index, end, predicted);
    return predicted;
  }

  void decide(std::size_t index, LinkEnd end, EndPrediction& predicted) {
    unsigned found = 0;
    unsigned dead = 0;
    ExpectedDeath death;
    std::set<std::string> reasons;
    for (const ScenarioWalk& walked : walks_) {
      const LinkWalk& walk = walked.links[index].walk;
      if (walk.ended(end) && !walk.finding(end)) predicted.ends_itself = true;
      if (const auto& finding = walk.finding(end)) {
        if (found == 0) {
          death.at_least = death.at_most = finding->since_life;
          death.at = finding->at;
          death.step = step_at(walked, finding->at);
          death.before_vote = before_vote(walked, finding->at);
        }
        death.at_least = std::min(death.at_least, finding->since_life);
        death.at_most = std::max(death.at_most, finding->since_life);
        reasons.insert(finding->reason);
        ++found;
        ++dead;
      } else if (!walk.is_whole(end)) {
        ++dead;
      }
    }
    if (reasons.count("replaced") != 0) {
      // When the peer dials again is drawn, and a dial into silence may just have begun.
      const auto& reconnect =
          facts_of(scenario_, predicted.peer, end == LinkEnd::kListener).defences.reconnect;
      death.at_least -= reconnect.backoff_max + reconnect.dial_timeout;
      death.at_most += reconnect.backoff_max + reconnect.dial_timeout;
    }
    death.at_least = std::max(Duration{0}, death.at_least - kEarly);
    death.at_most += kLate;
    if (found < walks_.size() && found > 0) reasons.insert("nothing");
    if (found > 0) death.reasons.assign(reasons.begin(), reasons.end());
    explain(index, end, dead, death, predicted);
    if (dead > 0) predicted.death = death;
  }

  void explain(std::size_t index, LinkEnd end, unsigned dead, const ExpectedDeath& death,
               EndPrediction& predicted) {
    const LinkWalk& walk = walks_.front().links[index].walk;
    using Fate = EndPrediction::Fate;
    predicted.fate = dead == 0               ? Fate::kSurvives
                     : dead == walks_.size() ? Fate::kDies
                                             : Fate::kRaces;
    if (predicted.ends_itself) {
      predicted.fate = Fate::kDies;
      predicted.why = "its own process is ended, so it finds nothing";
      return;
    }
    std::string first;
    for (const auto& happening : walk.happenings()) {
      if (happening.text.starts_with(" finds it: ") || happening.text.starts_with("fault nat"))
        continue;
      first = told_by(end, happening);
      break;
    }
    if (predicted.fate == Fate::kSurvives) {
      predicted.why = survival(index, walk);
    } else if (predicted.fate == Fate::kRaces) {
      predicted.why = "times compete: moved by half a second, the connection lives or dies (" +
                      (first.empty() ? survival(index, walk) : first) + ")";
    } else {
      predicted.why = (first.empty() ? "the connection is cut" : first) + "; " + who_finds(death);
    }
  }

  [[nodiscard]] static std::string who_finds(const ExpectedDeath& death) {
    if (death.reasons.empty()) return "nothing at this end finds it before the scenario ends";
    std::string text;
    for (const std::string& reason : death.reasons)
      text += (text.empty() ? "" : " or ") + reason;
    return text + " in step " + death.step + ", " +
           format_duration(std::chrono::duration_cast<milliseconds>(death.at_least)) + " to " +
           format_duration(std::chrono::duration_cast<milliseconds>(death.at_most)) + " after " +
           counted_from(death) + (death.before_vote ? ", before a vote is risked" : "");
  }

  [[nodiscard]] std::string survival(std::size_t index, const LinkWalk& walk) const {
    const LinkSpec& link = scenario_.links[index];
    const LinkFacts facts = link_facts_of(scenario_, link, link.dialer);
    if (facts.mappings.empty()) return "nothing on the link ends an idle connection";
    const NatTerms& mapping = facts.mappings.front();
    return "the longest time without a " + std::string(mapping.by_bytes ? "byte" : "packet") +
           " is " +
           format_duration(std::chrono::duration_cast<milliseconds>(walk.longest_silence())) +
           ", below the mapping's idle_timeout " + format_duration(mapping.idle_timeout) +
           (mapping.inside == Forgotten::kRevive ? ", and what it forgets it picks up again" : "");
  }

  [[nodiscard]] static std::string step_at(const ScenarioWalk& walked, Duration at) {
    std::string id;
    for (const WalkedStep& step : walked.steps) {
      if (step.begin <= at) id = step.id;
    }
    return id;
  }

  // Before the first cast that follows the first trouble: here, before the last step that casts.
  [[nodiscard]] bool before_vote(const ScenarioWalk& walked, Duration at) const {
    for (std::size_t i = 0; i < walked.steps.size(); ++i) {
      const bool casts = std::holds_alternative<CastVotes>(scenario_.steps[i].action);
      if (casts && walked.steps[i].begin > at) return true;
    }
    return false;
  }

  const Scenario& scenario_;
  std::shared_ptr<WalkBudget> budget_ = std::make_shared<WalkBudget>(WalkBudget{kActsMax});
  std::vector<ScenarioWalk> walks_;
};

}  // namespace

Prediction predict(const Scenario& scenario) {
  return Predictor(scenario).predict();
}

std::optional<Duration> detection_bound(const Scenario& scenario, const std::string& node,
                                        const std::string& peer, bool with_traffic) {
  for (const LinkSpec& link : scenario.links) {
    const bool dials = link.dialer == node && link.listener == peer;
    const bool listens = link.listener == node && link.dialer == peer;
    if ((!dials && !listens) || !is_vote_node(scenario, node)) continue;
    const auto finders = silence_finders(facts_of(scenario, node, dials), with_traffic);
    if (const Finder* first = surest(finders)) return first->at_most;
  }
  return std::nullopt;
}

const char* to_text(EndPrediction::Fate fate) {
  switch (fate) {
    case EndPrediction::Fate::kSurvives:
      return "survives";
    case EndPrediction::Fate::kDies:
      return "dies";
    case EndPrediction::Fate::kRaces:
      return "races";
    case EndPrediction::Fate::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string counted_from(const ExpectedDeath& death) {
  const auto is_told = [](const std::string& reason) {
    return reason == "eof" || reason == "broken_pipe";
  };
  const auto& reasons = death.reasons;
  if (reasons.size() == 1 && reasons.front() == "eof") return "the FIN";
  return std::any_of(reasons.begin(), reasons.end(), is_told) ? "the last byte, ACK or FIN"
                                                              : "the last byte or ACK";
}

}  // namespace halfopen
