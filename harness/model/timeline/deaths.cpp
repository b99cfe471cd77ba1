// Which connection died, when, of what, who found out and what healed it; and that as a sentence.
//
// A death has a cause (something that was done to the link and was not undone) and a finding (an
// end's transition out of a live state). Between the two the connection is half-open: one end uses
// what is not there any more.
#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <utility>

#include "harness/model/judge_votes.hpp"
#include "harness/model/timeline/timeline_parts.hpp"

namespace halfopen::timeline {
namespace {

// Programs write an event after the call that it tells of, so a cause may be dated behind what it
// caused.
constexpr Duration kWriteDelay = std::chrono::milliseconds(30);

enum class CauseKind { kMapping, kReset, kFlap, kMachine, kFault };

// What could have killed the link's connection, and when it was undone.
struct Cause {
  CauseKind kind;
  Instant at;
  std::string words;
  std::optional<Instant> undone;
  std::optional<std::uint64_t> connection;
  bool is_spent = false;  // has killed what it could kill
};

// One connection as one end lived it: from healthy until it was given up.
struct Life {
  std::string node;
  std::string peer;
  Instant opened;
  std::optional<Instant> ended;  // nothing: it was believed in to the run's end
  std::string reason;
  std::string error;
  bool is_over = false;     // the node itself went down or stopped: it found nothing out
  bool is_counted = false;  // belongs to a death already

  [[nodiscard]] bool finds_death() const {
    return ended && !is_over && reason != "replaced" && reason != "tie_break";
  }
};

class LinkDeaths {
 public:
  LinkDeaths(const Source& source, const LinkSpec& link, const std::vector<FaultBand>& bands)
      : source_(source), link_(link), bands_(bands) {
    gather_events();
    gather_bands();
    gather_destroyed();
    std::stable_sort(causes_.begin(), causes_.end(),
                     [](const Cause& a, const Cause& b) { return a.at < b.at; });
    gather_lives(link.dialer, link.listener);
    gather_lives(link.listener, link.dialer);
  }

  std::vector<Death> find() {
    std::vector<Life*> found;
    for (Life& life : lives_) {
      if (life.finds_death()) found.push_back(&life);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Life* a, const Life* b) { return *a->ended < *b->ended; });
    for (Life* life : found) {
      if (!life->is_counted) deaths_.push_back(describe_noticed(*life));
    }
    find_unnoticed();
    std::stable_sort(deaths_.begin(), deaths_.end(),
                     [](const Death& a, const Death& b) { return a.died_ms < b.died_ms; });
    return std::move(deaths_);
  }

 private:
  // What a load balancer that tells at expiry does is something else than a silent NAT.
  [[nodiscard]] std::string expiry_words() const {
    std::string words = "NAT mapping expired";
    for (const FaultSpec& fault : link_.faults) {
      const auto* told = fault.type == "nat" ? fault.attributes.if_contains("on_expiry") : nullptr;
      if (told == nullptr || !told->is_string() || told->get_string() == "none") continue;
      const std::string how(told->get_string());
      words = how == "fin_both"     ? "idle too long, the middlebox closed it with FINs"
              : how == "rst_both"   ? "idle too long, the middlebox reset both ends"
              : how == "rst_inside" ? "idle too long, the middlebox reset the inside"
                                    : words + ", " + how;
    }
    return words;
  }

  void gather_events() {
    const std::string expired = expiry_words();
    for (const Event& event : source_.record.events) {
      if (!is_of_link(event, link_)) continue;
      const std::string& name = event.event;
      const auto connection = event.count("conn");
      using enum CauseKind;
      if (name == "nat_expired") add(kMapping, event.at, expired, connection);
      if (name == "nat_flushed") add(kMapping, event.at, "the NAT forgot its mappings", connection);
      if (name == "half_closed") add(kReset, event.at, "a FIN that nobody sent", connection);
      if (name == "side_forgotten") {
        add(kReset, event.at, "the middlebox forgot the " + event.text("side"), connection);
      }
      if (name == "reset_on_next") add(kReset, event.at, "a reset from the middlebox", connection);
      if (name == "flap_down") add(kFlap, event.at, "the link went down", {});
      if (name == "peer_down") add(kMachine, event.at, "the listener's machine went down", {});
      if (name == "nat_revived") undo(kMapping, event.at, connection);
      if (name == "flap_up") undo(kFlap, event.at, {});
    }
  }

  void add(CauseKind kind, Instant at, const std::string& words,
           std::optional<std::uint64_t> connection) {
    causes_.push_back({kind, at, words, {}, connection, false});
  }

  void undo(CauseKind kind, Instant at, std::optional<std::uint64_t> connection) {
    for (Cause& cause : causes_) {
      const bool is_it = cause.kind == kind && cause.connection == connection;
      if (is_it && !cause.undone) cause.undone = at;
    }
  }

  // Only what silences or kills an open connection; a fault that tells its moment by an event of
  // its own (a flap, a reset) is known from that.
  void gather_bands() {
    const bool told = std::any_of(causes_.begin(), causes_.end(), [](const Cause& cause) {
      return cause.kind == CauseKind::kReset;
    });
    for (const FaultBand& band : bands_) {
      if (!band.node.empty() && (band.node == link_.dialer || band.node == link_.listener)) {
        add(CauseKind::kMachine, instant(band.begin_ms), band.name, {});
      }
      if (band.link != link_.id) continue;
      const bool silences =
          band.type == "blackhole" || band.type == "one_way_loss" || band.type == "link_down";
      const bool may_reset = band.type == "reset_on_next" || band.type == "asymmetric" ||
                             band.type == "half_close" || band.type == "reset_peer";
      if (!silences && (!may_reset || told)) continue;
      add(CauseKind::kFault, instant(band.begin_ms), band.text, {});
      if (band.end_ms < source_.duration_ms()) causes_.back().undone = instant(band.end_ms);
    }
  }

  void gather_destroyed() {
    for (const StepSpan& span : source_.record.steps) {
      for (const Step& step : source_.scenario.steps) {
        const auto* destroy = std::get_if<DestroyConnections>(&step.action);
        if (destroy == nullptr || step.id != span.id) continue;
        if (destroy->node != link_.dialer && destroy->node != link_.listener) continue;
        add(CauseKind::kReset, span.span.begin, "the kernel of " + destroy->node + " destroyed it",
            {});
      }
    }
  }

  [[nodiscard]] Instant instant(double milliseconds) const {
    return source_.record.whole.begin + Duration{static_cast<std::int64_t>(milliseconds * 1e6)};
  }

  [[nodiscard]] bool is_down(const std::string& node, Instant at) const {
    const double now = source_.milliseconds(at);
    return std::any_of(bands_.begin(), bands_.end(), [&](const FaultBand& band) {
      return band.node == node && now >= band.begin_ms && now <= band.end_ms;
    });
  }

  void gather_lives(const std::string& node, const std::string& peer) {
    Life* open = nullptr;
    for (const Event& event : source_.record.events) {
      if (event.node != node) continue;
      // A process that was killed ended its connections without a word.
      if (event.event == "started" && open != nullptr) {
        open->ended = event.at;
        open->is_over = true;
        open = nullptr;
      }
      if (event.event != "transition" || event.text("peer") != peer) continue;
      const bool live = is_live_state(event.text("to"));
      if (live && open == nullptr) {
        lives_.push_back({node, peer, event.at, {}, "", "", false, false});
        open = &lives_.back();
      }
      if (live || open == nullptr) continue;
      open->ended = event.at;
      open->reason = event.text("reason");
      open->error = event.text("errno") == "OK" ? "" : event.text("errno");
      open->is_over = open->reason == "shutdown" || is_down(node, event.at);
      open = nullptr;
    }
  }

  // The same connection as the other end lived it: the life that began nearest to this one's begin
  // among those that were there when this one ended, or had just ended.
  Life* other_end(const Life& life, Instant died) {
    Life* best = nullptr;
    const auto distance = [&](const Life& other) {
      return other.opened < life.opened ? life.opened - other.opened : other.opened - life.opened;
    };
    for (Life& other : lives_) {
      if (other.node == life.node || other.is_counted) continue;
      if (life.ended && other.opened > *life.ended) continue;
      if (other.ended && *other.ended + kAtOnce < died) continue;
      if (best == nullptr || distance(other) < distance(*best)) best = &other;
    }
    return best;
  }

  // The first thing since `from` that had not been undone long before `until`. What killed an
  // earlier connection once is over, unless it lasts.
  Cause* cause_between(Instant from, Instant until) {
    Cause* undone = nullptr;
    for (Cause& cause : causes_) {
      const bool lasts = cause.kind == CauseKind::kFault;
      const bool begins_in = cause.at + kWriteDelay >= from;
      if ((cause.is_spent || !begins_in) && !lasts) continue;
      if (cause.at > until + kWriteDelay || (cause.undone && *cause.undone < from)) continue;
      if (!cause.undone || *cause.undone >= until) return &cause;
      undone = &cause;
    }
    return undone;
  }

  Death describe_noticed(Life& life) {
    Death death;
    death.link = link_.id;
    death.dialer = link_.dialer;
    death.listener = link_.listener;
    Cause* cause = cause_between(life.opened, *life.ended);
    Instant died = *life.ended;
    if (cause != nullptr) {
      died = std::max(life.opened, std::min(cause->at, *life.ended));
      death.cause = cause->words;
      cause->is_spent = true;
    } else {
      death.cause = "nothing that the scenario did explains it";
    }
    death.died_ms = source_.clamped(died);
    death.is_silent = *life.ended - died > kAtOnce;
    life.is_counted = true;
    death.findings.push_back(finding_of(life));
    add_other_end(life, died, death);
    heal(life, death);
    return death;
  }

  [[nodiscard]] Finding finding_of(const Life& life) const {
    Finding finding{life.node, {}, life.reason, life.error};
    if (life.ended) finding.at_ms = source_.clamped(*life.ended);
    return finding;
  }

  void add_other_end(const Life& life, Instant died, Death& death) {
    Life* other = other_end(life, died);
    if (other == nullptr) return;
    other->is_counted = true;
    if (!other->is_over) death.findings.push_back(finding_of(*other));
  }

  void heal(const Life& life, Death& death) {
    for (const Life& next : lives_) {
      if (next.node != life.node || next.opened < *life.ended) continue;
      death.healed_ms = source_.clamped(next.opened);
      std::string direction;
      for (const Event& event : source_.record.events) {
        if (event.at > next.opened + kWriteDelay) break;
        const bool opens = event.node == next.node && event.event == "connection_opened" &&
                           event.text("peer") == next.peer;
        if (opens) direction = event.text("direction");
      }
      death.healed_by =
          "a new connection that " + (direction == "inbound" ? next.peer : next.node) + " dialled";
      return;
    }
  }

  // A mapping that is gone kills a connection also when no end ever asks.
  void find_unnoticed() {
    for (Life& life : lives_) {
      if (life.ended || life.is_counted) continue;
      Cause* cause = cause_between(life.opened, source_.record.whole.end);
      const bool in_it = cause != nullptr && cause->at + kWriteDelay >= life.opened;
      if (!in_it || cause->undone) continue;
      Death death;
      death.link = link_.id;
      death.dialer = link_.dialer;
      death.listener = link_.listener;
      death.died_ms = source_.clamped(cause->at);
      death.cause = cause->words;
      death.is_silent = true;
      cause->is_spent = true;
      life.is_counted = true;
      death.findings.push_back(finding_of(life));
      add_other_end(life, cause->at, death);
      deaths_.push_back(std::move(death));
    }
  }

  const Source& source_;
  const LinkSpec& link_;
  const std::vector<FaultBand>& bands_;
  std::vector<Cause> causes_;
  std::deque<Life> lives_;
  std::vector<Death> deaths_;
};

}  // namespace

std::vector<Death> find_deaths(const Source& source, const std::vector<FaultBand>& bands) {
  std::vector<Death> all;
  for (const LinkSpec& link : source.scenario.links) {
    const bool speaks =
        is_vote_node(source.scenario, link.dialer) || is_vote_node(source.scenario, link.listener);
    if (!speaks) continue;
    for (Death& death : LinkDeaths(source, link, bands).find()) {
      death.sentence = sentence_of(death);
      all.push_back(std::move(death));
    }
  }
  return all;
}

}  // namespace halfopen::timeline
