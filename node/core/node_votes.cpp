// The half of Node that is about votes: casting, taking, storing, counting.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "node/core/limits.hpp"
#include "node/core/node.hpp"

namespace halfopen::node {

void Node::restore(const Journal& journal) {
  // Few are owed of the many that are kept, so only these are looked for by their ids.
  std::map<VoteId, const SignedVote*> owed_votes;
  for (const auto& [name, votes] : journal.owed) {
    for (const VoteId& id : votes)
      owed_votes.emplace(id, nullptr);
  }
  for (const KeptVote& kept : journal.votes) {
    if (const auto owed = owed_votes.find(kept.id); owed != owed_votes.end()) {
      owed->second = &kept.vote;
    }
    const Vote& vote = kept.vote.vote;
    if (ledger_.find(vote.voter, slot_of(vote)) != nullptr) continue;
    ledger_.add(kept.vote, kept.id, Ledger::State::kDurable);
    count(vote, false);
  }
  if (journal.forgotten_up_to) ledger_.note_forgotten(own_key(), *journal.forgotten_up_to);
  for (const Equivocation& evidence : journal.evidence) {
    evidence_.push_back(evidence);
    equivocated_.emplace(std::pair{evidence.first.vote.voter, slot_of(evidence.first.vote)}, true);
  }
  for (const auto& [name, votes] : journal.owed) {
    Peer* peer = peer_named(name);
    if (peer == nullptr) {
      outputs_.store(ForgetPeer{name});
      continue;
    }
    if (!settings_.defences.retry.enabled) continue;
    for (const VoteId& id : votes) {
      const SignedVote* vote = owed_votes.at(id);
      if (vote == nullptr) continue;
      peer->offer(id, encode_frame(VoteMessage{*vote}), now_);
    }
  }
}

// --- casting ---

Vote Node::vote_of(const CastRequest& request) const {
  Vote vote{.network = settings_.network,
            .height = request.height.value_or(1),
            .round = request.round,
            .kind = request.kind,
            .choice = request.choice,
            .voter = own_key(),
            .time_milliseconds = request.time_milliseconds};
  if (request.height) return vote;
  for (const auto& used : {ledger_.highest(own_key()), ledger_.forgotten_up_to(own_key())}) {
    if (used) vote.height = std::max(vote.height, used->height + 1);
  }
  return vote;
}

std::optional<CastRefusal> Node::refusal_of(const Vote& vote) const {
  const auto forgotten = ledger_.forgotten_up_to(own_key());
  if (forgotten && slot_of(vote) <= *forgotten) return CastRefusal::kForgotten;
  // Those that are being stored will be owed, too.
  const std::size_t coming = callers_.size();
  if (coming >= kOutboxVotesMax) return CastRefusal::kOutboxFull;
  const bool is_full = settings_.defences.retry.enabled &&
                       std::any_of(peers_.begin(), peers_.end(), [&](const Peer& peer) {
                         return peer.outbox().size() + coming >= kOutboxVotesMax;
                       });
  if (is_full) return CastRefusal::kOutboxFull;
  return std::nullopt;
}

void Node::on(const CastRequested& event, Instant) {
  if (is_stopping()) return answer(event.ticket, CastRefusal::kStopping);
  const Vote vote = vote_of(event.request);
  const Slot slot = slot_of(vote);
  const Caller caller{event.ticket, event.waits_for_peers};
  if (const Ledger::Known* known = ledger_.find(own_key(), slot)) {
    if (known->vote.vote.choice != vote.choice) {
      return answer(event.ticket, CastRefusal::kConflict);
    }
    return answer_known(*known, caller);
  }
  if (const auto refusal = refusal_of(vote)) return answer(event.ticket, *refusal);
  const VoteId id = id_of(vote);
  ledger_.add(sign(vote, *settings_.key), id, Ledger::State::kPending);
  callers_[id].push_back(caller);
  keep(*ledger_.find(own_key(), slot));
}

// The very same was cast before.
void Node::answer_known(const Ledger::Known& known, const Caller& caller) {
  switch (known.state) {
    case Ledger::State::kDurable:
      if (caller.waits_for_peers) return wait_for_peers(known.id, caller.ticket);
      return answer(caller.ticket, known.id);
    case Ledger::State::kPending:
      callers_[known.id].push_back(caller);
      return;
    case Ledger::State::kFailed:
      // It was signed, so nothing else may be signed for its slot; but it may be stored after all.
      callers_[known.id].push_back(caller);
      ledger_.mark(own_key(), slot_of(known.vote.vote), Ledger::State::kPending);
      return keep(known);
  }
}

void Node::keep(const Ledger::Known& known) {
  KeepOwnVote entry{known.vote, known.id, {}};
  if (settings_.defences.retry.enabled) {
    for (const Peer& peer : peers_)
      entry.owed_to.push_back(peer.name());
  }
  const Pending pending{.kind = Pending::Kind::kOwnVote,
                        .peer = {},
                        .voter = own_key(),
                        .slot = slot_of(known.vote.vote),
                        .id = known.id};
  pending_.emplace(outputs_.store(std::move(entry)), pending);
}

void Node::finish_own_vote(const StoreAnswer& answered, const Pending& pending, Instant now) {
  const bool is_durable = answered.is_durable;
  const auto callers = callers_.extract(pending.id);
  const auto state = is_durable ? Ledger::State::kDurable : Ledger::State::kFailed;
  ledger_.mark(own_key(), pending.slot, state);
  if (is_durable) {
    const SignedVote vote = ledger_.find(own_key(), pending.slot)->vote;
    note(note::VoteCast{vote.vote, pending.id});
    count(vote.vote, true);
    note(note::Broadcast{pending.id, peers_.size(), outputs_.pool_size});
    const SharedFrame frame = encode_frame(VoteMessage{vote});
    // The store says who is owed the vote after a crash, and a peer that came later is not.
    for (Peer& peer : peers_) {
      if (peer.was_configured_at(answered.ticket)) peer.offer(pending.id, frame, now);
    }
  }
  if (callers.empty()) return;
  for (const Caller& caller : callers.mapped()) {
    if (!is_durable) {
      answer(caller.ticket, CastRefusal::kStoreFailed);
    } else if (caller.waits_for_peers) {
      wait_for_peers(pending.id, caller.ticket);
    } else {
      answer(caller.ticket, pending.id);
    }
  }
}

void Node::wait_for_peers(const VoteId& id, std::uint64_t ticket) {
  const auto owed = std::count_if(peers_.begin(), peers_.end(),
                                  [&](const Peer& peer) { return peer.outbox().contains(id); });
  if (owed == 0) return answer(ticket, id);
  Waiting& waiting = waiting_[id];
  waiting.peers = static_cast<std::size_t>(owed);
  waiting.tickets.push_back(ticket);
}

void Node::collect_settled(Peer& peer) {
  for (const VoteId& id : peer.take_settled()) {
    const auto waiting = waiting_.find(id);
    if (waiting == waiting_.end() || --waiting->second.peers > 0) continue;
    for (const std::uint64_t ticket : waiting->second.tickets)
      answer(ticket, id);
    waiting_.erase(waiting);
  }
}

void Node::answer(std::uint64_t ticket, std::variant<VoteId, CastRefusal> content) {
  outputs_.actions.emplace_back(AnswerCast{ticket, content});
}

// --- votes of peers ---

void Node::take_votes(Peer& peer, Instant now) {
  while (const auto vote = peer.next_vote(now))
    take_vote(peer, *vote, now);
}

void Node::take_vote(Peer& peer, const SignedVote& signed_vote, Instant now) {
  const Vote& vote = signed_vote.vote;
  const VoteId id = id_of(vote);
  if (vote.network != settings_.network) {
    return refuse(peer, signed_vote, id, Refusal::kWrongNetwork);
  }
  // Nodes do not relay, so a peer has only its own votes to tell.
  if (vote.voter != peer.settings().key) {
    return refuse(peer, signed_vote, id, Refusal::kWrongVoter);
  }
  const Ledger::Known* known = ledger_.find(vote.voter, slot_of(vote));
  if (known != nullptr && known->id == id) {
    // One that is on its way to the store is acknowledged when it is there.
    if (known->state != Ledger::State::kDurable) return;
    note(note::VoteReceived{peer.name(), vote, id, note::Received::kDuplicate});
    return peer.acknowledge_to_peer(id);
  }
  if (vote.time_milliseconds < 0 || vote.time_milliseconds > kVoteTimeMillisecondsMax) {
    return refuse(peer, signed_vote, id, Refusal::kBadTime);
  }
  if (!is_signed_by_voter(signed_vote)) {
    return refuse(peer, signed_vote, id, Refusal::kBadSignature);
  }
  if (known != nullptr) return take_equivocation(peer, known->vote, signed_vote);
  std::size_t& coming = pending_votes_[peer.name()];
  if (coming >= kPendingPeerVotesMax) return peer.on_lost(Reason::kOverflow, 0, now);
  ++coming;
  ledger_.add(signed_vote, id, Ledger::State::kPending);
  const Pending pending{.kind = Pending::Kind::kPeerVote,
                        .peer = peer.name(),
                        .voter = vote.voter,
                        .slot = slot_of(vote),
                        .id = id};
  pending_.emplace(outputs_.store(KeepPeerVote{signed_vote, id}), pending);
}

void Node::refuse(Peer& peer, const SignedVote& vote, const VoteId& id, Refusal refusal) {
  note(note::VoteReceived{peer.name(), vote.vote, id, note::Received::kRejected, refusal});
  peer.refuse_to_peer(id, refusal);
}

void Node::take_equivocation(Peer& peer, const SignedVote& first, const SignedVote& second) {
  const PublicKey voter = second.vote.voter;
  const Slot slot = slot_of(second.vote);
  const VoteId id = id_of(second.vote);
  const auto known = equivocated_.find({voter, slot});
  const bool is_full = known == equivocated_.end() && equivocated_.size() >= kEvidenceMax;
  if (is_full || (known != equivocated_.end() && known->second)) {
    return refuse(peer, second, id, Refusal::kEquivocation);
  }
  // A refusal ends the matter for the peer, so none is said before the store has the evidence.
  if (known != equivocated_.end()) return;
  equivocated_.emplace(std::pair{voter, slot}, false);
  evidence_.push_back({first, second});
  const Pending pending{.kind = Pending::Kind::kEvidence,
                        .peer = peer.name(),
                        .voter = voter,
                        .slot = slot,
                        .id = id};
  pending_.emplace(outputs_.store(KeepEvidence{{first, second}}), pending);
}

void Node::finish_peer_vote(const Pending& pending, bool is_durable) {
  --pending_votes_[pending.peer];
  const SignedVote vote = ledger_.find(pending.voter, pending.slot)->vote;
  if (!is_durable) {
    // It is not acknowledged, so it comes again.
    ledger_.remove(pending.voter, pending.slot);
    return note(note::VoteReceived{pending.peer, vote.vote, pending.id, note::Received::kRejected});
  }
  ledger_.mark(pending.voter, pending.slot, Ledger::State::kDurable);
  note(note::VoteReceived{pending.peer, vote.vote, pending.id, note::Received::kStored});
  count(vote.vote, true);
  if (Peer* peer = peer_named(pending.peer)) peer->acknowledge_to_peer(pending.id);
}

void Node::finish_evidence(const Pending& pending, bool is_durable) {
  const auto pair = std::find_if(evidence_.begin(), evidence_.end(), [&](const auto& kept) {
    return kept.first.vote.voter == pending.voter && slot_of(kept.first.vote) == pending.slot;
  });
  HALFOPEN_ASSERT(pair != evidence_.end());
  if (!is_durable) {
    // The vote is not refused, so it comes again.
    equivocated_.erase({pending.voter, pending.slot});
    evidence_.erase(pair);
    return;
  }
  equivocated_[{pending.voter, pending.slot}] = true;
  note(note::EquivocationFound{pending.peer, *pair});
  if (Peer* peer = peer_named(pending.peer))
    refuse(*peer, pair->second, pending.id, Refusal::kEquivocation);
}

// --- what both have in common ---

void Node::on(const StoreAnswered& event, Instant now) {
  for (const StoreAnswer& answer : event.answers) {
    const auto pending = pending_.extract(answer.ticket);
    if (pending.empty()) continue;  // a delivery: losing it only costs a resend
    switch (pending.mapped().kind) {
      case Pending::Kind::kOwnVote:
        finish_own_vote(answer, pending.mapped(), now);
        break;
      case Pending::Kind::kPeerVote:
        finish_peer_vote(pending.mapped(), answer.is_durable);
        break;
      case Pending::Kind::kEvidence:
        finish_evidence(pending.mapped(), answer.is_durable);
        break;
    }
  }
}

void Node::count(const Vote& vote, bool is_told) {
  const std::uint64_t weight = weight_of(vote.voter);
  if (weight == 0) return;
  const Slot slot = slot_of(vote);
  if (!tally_.count(slot, vote.choice, weight) || !is_told) return;
  note(note::QuorumReached{slot, vote.choice, tally_.weight_of(slot, vote.choice),
                           tally_.total_weight()});
}

}  // namespace halfopen::node
