// Packets between the ends: what passes, what is lost, what draws a reset; and faults.
#include "harness/model/prediction/link_walk.hpp"

#include <algorithm>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/fault_types.hpp"
#include "harness/model/prediction/attributes.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kHappeningsMax = 12;
constexpr std::size_t kQueueMax = 64;

std::size_t index_of(LinkEnd end) {
  return static_cast<std::size_t>(end);
}

}  // namespace

LinkWalk::LinkWalk(WalkTerms terms) : terms_(std::move(terms)) {
  for (const LinkEnd end : {LinkEnd::kDialer, LinkEnd::kListener})
    state(end).probe_at = defences(end).keepalive.idle;
}

bool LinkWalk::is_open(LinkEnd end) const {
  return state(end).process_up && !state(end).finding;
}

std::optional<Duration> LinkWalk::user_timeout(LinkEnd end) const {
  const auto& setting = defences(end).user_timeout;
  return setting.enabled ? std::optional(setting.timeout) : std::nullopt;
}

void LinkWalk::happened(std::string text, bool notable) {
  if (notable) ++notable_count_;
  if (happenings_.size() < kHappeningsMax) happenings_.push_back({now_, std::move(text), {}});
}

void LinkWalk::happened_to(LinkEnd end, std::string text, bool notable) {
  if (notable) ++notable_count_;
  if (happenings_.size() < kHappeningsMax) happenings_.push_back({now_, std::move(text), end});
}

void LinkWalk::note_packet(bool carries_bytes) {
  const bool by_bytes = mapping_ && mapping_->terms.by_bytes;
  if (by_bytes && !carries_bytes) return;
  longest_silence_ = std::max(longest_silence_, now_ - last_packet_);
  last_packet_ = now_;
}

Duration LinkWalk::mapping_deadline() const {
  const Mapping& mapping = *mapping_;
  const bool waits = mapping.awaits_ack && mapping.terms.unacked_timeout.has_value();
  const Duration timeout =
      waits ? std::min(*mapping.terms.unacked_timeout, mapping.terms.idle_timeout)
            : mapping.terms.idle_timeout;
  return mapping.refreshed_at + timeout + terms_.shift.mapping;
}

// --- packets ---

LinkWalk::Passage LinkWalk::through_mapping(LinkEnd from, bool carries_bytes) {
  if (has_side_fate_.at(index_of(from))) {
    return side_fate_.at(index_of(from)) == Forgotten::kReset ? Passage::kReset : Passage::kLost;
  }
  if (!mapping_) return Passage::kArrives;
  Mapping& mapping = *mapping_;
  if (mapping.live) {
    if (carries_bytes || !mapping.terms.by_bytes) mapping.refreshed_at = now_;
    return Passage::kArrives;
  }
  switch (mapping.forgotten.at(index_of(from))) {
    case Forgotten::kRevive:
      mapping.live = true;
      mapping.refreshed_at = now_;
      happened("the next packet of the " +
                   std::string(from == terms_.inside ? "inside" : "outside") +
                   " makes the mapping anew",
               false);
      return Passage::kArrives;
    case Forgotten::kReset:
      // The flow is gone for good: nobody picks it up any more.
      for (Forgotten& fate : mapping.forgotten)
        if (fate == Forgotten::kRevive) fate = Forgotten::kReset;
      return Passage::kReset;
    case Forgotten::kTold:
      // Whoever sent the FIN answers probes for another minute, and resets data.
      return mapping.terms.on_expiry == "fin_both" && !carries_bytes ? Passage::kAnswered
                                                                     : Passage::kReset;
    case Forgotten::kDrop:
      return Passage::kLost;
  }
  return Passage::kLost;
}

LinkWalk::Passage LinkWalk::pass(LinkEnd from, bool carries_bytes) {
  const auto side = index_of(from);
  for (const auto& [name, cut] : cuts_) {
    if (cut.before_nat.at(side)) return Passage::kLost;
  }
  const Passage passage = through_mapping(from, carries_bytes);
  if (passage == Passage::kAnswered) return Passage::kArrives;
  if (passage != Passage::kArrives) return passage;
  for (const auto& [name, cut] : cuts_) {
    if (cut.after_nat.at(side)) return Passage::kLost;
  }
  const State& to = state(other(from));
  if (!to.machine_up) return Passage::kLost;
  note_packet(carries_bytes);
  if (to.kernel_knows || (!carries_bytes && now_ < to.fin_wait_until)) return Passage::kArrives;
  // A machine that knows no such connection resets who speaks, if its word gets through.
  for (const auto& [name, cut] : cuts_) {
    const auto back = index_of(other(from));
    if (cut.before_nat.at(back) || cut.after_nat.at(back)) return Passage::kLost;
  }
  return Passage::kReset;
}

bool LinkWalk::is_whole(LinkEnd end) const {
  LinkWalk probe = *this;
  return is_open(end) && state(end).kernel_knows && state(end).error.empty() &&
         !state(end).fin_came && probe.pass(end, true) == Passage::kArrives &&
         probe.pass(other(end), false) == Passage::kArrives;
}

bool LinkWalk::owes_acknowledgement() const {
  for (const LinkEnd end : {LinkEnd::kDialer, LinkEnd::kListener}) {
    if (is_open(end) && state(end).oldest_vote_at) return true;
  }
  return false;
}

void LinkWalk::send(LinkEnd from, Payload payload) {
  State& self = state(from);
  if (!is_open(from)) return;
  if (!self.error.empty()) return give_up(from, self.error);
  if (self.queue.size() < kQueueMax) self.queue.push_back(payload);
  transmit(from, true);
}

// Everything that the other kernel has not acknowledged, as one segment.
void LinkWalk::transmit(LinkEnd from, bool is_first) {
  State& self = state(from);
  switch (pass(from, true)) {
    case Passage::kReset: {
      // Where a frame takes two writes the second one is told at once, by its own errno.
      const bool told = is_first && defences(from).writes_per_frame == 2;
      const bool knew = self.fin_came;
      if (told) return give_up(from, knew ? "broken_pipe" : "reset");
      return hear_reset(from);
    }
    case Passage::kLost:
    case Passage::kAnswered:
      break;
    case Passage::kArrives: {
      const LinkEnd to = other(from);
      state(to).last_segment = now_;
      state(to).probes_out = 0;
      state(to).probe_at = now_ + defences(to).keepalive.idle;
      const bool acknowledged = pass(to, false) == Passage::kArrives;
      if (mapping_) mapping_->awaits_ack = !acknowledged;
      const std::vector<Payload> payloads =
          acknowledged ? std::exchange(self.queue, {}) : self.queue;
      if (acknowledged) {
        self.unacked_since.reset();
        self.last_segment = now_;
        self.probes_out = 0;
        self.probe_at = now_ + defences(from).keepalive.idle;
      }
      for (const Payload payload : payloads)
        arrive(to, payload);
      if (acknowledged) return;
      break;
    }
  }
  if (mapping_) mapping_->awaits_ack = true;
  if (self.unacked_since) return;
  self.unacked_since = now_;
  self.retransmit_gap = kMeasuredFirst;
  self.retransmit_at = now_ + kMeasuredFirst;
}

void LinkWalk::arrive(LinkEnd at, Payload payload) {
  if (!is_open(at)) return;
  if (is_reading(at)) return process(at, payload);
  State& self = state(at);
  if (self.backlog.size() < kQueueMax) self.backlog.push_back(payload);
}

// --- faults ---

// A cable carries both directions; which side's cable it is decides what a mapping still sees.
void LinkWalk::cut_cable(const std::string& name, const std::string& at) {
  const auto inside = index_of(terms_.inside);
  const auto outside = 1 - inside;
  const bool cut_inside = at != "outside";
  const bool cut_outside = at != "inside";
  Cut cut;
  cut.before_nat.at(inside) = cut_inside;
  cut.after_nat.at(inside) = cut_outside;
  cut.before_nat.at(outside) = cut_outside;
  cut.after_nat.at(outside) = cut_inside;
  cuts_[name] = cut;
  closed_[name] = "silent";
}

void LinkWalk::cut_direction(const std::string& name, LinkEnd from) {
  Cut cut;
  cut.after_nat.at(index_of(from)) = true;
  cuts_[name] = cut;
  closed_[name] = "silent";
}

// asymmetric and half_close: one end is told, or not, and what it then sends meets nobody.
void LinkWalk::forget_side(const FaultSpec& fault) {
  const auto& with = fault.attributes;
  if (with.contains("after")) {
    return not_modelled_.push_back("fault " + fault.type + " with \"after\"");
  }
  const bool half = fault.type == "half_close";
  const bool is_client = word_attribute(with, half ? "side" : "forget", "client") == "client";
  const LinkEnd end = is_client ? LinkEnd::kDialer : LinkEnd::kListener;
  const std::string how = half ? "fin" : word_attribute(with, "how", "silent");
  if (!half) {
    has_side_fate_ = {true, true};
    // Nobody is at the end of the forgotten side's connection any more, and its kernel says so.
    side_fate_.at(index_of(end)) = Forgotten::kReset;
    side_fate_.at(index_of(other(end))) =
        word_attribute(with, "then", "drop") == "rst" ? Forgotten::kReset : Forgotten::kDrop;
  }
  if (how == "rst") hear_reset(end);
  if (how == "fin") hear_fin(end);
}

void LinkWalk::reset_on_next(const std::string& side) {
  for (const LinkEnd end : {LinkEnd::kDialer, LinkEnd::kListener}) {
    const bool is_named = side == "both" || (side == "client") == (end == LinkEnd::kDialer);
    has_side_fate_.at(index_of(end)) = true;
    side_fate_.at(index_of(end)) = is_named ? Forgotten::kReset : Forgotten::kDrop;
  }
  happened("from now on the connection's next packet draws a reset", false);
}

void LinkWalk::set_fault(const FaultSpec& fault) {
  const auto& with = fault.attributes;
  const bool early = happenings_.empty() && now_ == Duration{0};
  if (!early && fault.type != "nat") happened("fault " + fault.type + " begins", false);
  if (fault.type == "nat") {
    mapping_ = Mapping{read_nat_terms(with), fault.name, true, now_, false, {}};
  } else if (fault.type == "blackhole") {
    const std::string direction = word_attribute(with, "direction", "both");
    if (direction == "both") return cut_cable(fault.name, word_attribute(with, "at", "both"));
    cut_direction(fault.name, direction == "upstream" ? LinkEnd::kDialer : LinkEnd::kListener);
  } else if (fault.type == "link_down") {
    cut_cable(fault.name, word_attribute(with, "at", "outside"));
  } else if (fault.type == "one_way_loss") {
    const bool outward = word_attribute(with, "toward", "outside") == "outside";
    cut_direction(fault.name, outward ? terms_.inside : other(terms_.inside));
  } else if (fault.type == "syn_drop" || fault.type == "refuse") {
    closed_[fault.name] = fault.type == "refuse" ? "refused" : "silent";
  } else if (fault.type == "reset_on_next") {
    reset_on_next(word_attribute(with, "side", "both"));
  } else if (fault.type == "asymmetric" || fault.type == "half_close") {
    forget_side(fault);
  } else if (fault.type != "noop") {
    not_modelled_.push_back("fault " + fault.type);
  }
}

void LinkWalk::clear_fault(const FaultSpec& fault) {
  cuts_.erase(fault.name);
  closed_.erase(fault.name);
  if (fault.type == "nat" && mapping_) {
    // What is forgotten stays forgotten for the connection that was.
    if (!mapping_->live) {
      has_side_fate_ = {true, true};
      side_fate_ = mapping_->forgotten;
    }
    mapping_.reset();
  }
  happened("fault " + fault.type + " ends", false);
}

void LinkWalk::expire(const std::string& why, bool by_timeout) {
  Mapping& mapping = *mapping_;
  mapping.live = false;
  const auto inside = index_of(terms_.inside);
  const auto outside = 1 - inside;
  mapping.forgotten.at(inside) = mapping.terms.inside;
  mapping.forgotten.at(outside) = mapping.terms.outside;
  happened(why);
  if (!by_timeout || mapping.terms.on_expiry == "none") return;
  mapping.forgotten.at(inside) = Forgotten::kTold;
  if (mapping.terms.on_expiry == "fin_both") {
    mapping.forgotten.at(outside) = Forgotten::kTold;
    hear_fin(terms_.inside);
    hear_fin(other(terms_.inside));
    return;
  }
  hear_reset(terms_.inside);
  if (mapping.terms.on_expiry != "rst_both") return;
  mapping.forgotten.at(outside) = Forgotten::kTold;
  hear_reset(other(terms_.inside));
}

void LinkWalk::flush_nat() {
  if (mapping_ && mapping_->live) expire("the NAT forgets every mapping (flush_nat)", false);
}

}  // namespace halfopen
